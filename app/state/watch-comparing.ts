import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import { comparisonOf, documentOf, endComparing, startComparing, useCompare } from './compare.ts';
import { followSelection, selectNode, useExplorers } from './explorer.ts';
import { followLink, landOnPair } from './pair-link.ts';
import { nodeOfSide, nodeOnSide } from './pair-places.ts';
import { activate, useWorkspace } from './workspace.ts';

/** Keeps the comparison true to its documents, and its selection to theirs. Returns the way to stop. */
export function watchComparing(): () => void {
  const stops = [
    followDocuments(),
    useCompare.subscribe(({ comparison }, before) => {
      if (comparison && comparison !== before.comparison) landOnPair(comparison);
    }),
    useExplorers.subscribe(followSelections),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** An edit is followed by others: the pairs are made anew once they pause. */
const EDIT_PAUSE_MS = 250;

function followDocuments(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = useWorkspace.subscribe((now, before) => {
    followLink();
    const { pair, waiting, base } = useCompare.getState();
    const fresh = now.documents.find(({ id }) => !before.documents.some((known) => known.id === id));
    if (waiting !== null && fresh) {
      void startComparing({ a: waiting, b: fresh.id });
      return;
    }
    if (!pair) return;
    if (fresh && now.active === fresh.id && now.documents.length > before.documents.length) {
      takeArrived(fresh.id, pair.b === before.active ? pair.b : pair.a);
      return;
    }
    if (base !== null && !documentIn(now.documents, base)) {
      const next = replacedBy(base, now, before);
      useCompare.setState({ base: next === base ? null : next });
    }
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
  return () => {
    clearTimeout(timer);
    stop();
  };
}

/** A third document is no reason to end a comparison: it is the base, or a person is asked whether it is. */
function takeArrived(id: DocumentId, stay: DocumentId): void {
  const { awaitsBase, base } = useCompare.getState();
  if (base !== id) useCompare.setState(awaitsBase ? { base: id, awaitsBase: false } : { arrived: id });
  activate(stay);
}

/** What is selected in the comparison is selected in both documents; what is gone to in one of them, in the comparison. */
function followSelections({ explorers: now }: Explorers, { explorers: before }: Explorers): void {
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
}

type Explorers = ReturnType<typeof useExplorers.getState>;

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
