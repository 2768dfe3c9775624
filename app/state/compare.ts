import { create } from 'zustand';
import { type PairOptions, toErrorInfo } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import type { ComparedDocument } from '../engine/compare-api.ts';
import { dropComputations } from './computations.ts';
import { engine } from './engine.ts';
import { addExplorer, dropExplorer, explorerOf, inheritExplorer, selectNode } from './explorer.ts';
import { followComparison } from './follow-comparison.ts';
import { nodeOfSide } from './pair-places.ts';
import { runTask } from './tasks.ts';
import { activate, addMade, addNotice, useWorkspace } from './workspace.ts';

/** Two documents, side by side. */
export interface Pair {
  readonly a: DocumentId;
  readonly b: DocumentId;
}
export type Side = keyof Pair;

interface CompareState {
  /** What is compared, or about to be. */
  readonly pair: Pair | null;
  /** Both as one tree. The one before stays until the next is here. */
  readonly comparison: ComparedDocument | null;
  /** Whose values, statistics and facts are shown beside the difference. */
  readonly side: Side;
  /** What both come from, if a person named it. */
  readonly base: DocumentId | null;
  /** Whatever is opened next is compared with this document. */
  readonly waiting: DocumentId | null;
  /** Whatever is opened next is the base. */
  readonly awaitsBase: boolean;
  /** What was opened while two are compared: it may be meant as their base. */
  readonly arrived: DocumentId | null;
  /** What a person decided of who goes with whom. */
  readonly wishes: PairWishes;
}

export interface PairWishes extends Required<Pick<PairOptions, 'rules' | 'pinned'>> {
  /** Tensors without a partner are looked into, however much that reads. */
  readonly contents?: true;
}

export const NO_WISHES: PairWishes = { rules: [], pinned: [] };

export const useCompare = create<CompareState>(() => ({
  pair: null,
  comparison: null,
  side: 'a',
  base: null,
  waiting: null,
  awaitsBase: false,
  arrived: null,
  wishes: NO_WISHES,
}));

export const comparisonOf = (): ComparedDocument | null => useCompare.getState().comparison;

export const documentOf = (id: DocumentId): OpenedDocument | undefined =>
  useWorkspace.getState().documents.find((document) => document.id === id);

export const useDocument = (id: DocumentId): OpenedDocument | undefined =>
  useWorkspace(({ documents }) => documents.find((document) => document.id === id));

export const useSide = (side: Side): OpenedDocument | undefined => {
  const id = useCompare(({ pair }) => pair?.[side]);
  return useWorkspace(({ documents }) => documents.find((document) => document.id === id));
};

export const isCompared = (document: OpenedDocument): document is ComparedDocument => document.pairs !== undefined;

/** The documents of a comparison that are open: both, but for a moment. */
export const sidesOf = ({ pairs }: ComparedDocument): readonly OpenedDocument[] =>
  useWorkspace.getState().documents.filter(({ id }) => id === pairs.a || id === pairs.b);

/** What the task is called that looks into tensors. */
export const LOOKING = 'Looking for renames by content';

let making: AbortController | undefined;

/** Compares two documents; a failure becomes a notice, and what was compared before stays. */
export async function startComparing(pair: Pair, wishes = NO_WISHES): Promise<void> {
  const [a, b] = [documentOf(pair.a), documentOf(pair.b)];
  if (!a || !b || a === b) return;
  making?.abort();
  const controller = new AbortController();
  making = controller;
  const before = useCompare.getState();
  const follows = isOf(before.comparison, pair) && { follows: before.comparison.id };
  const isOther = pair.a !== before.pair?.a || pair.b !== before.pair.b;
  const base = before.base === pair.a || before.base === pair.b ? null : before.base;
  useCompare.setState({ pair, wishes, base, waiting: null, ...(isOther && { arrived: null }) });
  useWorkspace.setState({ together: [], active: activeOf(pair) });
  try {
    const isLook = wishes.contents && !before.wishes.contents;
    const comparison = await runTask(isLook ? LOOKING : `Comparing ${a.name} with ${b.name}`, (call) =>
      engine().compare(
        { ...pair, ...wishes, ...follows },
        { ...call, signal: AbortSignal.any([call.signal, controller.signal]) },
      ),
    );
    // The pair was swapped or ended meanwhile.
    if (controller.signal.aborted) void engine().close(comparison.id);
    else show(comparison);
  } catch (error) {
    if (controller.signal.aborted) return;
    const kept = before.comparison && before.pair;
    useCompare.setState({ pair: kept, wishes: kept ? before.wishes : NO_WISHES });
    const info = toErrorInfo(error);
    // What was pinned has another name by now, or is gone.
    if (info.kind === 'not-found' && wishes.pinned.length > 0) await startComparing(pair, { ...wishes, pinned: [] });
    else if (info.kind !== 'cancelled') addNotice({ file: `${a.name} and ${b.name}`, error: info });
  }
}

