/**
 * Tensors of one value. A zero weight in one block of many whose siblings are alive is dead; the same in all of them is how
 * the model was initialised (LoRA's B, gates that open during training).
 */
import { pathOfNode } from '../../../model/labels.ts';
import type { Problem } from '../../../model/state-dict.ts';
import { findBelow, type HealthFacts } from '../facts.ts';
import { fewOf, type Member, type Sequence } from '../sequences.ts';
import { type CheckedTensor, typeText } from './checked-tensor.ts';

/** Fewer siblings are no witnesses. */
const WITNESSES = 3;
/** What is trained from random numbers; other parameters may well begin, and stay, as one number. */
const WEIGHT = /weight|kernel|proj/;

export const isStill = ({ isWeight, shape, stats }: CheckedTensor): boolean =>
  isWeight &&
  stats.count > 1 &&
  stats.min !== undefined &&
  stats.min === stats.max &&
  stats.nan === 0 &&
  shape.length > 0;

export function* judgeStillTensors(facts: HealthFacts, still: ReadonlyMap<number, CheckedTensor>): Iterable<Problem> {
  const told = new Set<string>();
  const homes = findHomes(facts);
  for (const tensor of still.values()) {
    const { sequence, path } = placeOf(facts, homes, tensor.node);
    if (!sequence) {
      if (tensor.shape.length > 1) yield describe(tensor, 'note', '');
      continue;
    }
    const twins = sequence.members.flatMap(({ node }) => findBelow(facts.tree, node, path) ?? []);
    const dead = twins.filter((node) => still.has(facts.tree.entry[node]!));
    const alive = twins.length - dead.length;
    if (alive >= WITNESSES && dead.length <= fewOf(twins.length)) {
      const severity = WEIGHT.test(tensor.label) ? 'warning' : 'note';
      if (tensor.shape.length > 1 || (tensor.label === 'weight' && tensor.stats.max === 0))
        yield describe(tensor, severity, ` while those of ${alive} siblings vary`);
      continue;
    }
    const pattern = `${sequence.parent} ${path}`;
    if (tensor.shape.length < 2 || told.has(pattern)) continue;
    told.add(pattern);
    const others = dead.length > 1 ? `, and so are those of ${dead.length - 1} siblings` : '';
    yield describe(tensor, 'note', others);
  }
}

type Homes = ReadonlyMap<number, { readonly sequence: Sequence; readonly member: Member }>;

function findHomes({ sequences }: HealthFacts): Homes {
  const homes = new Map<number, { sequence: Sequence; member: Member }>();
  for (const sequence of sequences) for (const member of sequence.members) homes.set(member.node, { sequence, member });
  return homes;
}

/** The innermost sequence a tensor stands in, and its path from the member. */
function placeOf({ tree }: HealthFacts, homes: Homes, node: number): { sequence?: Sequence; path: string } {
  for (let at = tree.parent[node]!; at > 0; at = tree.parent[at]!) {
    const home = homes.get(at);
    if (!home) continue;
    const path = pathOfNode(tree, node).slice(pathOfNode(tree, at).length + 1);
    return { sequence: home.sequence, path };
  }
  return { path: '' };
}

function describe(tensor: CheckedTensor, severity: Problem['severity'], more: string): Problem {
  const value = tensor.stats.max ?? 0;
  const isZero = value === 0;
  return {
    code: isZero ? 'all-zero' : 'constant',
    severity,
    message: `All values of ${tensor.key} (${typeText(tensor)}) are ${isZero ? 'zero' : value.toPrecision(6).replace(/\.?0+$/, '')}${more}.`,
    advice:
      severity === 'warning'
        ? 'This part of the model does nothing. It was probably never loaded or trained, or its bytes were lost in a copy: compare with the original.'
        : 'So it was initialised, and training has not changed it, or it was lost. In an untrained model nothing is wrong with it.',
    entry: tensor.row,
  };
}
