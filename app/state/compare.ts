import { create } from 'zustand';
import { type PairOptions, toErrorInfo } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import type { ComparedDocument } from '../engine/compare-api.ts';
import { dropComputations } from './computations.ts';
import { engine } from './engine.ts';
import {
  addExplorer,
  dropExplorer,
  entryOf,
  explorerOf,
  followSelection,
  inheritExplorer,
  selectNode,
  setFilter,
  useExplorers,
} from './explorer.ts';
import { nodeOfSide, nodeOnSide } from './pair-places.ts';
import { runTask } from './tasks.ts';
import { nodeAtPath } from './tree-labels.ts';
import { activate, addMade, addNotice, askToOpenUrl, isMeant, useWorkspace } from './workspace.ts';

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
  /** Whatever is opened next is compared with this document. */
  readonly waiting: DocumentId | null;
  /** What a person decided of who goes with whom. */
  readonly wishes: PairWishes;
}

export type PairWishes = Required<Pick<PairOptions, 'rules' | 'pinned'>>;

export const NO_WISHES: PairWishes = { rules: [], pinned: [] };

export const useCompare = create<CompareState>(() => ({
  pair: null,
  comparison: null,
  side: 'a',
  waiting: null,
  wishes: NO_WISHES,
}));

export const comparisonOf = (): ComparedDocument | null => useCompare.getState().comparison;

const documentOf = (id: DocumentId): OpenedDocument | undefined =>
  useWorkspace.getState().documents.find((document) => document.id === id);

export const useSide = (side: Side): OpenedDocument | undefined => {
  const id = useCompare(({ pair }) => pair?.[side]);
  return useWorkspace(({ documents }) => documents.find((document) => document.id === id));
};

export const isCompared = (document: OpenedDocument): document is ComparedDocument => document.pairs !== undefined;

/** The documents of a comparison that are open: both, but for a moment. */
export const sidesOf = ({ pairs }: ComparedDocument): readonly OpenedDocument[] =>
  useWorkspace.getState().documents.filter(({ id }) => id === pairs.a || id === pairs.b);

let making: AbortController | undefined;