const isOf = (comparison: ComparedDocument | null, { a, b }: Pair): comparison is ComparedDocument =>
  comparison?.pairs.a === a && comparison.pairs.b === b;

/** What is in the status bar and saved stays one of the two. */
function activeOf({ a, b }: Pair): DocumentId {
  const { active } = useWorkspace.getState();
  return active === b ? b : a;
}

function show(comparison: ComparedDocument): void {
  const before = comparisonOf();
  if (before && comparison.since) followComparison(comparison, before, comparison.since);
  else begin(comparison, before);
  useCompare.setState({ comparison });
  if (before) drop(before);
}

/** What is compared now stands where other documents were compared, or where one was looked at. */
function begin(comparison: ComparedDocument, before: ComparedDocument | null): void {
  addExplorer(comparison);
  if (before) {
    inheritExplorer(comparison, before.id);
    return;
  }
  const from = explorerOf(comparison.pairs.a);
  const node = from?.selected ? nodeOfSide(comparison, from.document, 'a', from.selected) : undefined;
  if (node) selectNode(comparison.id, node);
}

function drop({ id }: ComparedDocument): void {
  dropExplorer(id);
  dropComputations(id);
  // Closing what is closed already is no harm.
  void engine().close(id);
}

export const chooseSide = (side: Side): void => useCompare.setState({ side });

/** Puts another document on a side; the other side's own turns the pair round, and the base changes places with it. */
export function chooseDocument(side: Side, id: DocumentId): void {
  const { pair } = useCompare.getState();
  if (!pair || pair[side] === id) return;
  const other = side === 'a' ? pair.b : pair.a;
  if (id === other) {
    swapSides();
    return;
  }
  // The base goes where its side came from.
  if (id === useCompare.getState().base) useCompare.setState({ base: pair[side] });
  void startComparing({ ...pair, [side]: id });
}

/** Pairs that were pinned stay; rules lead one way only. */
export function swapSides(): void {
  const { pair, wishes } = useCompare.getState();
  const pinned = wishes.pinned.map(([keyA, keyB]) => [keyB, keyA] as const);
  if (pair) void startComparing({ a: pair.b, b: pair.a }, { ...wishes, rules: [], pinned });
}

/** Pairs anew, as a person wishes. */
export function changeWishes(change: Partial<PairWishes>): void {
  const { pair, wishes } = useCompare.getState();
  if (pair) void startComparing(pair, { ...wishes, ...change });
}

/** Decides who goes with an entry; null leaves it without a partner. What was decided of either before is no more. */
export function pinPair(keyA: string | null, keyB: string | null): void {
  const { pinned } = useCompare.getState().wishes;
  const others = pinned.filter(([a, b]) => (a === null || a !== keyA) && (b === null || b !== keyB));
  changeWishes({ pinned: [...others, [keyA, keyB]] });
}

/** Takes back what was decided of an entry of A. */
export function unpin(keyA: string | null, keyB: string | null): void {
  const { pinned } = useCompare.getState().wishes;
  changeWishes({ pinned: pinned.filter(([a, b]) => a !== keyA || b !== keyB) });
}

/** Back to one document, at the entry that was looked at. */
export function endComparing(): void {
  making?.abort();
  const { comparison } = useCompare.getState();
  useCompare.setState({ pair: null, comparison: null, side: 'a', base: null, arrived: null, wishes: NO_WISHES });
  if (!comparison) return;
  const { a, b } = comparison.pairs;
  for (const id of [a, b]) {
    const selected = explorerOf(id)?.selected;
    if (selected) selectNode(id, selected);
  }
  drop(comparison);
}

/** What is opened next becomes the other side; null: it does not. */
export const awaitOther = (a: DocumentId | null): void => useCompare.setState({ waiting: a });

/** Sets the document as it was read beside what it is now: before on the left, as a diff is read. */
export async function compareWithSaved(document: OpenedDocument): Promise<void> {
  try {
    const saved = await engine().openSaved(document.id);
    addMade(saved);
    activate(document.id);
    await startComparing({ a: saved.id, b: document.id });
  } catch (error) {
    addNotice({ file: document.name, error: toErrorInfo(error) });
  }
}
