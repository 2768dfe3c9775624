import { pathOfNode } from '../../../model/labels.ts';
import { type EntryId, NO_SHAPE, type Problem } from '../../../model/state-dict.ts';
import { dtypeLabel } from '../../../tensor/dtype.ts';
import type { HealthFacts } from '../facts.ts';
import { entriesBelow, fewOf, groupMembers, isComposite, type Member, type Sequence } from '../sequences.ts';

/** Fewer blocks make no pattern. */
const MEMBERS_MIN = 4;
/** A weight and its bias: more tensors that differ are a block that was made so. */
const BROKEN_MAX = 2;

/**
 * Tensors whose shape or dtype breaks the pattern of their siblings: nearly all blocks are alike to the last tensor, and in
 * one block one tensor (with its bias) is not. Blocks that alternate or grow from stage to stage have no such majority, and a
 * first block may take another width in, a last one give another out.
 */
export function* findOddTensors(facts: HealthFacts): Iterable<Problem> {
  const told = new Set<EntryId>();
  for (const sequence of facts.sequences) {
    for (const group of groupMembers(sequence.members, 'names')) {
      const [alike, ...odd] = groupMembers(group, 'structure');
      const few = odd.reduce((sum, members) => sum + members.length, 0);
      if (!alike || few === 0 || few > fewOf(group.length) || group.length < MEMBERS_MIN) continue;
      if (!isComposite(facts.tree, alike[0]!) && group.length < 2 * MEMBERS_MIN) continue;
      for (const member of odd.flat()) yield* compareMember(facts, sequence, member, alike, told);
    }
  }
}

function* compareMember(
  facts: HealthFacts,
  sequence: Sequence,
  member: Member,
  alike: readonly Member[],
  told: Set<EntryId>,
): Iterable<Problem> {
  const { tree } = facts;
  const there = entriesBelow(tree, (alike[0] as Member).node);
  const pairs = [...entriesBelow(tree, member.node)].map(([name, node]) => ({ node, twin: there.get(name) as number }));
  const shapes = pairs.filter(({ node, twin }) => tree.shape[node] !== tree.shape[twin]);
  const dtypes = pairs.filter(({ node, twin }) => tree.dtype[node] !== tree.dtype[twin]);
  for (const [broken, describe] of [
    [shapes, describeShape],
    [dtypes, describeDType],
  ] as const) {
    if (broken.length > BROKEN_MAX || new Set(broken.map(({ node }) => tree.parent[node])).size > 1) continue;
    for (const { node, twin } of broken) {
      const entry = tree.entry[node]!;
      if (told.has(entry)) continue;
      const problem = describe({ tree, members: sequence.members, member, node, twin, times: alike.length });
      if (!problem) continue;
      told.add(entry);
      yield { ...problem, entry };
    }
  }
}

/** A tensor of one block, and the same of a block that is like most. */
interface Pair {
  readonly tree: HealthFacts['tree'];
  readonly members: readonly Member[];
  readonly member: Member;
  readonly node: number;
  readonly twin: number;
  /** Blocks of which `twin` is one. */
  readonly times: number;
}

function describeShape({ tree, members, member, node, twin, times }: Pair): Problem | undefined {
  const [here, there] = [tree.shape[node]!, tree.shape[twin]!];
  if (here === NO_SHAPE || there === NO_SHAPE) return undefined;
  const [shape, usual] = [tree.shapes[here]!, tree.shapes[there]!];
  const differs = (from: number) =>
    shape.length !== usual.length || shape.slice(from).some((n, i) => n !== usual[from + i]);
  // The first block fits what comes before it, the last what comes behind.
  if (member === members[0] && (shape.length < 2 || shape[0] === usual[0])) return undefined;
  if (member === members.at(-1) && (shape.length < 2 || !differs(1))) return undefined;
  return {
    code: 'odd-shape',
    severity: 'warning',
    message: `${pathOfNode(tree, node)} is ${shapeText(shape)}; in ${times} blocks like this one it is ${shapeText(usual)}.`,
    advice:
      'Loading into a model of equal blocks fails here with a size mismatch. Compare with the checkpoint it was made from.',
  };
}

function describeDType({ tree, members, member, node, twin, times }: Pair): Problem | undefined {
  const [here, there] = [tree.dtypes[tree.dtype[node]! - 1], tree.dtypes[tree.dtype[twin]! - 1]];
  if (!here || !there || member === members[0] || member === members.at(-1)) return undefined;
  return {
    code: 'odd-dtype',
    severity: 'warning',
    message: `${pathOfNode(tree, node)} is ${dtypeLabel(here)}; in ${times} blocks like this one it is ${dtypeLabel(there)}.`,
    advice:
      'Most loaders convert it, so precision or memory is not what it seems. If it was not left out of a conversion on purpose, convert it as its siblings.',
  };
}

const shapeText = (shape: readonly number[]): string => (shape.length === 0 ? 'a scalar' : shape.join('×'));
