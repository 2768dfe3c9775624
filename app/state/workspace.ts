import { create } from 'zustand';
import {
  type ErrorInfo,
  formatHubAddress,
  type SourceHandle,
  StateglassError,
  toErrorInfo,
} from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import { dropComputations } from './computations.ts';
import type { DeepLink } from './deep-link.ts';
import { engine } from './engine.ts';
import {
  addExplorer,
  dropExplorer,
  entryOf,
  explorerOf,
  markEntries,
  refreshExplorer,
  selectNode,
  setFilter,
} from './explorer.ts';
import { addHealth, dropHealth, healthOf, problemsOf } from './health.ts';
import { clearPalette } from './palette.ts';
import { watchReads } from './reads.ts';
import { type Recent, rememberRecent } from './recents.ts';
import { forget } from './resources.ts';
import { dropScans } from './scans.ts';
import { runTask } from './tasks.ts';
import { nodeAtPath, pathText } from './tree-labels.ts';
import { forgetValues, landOnSlice, refreshValues } from './values.ts';

/** What a person brought: files with their relative paths, and how to find them again. */
export interface Offer {
  readonly title: string;
  readonly files: readonly { readonly path: string; readonly handle: SourceHandle }[];
  readonly origin?: Recent['source'];
}

/** A failure shown as a card until it is dismissed. */
export interface Notice {
  readonly id: number;
  readonly file: string;
  readonly error: ErrorInfo;
  /** Tries the same again. */
  readonly retry?: () => void;
}

interface WorkspaceState {
  readonly documents: readonly OpenedDocument[];
  readonly active: DocumentId | null;
  /** Which pane a narrow window shows. */
  readonly pane: 'explorer' | 'main';
  readonly notices: readonly Notice[];
  /** An address a link asks for; opened when a person agrees. */
  readonly askedUrl: string | null;
  /** What lies over the page. */
  readonly dialog:
    | 'commands'
    | 'url'
    | 'paste'
    | 'export'
    | 'rename'
    | 'save'
    | 'tensor'
    | 'role'
    | 'take'
    | 'donors'
    | 'tie'
    | 'add-tensor'
    | 'lora'
    | 'merge'
    | null;
  /** The place a link named, kept until its document is opened. */
  readonly awaited: DeepLink;
  /** What the last offer brought, when it was several: they may want to be compared. */
  readonly together: readonly DocumentId[];
}

export const useWorkspace = create<WorkspaceState>(() => ({
  documents: [],
  active: null,
  pane: 'explorer',
  notices: [],
  askedUrl: null,
  dialog: null,
  awaited: {},
  together: [],
}));

let nextNotice = 1;

/** Opens everything offered together. Failures become notices; it never rejects. */
export async function openOffer(offer: Offer): Promise<void> {
  if (offer.files.length === 0) {
    addNotice({
      file: offer.title,
      error: { kind: 'not-found', what: offer.title, detail: 'there are no files in it' },
    });
    return;
  }
  const retry = () => void openOffer(offer);
  try {
    const reply = await runTask(`Opening ${offer.title}`, (call) => engine().open({ files: offer.files }, call));
    // Taking a large document in and drawing it are two tasks: neither holds a key up for long.
    await new Promise((resolve) => setTimeout(resolve));
    for (const document of reply.documents) addDocument(document, offer);
    useWorkspace.setState({ together: reply.documents.length > 1 ? reply.documents.map(({ id }) => id) : [] });
    for (const { file, error } of reply.failures)
      if (!(await attachTokenizer(offer, file, error))) addNotice({ file, error });
    if (reply.documents.length > 0 && offer.origin) void remember(offer, offer.origin, reply.documents);
  } catch (error) {
    addNotice({ file: offer.title, error: toErrorInfo(error), retry });
  }
}