/** Compares two documents; a failure becomes a notice, and what was compared before stays. */
export async function startComparing(pair: Pair, wishes = NO_WISHES): Promise<void> {
  const [a, b] = [documentOf(pair.a), documentOf(pair.b)];
  if (!a || !b || a === b) return;
  making?.abort();
  const controller = new AbortController();
  making = controller;
  const before = useCompare.getState();
  useCompare.setState({ pair, wishes, waiting: null });
  useWorkspace.setState({ together: [], active: activeOf(pair) });
  try {
    const comparison = await runTask(`Comparing ${a.name} with ${b.name}`, (call) =>
      engine().compare({ ...pair, ...wishes }, { ...call, signal: AbortSignal.any([call.signal, controller.signal]) }),
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

/** What is in the status bar and saved stays one of the two. */
function activeOf({ a, b }: Pair): DocumentId {
  const { active } = useWorkspace.getState();
  return active === b ? b : a;
}

function show(comparison: ComparedDocument): void {
  const before = comparisonOf();
  addExplorer(comparison);
  if (before) inheritExplorer(comparison, before.id);
  else {
    const from = explorerOf(comparison.pairs.a);
    const node = from?.selected ? nodeOfSide(comparison, from.document, 'a', from.selected) : undefined;
    if (node) selectNode(comparison.id, node);
  }
  useCompare.setState({ comparison });
  landOnPair(comparison);
  if (before) drop(before);
}

function drop({ id }: ComparedDocument): void {
  dropExplorer(id);
  dropComputations(id);
  // Closing what is closed already is no harm.
  void engine().close(id);
}

export const chooseSide = (side: Side): void => useCompare.setState({ side });

/** Puts another document on a side; the other side's own turns the pair round. */
export function chooseDocument(side: Side, id: DocumentId): void {
  const { pair } = useCompare.getState();
  if (!pair || pair[side] === id) return;
  const other = side === 'a' ? pair.b : pair.a;
  if (id === other) swapSides();
  else void startComparing({ ...pair, [side]: id });
}

/** Pairs that were pinned stay; rules lead one way only. */
export function swapSides(): void {
  const { pair, wishes } = useCompare.getState();
  const pinned = wishes.pinned.map(([keyA, keyB]) => [keyB, keyA] as const);
  if (pair) void startComparing({ a: pair.b, b: pair.a }, { rules: [], pinned });
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
  useCompare.setState({ pair: null, comparison: null, side: 'a', wishes: NO_WISHES });
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

/** Goes where a link pointed, once both of its documents are compared; without both, begins to compare them. */
function landOnPair(comparison: ComparedDocument): void {
  const { awaited } = useWorkspace.getState();
  if (awaited.other === undefined) return;
  const node = awaited.key === undefined ? 0 : (nodeAtPath(comparison.tree, awaited.key) ?? 0);
  selectNode(comparison.id, node, awaited.view);
  if (awaited.filter) setFilter(comparison.id, awaited.filter);
  useWorkspace.setState({ awaited: {}, pane: node > 0 ? 'main' : 'explorer' });
}

function followLink(): void {
  const { awaited, documents } = useWorkspace.getState();
  const { other } = awaited;
  if (other === undefined || useCompare.getState().pair) return;
  const a = documents.find((document) => isMeant(document, awaited));
  const b = documents.find((document) => document !== a && isMeant(document, linkTo(other)));
  if (a && b) void startComparing({ a: a.id, b: b.id });
  else if (a && isAddress(other) && !documents.some(({ id }) => id === asked)) {
    asked = a.id;
    askToOpenUrl(other);
  }
}

/** The document whose other side a person was asked about: once is enough. */
let asked: DocumentId | undefined;

const isAddress = (other: string): boolean => /^[a-z]+:\/\//.test(other);
const linkTo = (other: string) => (isAddress(other) ? { url: other } : { document: other });

/** An edit is followed by others: the pairs are made anew once they pause. */
const EDIT_PAUSE_MS = 250;

/** Keeps the comparison true to its documents, and its selection to theirs. Returns the way to stop. */
export function watchComparing(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopDocuments = useWorkspace.subscribe((now, before) => {
    followLink();
    const { pair, waiting } = useCompare.getState();
    const fresh = now.documents.find(({ id }) => !before.documents.some((known) => known.id === id));
    if (waiting !== null && fresh) {
      void startComparing({ a: waiting, b: fresh.id });
      return;
    }
    if (!pair) return;
    const reopened = { a: replacedBy(pair.a, now, before), b: replacedBy(pair.b, now, before) };
    if (reopened.a !== pair.a || reopened.b !== pair.b) {
      void startComparing(reopened, useCompare.getState().wishes);
      return;
    }
    const sides = [pair.a, pair.b];
    const isOpen = sides.every((id) => now.documents.some((document) => document.id === id));
    const isElsewhere = now.active !== before.active && !sides.includes(now.active ?? Number.NaN);
    if (!isOpen || isElsewhere) {
      endComparing();
      return;
    }
    const isEdited = sides.some((id) => documentIn(now.documents, id) !== documentIn(before.documents, id));
    if (!isEdited || !comparisonOf()) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const now = useCompare.getState();
      if (now.pair === pair) void startComparing(pair, now.wishes);
    }, EDIT_PAUSE_MS);
  });
  const stopSelection = useExplorers.subscribe(({ explorers: now }, { explorers: before }) => {
    const comparison = comparisonOf();
    const shown = comparison && now[comparison.id];
    if (!comparison || !shown) return;
    if (shown.selected !== before[comparison.id]?.selected) {
      for (const side of ['a', 'b'] as const) {
        const document = documentOf(comparison.pairs[side]);
        if (document) followSelection(document.id, nodeOnSide(comparison, document, side, shown.selected));
      }
      return;
    }
    for (const side of ['a', 'b'] as const) {
      const id = comparison.pairs[side];
      const [is, was] = [now[id], before[id]];
      // Another document after an edit is followed by another comparison.
      if (!is || !was || is.document !== was.document) continue;
      if (is.selected === was.selected && is.view === was.view) continue;
      const node = nodeOfSide(comparison, is.document, side, is.selected);
      if (node === undefined || (node === shown.selected && is.view === was.view)) continue;
      useCompare.setState({ side });
      selectNode(comparison.id, node, is.view ?? undefined);
    }
  });
  return () => {
    clearTimeout(timer);
    stopDocuments();
    stopSelection();
  };
}

interface OpenDocuments {
  readonly documents: readonly OpenedDocument[];
}

/** A document that was saved is opened again in its place, under another id. */
function replacedBy(id: DocumentId, now: OpenDocuments, before: OpenDocuments): DocumentId {
  if (now.documents.length !== before.documents.length || documentIn(now.documents, id)) return id;
  const place = before.documents.findIndex((document) => document.id === id);
  return now.documents[place]?.id ?? id;
}

const documentIn = (documents: readonly OpenedDocument[], id: DocumentId): OpenedDocument | undefined =>
  documents.find((document) => document.id === id);

/** Rows of a pair in its documents; -1 where one has none. Undefined for a module. */
export function rowsOfPair(
  comparison: ComparedDocument,
  node: number,
): { readonly pair: number; readonly rowA: number; readonly rowB: number } | undefined {
  const pair = entryOf(comparison, node);
  if (pair === undefined) return undefined;
  return { pair, rowA: comparison.pairs.rowA[pair]!, rowB: comparison.pairs.rowB[pair]! };
}
