import { create } from 'zustand';
import {
  asksDeltas,
  DELTAS,
  type EntryId,
  asksStatistics as hasStatistics,
  markProblems,
  NOT_AN_ENTRY,
  type Problem,
  parseQuery,
  type Query,
  STATISTICS,
  StateglassError,
  toErrorInfo,
} from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument, SortColumn } from '../engine/api.ts';
import { engine } from './engine.ts';
import { followNodes } from './follow-nodes.ts';
import { labelsStartingWith, nodeAtPath, pathText } from './tree-labels.ts';
import {
  filteredRows,
  filterSteps,
  hasChildren,
  indexOfRow,
  initialOpen,
  isExpanded,
  nodeOfRow,
  OPEN,
  openRows,
  revealNode,
  setAllExpanded,
  setExpanded,
  type TreeRows,
} from './tree-rows.ts';

export interface Explorer {
  readonly document: OpenedDocument;
  /** Flags by node: the tree's, and marks of the problems found since. */
  readonly flags: Uint16Array;
  /** OPEN bits by node. Changed in place; `rows` is replaced when it changes. */
  readonly open: Uint8Array;
  readonly rows: TreeRows;
  /** The node shown in the main pane; 0 is the document itself. */
  readonly selected: number;
  /** Row id the keyboard stands on: the selected node's, or a folded run's. */
  readonly cursor: number;
  /** The view a person chose; the first that supports the target otherwise. */
  readonly view: string | null;
  readonly face: 'tree' | 'table';
  readonly filter: string;
  /** Entry rows of the filter's answer; null while there is no filter. */
  readonly matches: Uint32Array<ArrayBuffer> | null;
  readonly filterError: string | null;
  readonly sort: { readonly column: SortColumn; readonly descending: boolean } | null;
  /** Entry rows of the flat table; null is all of them in the file's order. */
  readonly order: Uint32Array<ArrayBuffer> | null;
}

interface ExplorerStore {
  readonly explorers: Readonly<Record<DocumentId, Explorer>>;
}

export const useExplorers = create<ExplorerStore>(() => ({ explorers: {} }));

export const explorerOf = (document: DocumentId): Explorer | undefined => useExplorers.getState().explorers[document];

function change(document: DocumentId, update: (explorer: Explorer) => Partial<Explorer>): void {
  useExplorers.setState(({ explorers }) => {
    const explorer = explorers[document];
    return explorer ? { explorers: { ...explorers, [document]: { ...explorer, ...update(explorer) } } } : {};
  });
}

export function addExplorer(document: OpenedDocument): void {
  const open = initialOpen(document.tree);
  const explorer: Explorer = {
    document,
    flags: document.tree.flags,
    open,
    rows: openRows(document.tree, open),
    selected: 0,
    cursor: 0,
    view: null,
    face: 'tree',
    filter: '',
    matches: null,
    filterError: null,
    sort: null,
    order: null,
  };
  useExplorers.setState(({ explorers }) => ({ explorers: { ...explorers, [document.id]: explorer } }));
}

export function dropExplorer(document: DocumentId): void {
  cancelFilter(document);
  useExplorers.setState(({ explorers }) => {
    const { [document]: _gone, ...rest } = explorers;
    return { explorers: rest };
  });
}

/**
 * Shows a document as it is after an edit: what was open stays open, what was selected stays selected under whatever name, and the
 * filter is asked again. `moved` is the row now of every row before. `from`: the document it was, where it has another id now.
 */
export function refreshExplorer(document: OpenedDocument, moved: Int32Array | undefined, from = document.id): void {
  const before = explorerOf(from);
  if (!before) return;
  const nodeNow = followNodes(before.document.tree, document.tree, moved);
  const open = new Uint8Array(document.tree.count);
  before.open.forEach((bits, node) => {
    const now = bits === 0 ? undefined : nodeNow(node);
    if (now !== undefined) open[now] = bits;
  });
  const matches =
    before.matches && moved ? before.matches.map((row) => moved[row]!).filter((row) => row !== GONE) : before.matches;
  const selected = nodeNow(before.selected) ?? 0;
  const explorer: Explorer = {
    ...before,
    document,
    flags: document.tree.flags,
    open,
    rows: rowsOf({ document, open, matches }),
    selected,
    cursor: nodeNow(nodeOfRow(before.cursor)) ?? selected,
    matches,
    order: before.sort ? null : matches,
  };
  useExplorers.setState(({ explorers }) => ({ explorers: { ...explorers, [document.id]: explorer } }));
  if (before.filter.trim() !== '') setFilter(document.id, before.filter);
  else if (before.sort) void sortTable(document.id, before.sort.column, before.sort.descending);
}

