import { create } from 'zustand';
import { type MergeTake, StateglassError, VALUE_ORDER } from '../../src-core/index.ts';
import type { ComparedDocument, MergeForecast, MergeRequest } from '../engine/compare-api.ts';
import { readNumber } from './cell-edits.ts';
import { documentOf, useCompare } from './compare.ts';
import { nameDonor } from './donors.ts';
import { makeMany } from './edits.ts';
import { engine } from './engine.ts';
import { entryOf } from './explorer.ts';
import { rememberMerge } from './settled.ts';
import { wordWrong } from './tensor-editing.ts';
import { nodeAtPath, pathText } from './tree-labels.ts';
import { showDialog } from './workspace.ts';

/** Whose an entry shall be: `sum` with the share of B that is typed. */
export type TakeName = 'a' | 'b' | 'base' | 'average' | 'sum' | 'markers';

export interface Resolution {
  readonly take: TakeName;
  /** Share of B in a weighted sum, as it is typed. */
  readonly share: string;
}

interface MergingState {
  /** What a person decided, by the path of a node: an entry, or all of a module. */
  readonly choices: Readonly<Record<string, Resolution>>;
  /** For conflicts that nobody decided; null leaves them as A has them. */
  readonly rest: Resolution | null;
  readonly metadata: 'a' | 'b' | 'base';
}

const NOTHING: MergingState = { choices: {}, rest: null, metadata: 'a' };

export const useMerging = create<MergingState>(() => NOTHING);

export const openMerging = (): void => showDialog('merge');

export const setRest = (rest: Resolution | null): void => useMerging.setState({ rest });
export const setMergedMetadata = (metadata: MergingState['metadata']): void => useMerging.setState({ metadata });

/** Decides for a node; null takes that back. */
export function resolveNode({ tree }: ComparedDocument, node: number, resolution: Resolution | null): void {
  useMerging.setState(({ choices }) => {
    const { [pathText(tree, node)]: _, ...others } = choices;
    return { choices: resolution ? { ...others, [pathText(tree, node)]: resolution } : others };
  });
}

export const resolutionOf = (
  { tree }: ComparedDocument,
  node: number,
  choices: MergingState['choices'],
): Resolution | undefined => choices[pathText(tree, node)];

export const useResolution = (comparison: ComparedDocument, node: number): Resolution | undefined =>
  useMerging(({ choices }) => resolutionOf(comparison, node, choices));

/** What can be decided for a node, as far as its form tells: sums are of tensors, markers of texts that have a base. */
export function takesFor(comparison: ComparedDocument, node: number): readonly TakeName[] {
  const hasBase = useCompare.getState().base !== null;
  const type = VALUE_ORDER[comparison.tree.type[node] ?? -1];
  const isModule = entryOf(comparison, node) === undefined;
  return [
    'a',
    'b',
    ...(hasBase ? (['base'] as const) : []),
    ...(isModule || type === 'tensor' ? (['average', 'sum'] as const) : []),
    ...(hasBase && (isModule || type === 'text') ? (['markers'] as const) : []),
  ];
}

/** @throws `bad-input` for a share that is no number. */
function takeOf({ take, share }: Resolution): MergeTake {
  if (take === 'average') return { kind: 'sum', weight: 0.5 };
  if (take !== 'sum') return { kind: take };
  const weight = readNumber(share);
  if (typeof weight === 'number' && Number.isFinite(weight)) return { kind: 'sum', weight };
  throw new StateglassError({ kind: 'bad-input', detail: `share of B: ${share.trim() || 'nothing'} is no number` });
}

function requestFor(
  comparison: ComparedDocument,
): MergeRequest & { readonly donors: Readonly<Record<string, number>> } {
  const { choices, rest, metadata } = useMerging.getState();
  const { a, b } = comparison.pairs;
  const [other, base] = [documentOf(b), documentOf(useCompare.getState().base ?? -1)];
  const nameB = other ? nameDonor(a, other) : 'b';
  const nameBase = base ? nameDonor(a, base, [nameB]) : 'base';
  return {
    comparison: comparison.id,
    names: { b: nameB, base: nameBase },
    donors: { [nameB]: b, ...(base && { [nameBase]: base.id }) },
    choices: Object.entries(choices).flatMap(([path, resolution]) => {
      const node = nodeAtPath(comparison.tree, path);
      return node === undefined ? [] : [{ node, take: takeOf(resolution) }];
    }),
    ...(rest && { rest: takeOf(rest) }),
    ...(metadata !== 'a' && { metadata }),
  };
}

export type MergePlanned = { readonly forecast: MergeForecast } | { readonly wrong: string };

/** What it would come to, or why it cannot be. */
export async function planMerging(comparison: ComparedDocument): Promise<MergePlanned> {
  try {
    const { donors: _, ...request } = requestFor(comparison);
    return { forecast: await engine().planMerge(request) };
  } catch (error) {
    return { wrong: wordWrong(error) };
  }
}

/** Makes A the merge, as edits of its own. @throws why it cannot be made; nothing has changed then. */
export async function mergeIntoA(comparison: ComparedDocument): Promise<void> {
  const { donors, ...request } = requestFor(comparison);
  const { a } = comparison.pairs;
  await makeMany(a, donors, async () => {
    const reply = await engine().merge(request);
    rememberMerge(a, reply.log, reply.decided);
    return reply;
  });
  useMerging.setState(NOTHING);
}

// Another pair, or none: what was decided is of no more use.
useCompare.subscribe(({ pair }, before) => {
  if (pair?.a !== before.pair?.a || pair?.b !== before.pair?.b) useMerging.setState(NOTHING);
});