/** A tokenizer that comes by itself, while a model is open, is meant for the one that is shown. */
async function attachTokenizer(offer: Offer, path: string, error: ErrorInfo): Promise<boolean> {
  const { documents, active } = useWorkspace.getState();
  const file = offer.files.find((one) => one.path === path);
  const isTokenizer =
    error.kind === 'not-a-model' && error.what === 'a tokenizer' && /tokenizer[^/]*\.json$/i.test(path);
  if (!isTokenizer || !file || /_config\.json$/i.test(path) || !documents.some(({ id }) => id === active)) return false;
  const document = await engine().attachTokenizer(active as DocumentId, file);
  refreshDocument(document, { keepsNumbers: true });
  return true;
}

async function remember(offer: Offer, source: Recent['source'], documents: readonly OpenedDocument[]): Promise<void> {
  const size = documents.flatMap((d) => d.files).reduce((sum, file) => sum + (file.size ?? 0), 0);
  await rememberRecent({ name: offer.title, when: Date.now(), size, source });
}

/** Takes in what the engine made, not a person brought. */
export function addMade(document: OpenedDocument): void {
  addDocument(document, { title: document.name, files: [] });
}

function addDocument(document: OpenedDocument, offer: Offer): void {
  watchReads();
  addExplorer(document);
  addHealth(document);
  offered.set(document.id, offer);
  useWorkspace.setState(({ documents, active }) => {
    const first = documents.length === 0 || active === null || !documents.some((d) => d.id === active);
    const fresh = !documents.some((d) => offered.get(d.id) === offer);
    return { documents: [...documents, document], active: first || fresh ? document.id : active };
  });
  landAt(document);
}

/** A document as it is after an edit, in the place of what it was. What its values were is asked again. */
export function refreshDocument(document: OpenedDocument, { moved, keepsNumbers }: DocumentChange): void {
  forget(document.id);
  if (!keepsNumbers) {
    dropComputations(document.id);
    dropScans(document.id);
    refreshValues(document.id, moved !== undefined);
  }
  useWorkspace.setState(({ documents }) => ({
    documents: documents.map((one) => (one.id === document.id ? document : one)),
  }));
  refreshExplorer(document, moved);
  if (keepsNumbers) markEntries(document.id, problemsOf(healthOf(document.id)));
  else {
    dropHealth(document.id);
    addHealth(document);
  }
}

export interface DocumentChange {
  readonly moved?: Int32Array | undefined;
  /** No tensor is another: what was computed still holds. */
  readonly keepsNumbers: boolean;
}

/** Opens what was saved in the place of the document that was edited, at the place where the person is. */
export async function reopenSaved(
  id: DocumentId,
  files: Offer['files'],
  origin: Recent['source'] | undefined,
): Promise<void> {
  const before = explorerOf(id);
  if (!before) return;
  const { documents } = useWorkspace.getState();
  const offer: Offer = { title: before.document.name, files, ...(origin && { origin }) };
  const reply = await runTask(`Opening ${offer.title}`, (call) => engine().open({ files: offer.files }, call));
  const [fresh] = reply.documents;
  if (!fresh)
    throw new StateglassError(
      reply.failures[0]?.error ?? { kind: 'not-found', what: offer.title, detail: 'nothing is in it' },
    );
  addExplorer(fresh);
  addHealth(fresh);
  offered.set(fresh.id, offer);
  const node =
    before.selected === 0 ? 0 : (nodeAtPath(fresh.tree, pathText(before.document.tree, before.selected)) ?? 0);
  selectNode(fresh.id, node, before.view ?? undefined);
  if (before.filter) setFilter(fresh.id, before.filter);
  useWorkspace.setState(({ active }) => ({
    documents: documents.map((one) => (one.id === id ? fresh : one)),
    active: active === id ? fresh.id : active,
  }));
  if (offer.origin) void remember(offer, offer.origin, reply.documents);
  await closeDocument(id);
}

/** The files a document was offered with. */
export const handlesOf = (document: DocumentId): readonly SourceHandle[] =>
  offered.get(document)?.files.map(({ handle }) => handle) ?? [];

/** The files a document was offered with, with their paths. */
export const offeredFiles = (document: DocumentId): Offer['files'] => offered.get(document)?.files ?? [];

/** How the files of a document were brought. */
export const originOf = (document: DocumentId): Recent['source'] | undefined => offered.get(document)?.origin;