/** Shows another document as one was shown: what was open and selected, by its place, and what was filtered. */
export function inheritExplorer(document: OpenedDocument, from: DocumentId): void {
  const before = explorerOf(from);
  if (!before) return;
  const { tree } = document;
  const open = new Uint8Array(tree.count);
  before.open.forEach((bits, node) => {
    const now = bits === 0 ? undefined : nodeAtPath(tree, pathText(before.document.tree, node));
    if (now !== undefined) open[now] = bits;
  });
  change(document.id, () => ({ open, rows: openRows(tree, open), view: before.view, face: before.face }));
  const selected = nodeAtPath(tree, pathText(before.document.tree, before.selected)) ?? 0;
  if (selected > 0) selectNode(document.id, selected);
  if (before.filter.trim() !== '') setFilter(document.id, before.filter);
}

const GONE = 0xffffffff;

const rowsOf = ({ document, open, matches }: Pick<Explorer, 'document' | 'open' | 'matches'>): TreeRows =>
  matches ? filteredRows(document.tree, matches, open) : openRows(document.tree, open);

/** Shows a node in the main pane, and its row in the tree unless a filter hides it. */
export function selectNode(document: DocumentId, node: number, view?: string): void {
  change(document, (explorer) => {
    const shown = { selected: node, cursor: node, ...(view !== undefined && { view }) };
    if (node === 0 || indexOfRow(explorer.rows, node) >= 0) return shown;
    revealNode(explorer.document.tree, explorer.open, node);
    return { ...shown, rows: rowsOf(explorer) };
  });
}

/** As `selectNode`, for a tree nobody sees: its rows stay as they are. */
export function followSelection(document: DocumentId, node: number): void {
  if (explorerOf(document)?.selected !== node) change(document, () => ({ selected: node, cursor: node }));
}

export const selectEntry = (document: DocumentId, row: EntryId, view?: string): void => {
  const node = explorerOf(document)?.document.tree.nodeOfEntry[row];
  if (node !== undefined) selectNode(document, node, view);
};

/** Marks the entries that problems point at. */
export function markEntries(document: DocumentId, problems: readonly Problem[]): void {
  change(document, (explorer) => {
    const flags = Uint16Array.from(explorer.flags);
    markProblems(problems, { ...explorer.document.tree, flags });
    return { flags };
  });
}

export const chooseView = (document: DocumentId, view: string): void => change(document, () => ({ view }));
export const chooseFace = (document: DocumentId, face: Explorer['face']): void => change(document, () => ({ face }));

/** Moves the keyboard's row. A folded run is no target: what was selected stays. */
export function moveCursor(document: DocumentId, id: number): void {
  change(document, (explorer) => ({ cursor: id, selected: nodeOfRow(id) === id ? id : explorer.selected }));
}

export function expandRow(document: DocumentId, id: number, expanded: boolean): void {
  change(document, (explorer) => {
    if (isExpanded(explorer.open, id, explorer.rows.filtered) === expanded) return {};
    setExpanded(explorer.open, id, explorer.rows.filtered, expanded);
    return { rows: rowsOf(explorer) };
  });
}

/** Opens every row beside `id`, as `*` does in a tree. */
export function expandSiblings(document: DocumentId, id: number): void {
  change(document, (explorer) => {
    const { tree } = explorer.document;
    const parent = tree.parent[nodeOfRow(id)]!;
    const end = tree.end[parent]!;
    for (let node = parent + 1; node < end; node = tree.end[node]!) {
      if (hasChildren(tree, node)) setExpanded(explorer.open, node, explorer.rows.filtered, true);
    }
    return { rows: rowsOf(explorer) };
  });
}

export function expandAll(document: DocumentId, expanded: boolean): void {
  change(document, (explorer) => {
    setAllExpanded(explorer.open, expanded);
    const rows = rowsOf(explorer);
    const cursor = indexOfRow(rows, explorer.cursor) >= 0 ? explorer.cursor : 0;
    return { rows, cursor };
  });
}

/** The next row after `from`, wrapping round, whose label begins with what was typed; -1 when none does. */
export function findTyped(explorer: Explorer, typed: string, from: number): number {
  const { tree } = explorer.document;
  const { rows } = explorer;
  const hits = labelsStartingWith(tree, typed);
  for (let i = 0; i < rows.length; i++) {
    const index = (from + i) % rows.length;
    if (hits[tree.label[nodeOfRow(rows.ids[index]!)]!]) return index;
  }
  return -1;
}

/** A pause this long ends a burst of typing; shorter ones are not worth asking the engine for. */
const TYPING_PAUSE_MS = 60;
const filtering = new Map<DocumentId, { timer: ReturnType<typeof setTimeout>; controller: AbortController }>();

function cancelFilter(document: DocumentId): void {
  const running = filtering.get(document);
  if (!running) return;
  clearTimeout(running.timer);
  running.controller.abort();
  filtering.delete(document);
}

