import { StateglassError } from '../../base/errors.ts';
import type { DerivedInput, StateDict } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import {
  type Derived,
  deriveTensors,
  type FoundTensor,
  findTensor,
  planOp,
  requireInput,
  requireNumbers,
} from '../edit-tensor.ts';
import { wordChoice } from '../find-rows.ts';
import { findDonor } from '../give-values.ts';
import type { Donors } from '../op.ts';

const SPEC = { keys: 'texts', weight: 'number', others: 'anything', untie: 'flag?' } as const;
const TERM = { donor: 'text?', key: 'text?', weight: 'number' } as const;

/** A tensor that is added: the donor's, or without one the document's own, under `key` or the same key. */
export type SumTerm = ArgsOf<typeof TERM>;

/** Tied entries are changed together unless `untie` is set. */
export type WeightedSumArgs = Omit<ArgsOf<typeof SPEC>, 'others'> & { readonly others: readonly SumTerm[] };

/**
 * Every tensor becomes its own elements times `weight` plus those of others of its shape times theirs, computed in f64 and rounded once to
 * its type. A weight of 0 leaves a tensor out altogether, its NaN too. Equal weights that sum to 1 are the average.
 */
export const weightedSum = planOp<WeightedSumArgs>({
  id: 'weighted-sum',
  title: (args) =>
    `Sum ${wordChoice(args)}: ${[`× ${args.weight}`, ...args.others.map((term) => `${wordTerm(term)} × ${term.weight}`)].join(' + ')}`,
  parse(args) {
    const read = readArgs('weighted-sum', args, SPEC);
    if (!Array.isArray(read.others) || read.others.length === 0) throw bad('others is a list of {donor, key, weight}');
    const others = read.others.map((term) => readArgs('weighted-sum', term, TERM));
    const weights = [read.weight, ...others.map(({ weight }) => weight)];
    if (!weights.every(Number.isFinite)) throw bad('weights are finite numbers');
    if (weights.every((weight) => weight === 0)) throw bad('with weights of 0 nothing is left');
    if (read.keys.length > 1 && others.some(({ donor, key }) => key !== undefined || donor === undefined))
      throw bad('several tensors are summed with those of the same keys in donors: name donors, and no key');
    return { ...read, others };
  },
  plan: (state, { keys, weight, others, untie }, donors) =>
    deriveTensors(state, keys, (found) => sum(state, donors, found, weight, others), untie),
});

function sum(
  state: StateDict,
  donors: Donors,
  found: FoundTensor,
  weight: number,
  others: readonly SumTerm[],
): Derived | undefined {
  requireNumbers(found, 'weighted-sum');
  const { dtype, shape } = found.value;
  const terms: { readonly weight: number; readonly input: DerivedInput }[] = [];
  const add = (one: FoundTensor, times: number) => {
    if (times !== 0) terms.push({ weight: times, input: requireInput(one) });
  };
  add(found, weight);
  for (const { donor, key = found.entry.key, weight: times } of others) {
    const from = donor === undefined ? state : findDonor(donors, donor);
    const other = findTensor(from, key, donor);
    requireNumbers(other, 'weighted-sum');
    if (other.value.shape.join() !== shape.join()) {
      const theirs = `${donor === undefined ? '' : `${donor}: `}${key} has the shape [${other.value.shape.join(', ')}]`;
      throw bad(`${theirs}, and ${found.entry.key} [${shape.join(', ')}]`);
    }
    add(other, times);
  }
  if (terms.length === 1 && terms[0]?.weight === 1 && weight === 1) return undefined;
  const weights = terms.map((term) => term.weight);
  return { dtype, shape, expr: { kind: 'combine', dtype, weights }, inputs: terms.map(({ input }) => input) };
}

const wordTerm = ({ donor, key }: SumTerm): string =>
  [donor, key].filter((word) => word !== undefined).join(': ') || 'itself';

const bad = (detail: string): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `weighted-sum: ${detail}` });
