import type { DocumentId } from '../engine/api.ts';
import type { ComparedDocument } from '../engine/compare-api.ts';
import { startComparing, useCompare } from './compare.ts';
import { selectNode, setFilter } from './explorer.ts';
import { nodeAtPath } from './tree-labels.ts';
import { askToOpenUrl, isMeant, useWorkspace } from './workspace.ts';

/** Goes where a link pointed, once both of its documents are compared. */
export function landOnPair(comparison: ComparedDocument): void {
  const { awaited } = useWorkspace.getState();
  if (awaited.other === undefined) return;
  const node = awaited.key === undefined ? 0 : (nodeAtPath(comparison.tree, awaited.key) ?? 0);
  selectNode(comparison.id, node, awaited.view);
  if (awaited.filter) setFilter(comparison.id, awaited.filter);
  const rest = awaited.base === undefined ? {} : { base: awaited.base };
  useWorkspace.setState({ awaited: rest, pane: node > 0 ? 'main' : 'explorer' });
  followBase();
}

/** Names the base of a link, once it is open and the pair is. */
function followBase(): void {
  const { awaited, documents } = useWorkspace.getState();
  const { pair, base } = useCompare.getState();
  const meant = awaited.base === undefined || !pair ? undefined : linkTo(awaited.base);
  const found = meant && documents.find((document) => isMeant(document, meant));
  if (!found || found.id === pair?.a || found.id === pair?.b) return;
  const { base: _, ...rest } = awaited;
  useWorkspace.setState({ awaited: rest });
  if (base === null) useCompare.setState({ base: found.id, arrived: null });
}

/** Begins to compare what a link names, once it is open; asks for what is not. */
export function followLink(): void {
  const { awaited, documents } = useWorkspace.getState();
  const { other } = awaited;
  if (useCompare.getState().pair) followBase();
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