/** Which offer brought a document: the first of an offer is shown, the others wait in the switcher. */
const offered = new Map<DocumentId, Offer>();

/** The address of a link to it; undefined for what came from this machine. */
export function addressOf(document: DocumentId): string | undefined {
  const origin = offered.get(document)?.origin;
  if (origin?.kind === 'url') return origin.url;
  return origin?.kind === 'hub' ? formatHubAddress(origin.address) : undefined;
}

/** Whether a link names this document. */
export function isMeant({ id, name }: OpenedDocument, link: DeepLink): boolean {
  if (link.url && link.url !== addressOf(id)) return false;
  return link.document ? link.document === name : link.url !== undefined;
}

/** Goes where the link pointed, if this is the document it named. */
export function landAt(document: OpenedDocument): void {
  const { awaited } = useWorkspace.getState();
  if (!isMeant(document, awaited)) return;
  const node = awaited.key === undefined ? 0 : (nodeAtPath(document.tree, awaited.key) ?? 0);
  selectNode(document.id, node, awaited.view);
  const entry = entryOf(document, node);
  if (awaited.slice && entry !== undefined) landOnSlice(document, entry, awaited.slice);
  // The other side of a comparison is still to come, and its filter may ask for pairs.
  const rest = awaited.other ? awaited : {};
  if (awaited.filter && !awaited.other) setFilter(document.id, awaited.filter);
  useWorkspace.setState({ awaited: rest, active: document.id, pane: node > 0 ? 'main' : 'explorer' });
}

export async function closeDocument(id: DocumentId): Promise<void> {
  useWorkspace.setState(({ documents, active }) => {
    const index = documents.findIndex((d) => d.id === id);
    const rest = documents.filter((d) => d.id !== id);
    const next = rest[Math.min(index, rest.length - 1)]?.id ?? null;
    return { documents: rest, active: active === id ? next : active };
  });
  dropExplorer(id);
  dropHealth(id);
  offered.delete(id);
  forget(id);
  dropComputations(id);
  dropScans(id);
  forgetValues(id);
  await engine().close(id);
}

export const activate = (id: DocumentId): void => useWorkspace.setState({ active: id });
export const showPane = (pane: WorkspaceState['pane']): void => useWorkspace.setState({ pane });

/** Shows a node where a person looks at it: on narrow windows the main pane comes forward. */
export function goTo(document: DocumentId, node: number, view?: string): void {
  selectNode(document, node, view);
  // A comparison is none of the documents; one of its two stays the active one.
  useWorkspace.setState(({ documents, active }) => ({
    active: documents.some(({ id }) => id === document) ? document : active,
    pane: 'main',
  }));
}

export function addNotice(notice: Omit<Notice, 'id'>): void {
  useWorkspace.setState(({ notices }) => ({ notices: [...notices, { ...notice, id: nextNotice++ }] }));
}
export const dismissTogether = (): void => useWorkspace.setState({ together: [] });
export const dismissNotice = (id: number): void =>
  useWorkspace.setState(({ notices }) => ({ notices: notices.filter((n) => n.id !== id) }));
export const dismissAllNotices = (): void => useWorkspace.setState({ notices: [] });

export function showDialog(dialog: WorkspaceState['dialog']): void {
  clearPalette();
  useWorkspace.setState({ dialog });
}

export const askToOpenUrl = (url: string | null): void => useWorkspace.setState({ askedUrl: url });

/** Opens an address a person agreed to. Nothing but this and `hub.ts` asks another server for anything. */
export async function openUrl(url: string): Promise<void> {
  useWorkspace.setState({ askedUrl: null });
  const name = decodeURIComponent(new URL(url).pathname.split('/').pop() || new URL(url).host);
  await openOffer({
    title: name,
    files: [{ path: name, handle: { kind: 'url', url, name } }],
    origin: { kind: 'url', url },
  });
}

/** Opens text as a document, under the name the core gives such text. */
export async function openText(text: string): Promise<void> {
  const name = await engine().nameText(text);
  const bytes = new TextEncoder().encode(text);
  await openOffer({ title: name, files: [{ path: name, handle: { kind: 'buffer', bytes, name } }] });
}