/** Filters as one types: the text changes at once, the rows when the engine has answered. The last question wins. */
export function setFilter(document: DocumentId, text: string): void {
  cancelFilter(document);
  change(document, () => ({ filter: text, filterError: null }));
  if (text.trim() === '') {
    showMatches(document, null);
    return;
  }
  const controller = new AbortController();
  const timer = setTimeout(() => void answer(document, text, controller.signal), TYPING_PAUSE_MS);
  filtering.set(document, { timer, controller });
}

async function answer(document: DocumentId, text: string, signal: AbortSignal): Promise<void> {
  try {
    const matches = await engine().filter(document, text, { signal });
    const tree = explorerOf(document)?.document.tree;
    if (!tree) return;
    const rows = await inSlices(filterSteps(tree, matches), signal);
    if (rows) showMatches(document, matches, rows);
  } catch (error) {
    const info = toErrorInfo(error);
    if (signal.aborted || info.kind === 'cancelled') return;
    const message = info.kind === 'bad-input' ? info.detail : new StateglassError(info).message;
    change(document, () => ({ filterError: message }));
  }
}

/** Longest run of this page's own work on an answer, in milliseconds: a key or a frame comes in between. */
const SLICE_MS = 8;

async function inSlices<T>(steps: Generator<void, T>, signal: AbortSignal): Promise<T | undefined> {
  let until = performance.now() + SLICE_MS;
  for (;;) {
    if (signal.aborted) return undefined;
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() < until) continue;
    await new Promise((resolve) => setTimeout(resolve));
    until = performance.now() + SLICE_MS;
  }
}

/** `rows`: those of the matches, nothing closed. */
function showMatches(document: DocumentId, matches: Uint32Array<ArrayBuffer> | null, rows?: TreeRows): void {
  change(document, (explorer) => {
    if (matches === explorer.matches) return {};
    const { open } = explorer;
    for (let node = 0; node < open.length; node++) open[node] = open[node]! & ~OPEN.closedInFilter;
    if (!matches && explorer.selected > 0) revealNode(explorer.document.tree, open, explorer.selected);
    return { matches, rows: rows ?? rowsOf({ ...explorer, matches }), order: matches };
  });
  const sort = explorerOf(document)?.sort;
  if (sort) void sortTable(document, sort.column, sort.descending);
}

/** Sorts the flat table in the engine; `null` returns to the file's order. */
export async function sortTable(document: DocumentId, column: SortColumn | null, descending: boolean): Promise<void> {
  const before = explorerOf(document);
  if (!before) return;
  if (column === null) {
    change(document, ({ matches }) => ({ sort: null, order: matches }));
    return;
  }
  const sort = { column, descending };
  change(document, () => ({ sort }));
  const rows = before.matches;
  const order = await engine().sort({ document, column, descending, ...(rows && { rows }) });
  // A newer filter or sort asked meanwhile has the last word.
  change(document, (now) => (now.sort === sort && now.matches === rows ? { order } : {}));
}

/** Rows in the order of a column, as the engine knows it. */
export const sortRows = (
  document: DocumentId,
  column: SortColumn,
  descending: boolean,
  rows: Uint32Array<ArrayBuffer>,
): Promise<Uint32Array<ArrayBuffer>> => engine().sort({ document, column, descending, rows });

/** Whether a filter's text asks for values of tensors. */
export const asksStatistics = (text: string): boolean => isAbout(text, hasStatistics);

/** What cannot be read asks for nothing. */
function isAbout(text: string, asks: (query: Query) => boolean): boolean {
  try {
    return asks(parseQuery(text));
  } catch {
    return false;
  }
}

/** More is known of the values: what was filtered or sorted by them is asked for again. */
export function refreshByStatistics(document: DocumentId): void {
  const explorer = explorerOf(document);
  if (!explorer) return;
  if (asksStatistics(explorer.filter)) setFilter(document, explorer.filter);
  else if (explorer.sort && (STATISTICS as readonly string[]).includes(explorer.sort.column))
    void sortTable(document, explorer.sort.column, explorer.sort.descending);
}

/** More is known of the pairs of a comparison: what was filtered or sorted by them is asked for again. */
export function refreshByPairs(comparison: DocumentId): void {
  const explorer = explorerOf(comparison);
  if (!explorer) return;
  const { filter, sort } = explorer;
  if (filter.trim() !== '' && isAbout(filter, asksDeltas)) setFilter(comparison, filter);
  else if (sort && (sort.column === 'status' || (DELTAS as readonly string[]).includes(sort.column)))
    void sortTable(comparison, sort.column, sort.descending);
}

/** Entry row of a node, or undefined when it is a pure module. */
export function entryOf(document: OpenedDocument, node: number): EntryId | undefined {
  const row = document.tree.entry[node];
  return row === undefined || row === NOT_AN_ENTRY ? undefined : row;
}

export const useExplorer = (document: DocumentId): Explorer | undefined =>
  useExplorers((state) => state.explorers[document]);
