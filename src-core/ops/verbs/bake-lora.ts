import { StateglassError } from '../../base/errors.ts';
import type { StateDict } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { deriveTensors, planOp } from '../edit-tensor.ts';
import { findDonor } from '../give-values.ts';
import type { Donors } from '../op.ts';
import { type LoraOptions, planLora } from '../plan-lora.ts';

const SPEC = {
  donor: 'text?',
  adapter: 'text?',
  strength: 'number?',
  alpha: 'anything?',
  rankStabilised: 'flag?',
  fanInFanOut: 'flag?',
  partial: 'flag?',
  remove: 'flag?',
  untie: 'flag?',
} as const;
/**
 * The updates are the donor's, or without one the document's own; `LoraOptions` says what becomes of them. Updates that cannot be baked
 * are refused unless `partial` is set: they are left then. `remove` takes what was baked out of the document.
 * Entries tied to a weight follow it unless `untie` is set.
 */
export type BakeLoraArgs = Omit<ArgsOf<typeof SPEC>, 'alpha'> & LoraOptions;

/**
 * Adds low-rank updates to the weights they are of: W + scale × (B @ A), scale being strength × alpha / rank, computed in f64 and rounded
 * once to the type of W. Linear weights, whichever way they are stored, embeddings and convolutions.
 */
export const bakeLora = planOp<BakeLoraArgs>({
  id: 'bake-lora',
  title(args, state, donors) {
    const { bakes, left } = planLora(state, loraOf(state, args, donors), args);
    const strength = args.strength === undefined || args.strength === 1 ? '' : ` × ${args.strength}`;
    const rest = left.length > 0 ? `, ${left.length} left` : '';
    const weights = bakes.length === 1 ? '1 weight' : `${bakes.length} weights`;
    return `Bake LoRA${args.donor === undefined ? '' : ` of ${args.donor}`}${strength} into ${weights}${rest}`;
  },
  parse(args) {
    const read = readArgs('bake-lora', args, SPEC);
    const { alpha, strength = 1 } = read;
    if (!(alpha === undefined || alpha === 'rank' || Number.isFinite(alpha))) throw bad('alpha is a number, or "rank"');
    if (!Number.isFinite(strength)) throw bad('strength is a finite number');
    if (read.remove && read.donor !== undefined) throw bad('what a donor has is not removed');
    return read as BakeLoraArgs;
  },
  plan(state, args, donors) {
    const { bakes, left } = planLora(state, loraOf(state, args, donors), args);
    const [first] = left;
    if (first && (!args.partial || bakes.length === 0)) {
      const more = left.length > 1 ? `, and ${left.length - 1} more cannot be baked` : '';
      throw bad(`${first.key}: ${first.why}${more}`);
    }
    const what = args.donor ?? 'the document';
    if (bakes.length === 0)
      throw new StateglassError({ kind: 'not-found', what, detail: 'no pair of LoRA factors is in it' });
    const derivedOf = new Map(bakes.map(({ key, derived }) => [key, derived]));
    const change = deriveTensors(state, [...derivedOf.keys()], ({ entry }) => derivedOf.get(entry.key), args.untie);
    return change && args.remove ? { ...change, remove: new Set(bakes.flatMap(({ rows }) => rows)) } : change;
  },
});

const loraOf = (state: StateDict, { donor }: BakeLoraArgs, donors: Donors): StateDict =>
  donor === undefined ? state : findDonor(donors, donor);

const bad = (detail: string): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `bake-lora: ${detail}` });
