import { type DBSchema, openDB } from 'idb';
import { create } from 'zustand';
import type { Edit, SourceHandle } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import { donorsOfEdit, type FoundDonors, findDonors } from './donors.ts';
import { editLogOf, makeEdit, useEditsStore } from './edits.ts';
import { handlesOf, useWorkspace } from './workspace.ts';

/** Edits that no file holds yet, kept while one works: a closed tab or a crash loses none. */
interface Draft {
  readonly name: string;
  readonly file: FileMark;
  readonly edits: readonly Edit[];
  readonly when: number;
}

/** What tells a file from a later version of it. */
interface FileMark {
  /** Bytes. */
  readonly size: number;
  /** When it was changed last; absent where nobody says. */
  readonly modified?: number;
  /** SHA-256 of its beginning, which is the header of most formats, in hex. */
  readonly head: string;
}

interface Schema extends DBSchema {
  drafts: { key: string; value: Draft };
}

const HEAD_BYTES = 64 * 1024;
/** Time for more edits to come: a draft is written as a whole. */
const PAUSE_MS = 300;

const database = () =>
  openDB<Schema>('stateglass-drafts', 1, {
    upgrade(db) {
      db.createObjectStore('drafts', { keyPath: 'name' });
    },
  });

/** Without IndexedDB (private windows, a full disk) there are simply no drafts. */
async function quietly<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

/** Edits found for a document that was opened. */
export interface DraftOffer {
  readonly document: DocumentId;
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly when: number;
  /** The file is the one they were made on. */
  readonly fits: boolean;
}

export const useDrafts = create<{ readonly offers: readonly DraftOffer[] }>(() => ({ offers: [] }));

const marks = new Map<DocumentId, Promise<FileMark | undefined>>();

/** The file a document came from, if it is one that can be dropped again. */
async function markOf(handle: SourceHandle | undefined): Promise<FileMark | undefined> {
  if (handle?.kind !== 'blob') return undefined;
  const { blob } = handle;
  const head = await crypto.subtle.digest('SHA-256', await blob.slice(0, HEAD_BYTES).arrayBuffer());
  const hex = [...new Uint8Array(head)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { size: blob.size, ...(blob instanceof File && { modified: blob.lastModified }), head: hex };
}

async function lookFor(document: OpenedDocument): Promise<void> {
  const mark = await marks.get(document.id);
  const draft = mark && (await quietly(async () => (await database()).get('drafts', document.name)));
  if (!draft || !mark || editLogOf(document.id).edits.length > 0) return;
  const { size, modified, head } = draft.file;
  const fits = size === mark.size && head === mark.head && modified === mark.modified;
  const offer: DraftOffer = { document: document.id, name: draft.name, edits: draft.edits, when: draft.when, fits };
  useDrafts.setState(({ offers }) => ({ offers: [...offers, offer] }));
}

const closeOffer = (document: DocumentId): void =>
  useDrafts.setState(({ offers }) => ({ offers: offers.filter((offer) => offer.document !== document) }));

/** Whom the edits take values from. */
export const donorsOfDraft = ({ document, edits }: DraftOffer, documents: readonly OpenedDocument[]): FoundDonors =>
  findDonors(document, edits, documents);

/**
 * Makes the edits again. What cannot be made, on a file that changed, ends it with the reason; nothing is applied unseen.
 * Documents that edits take values from are open by then.
 */
export async function restoreDraft({ document, edits }: DraftOffer): Promise<void> {
  const { found } = findDonors(document, edits);
  closeOffer(document);
  for (const edit of edits) await makeEdit(document, edit, false, donorsOfEdit(edit, found));
}

export async function discardDraft({ document, name }: DraftOffer): Promise<void> {
  closeOffer(document);
  await quietly(async () => (await database()).delete('drafts', name));
}

/** Its edits are in a file now. */
export async function forgetDraft({ id, name }: Pick<OpenedDocument, 'id' | 'name'>): Promise<void> {
  clearTimeout(timers.get(id));
  await quietly(async () => (await database()).delete('drafts', name));
}

const timers = new Map<DocumentId, ReturnType<typeof setTimeout>>();

function keepSoon({ id, name }: OpenedDocument): void {
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => void quietly(() => keep(id, name)), PAUSE_MS),
  );
}

async function keep(id: DocumentId, name: string): Promise<void> {
  const file = await marks.get(id);
  if (!file) return;
  const { edits, cursor } = editLogOf(id);
  const db = await database();
  const held = edits.slice(0, cursor).map(({ op, args }) => ({ op, args }));
  if (held.length > 0) await db.put('drafts', { name, file, edits: held, when: Date.now() });
  else await db.delete('drafts', name);
  db.close();
}

/** Keeps drafts from now on, and offers those there are. */
export function watchDrafts(): () => void {
  const stopLogs = useEditsStore.subscribe(({ logs }, { logs: before }) => {
    for (const document of useWorkspace.getState().documents) {
      if (logs[document.id] === before[document.id]) continue;
      closeOffer(document.id);
      keepSoon(document);
    }
  });
  const stopDocuments = useWorkspace.subscribe(({ documents }) => {
    for (const document of documents) {
      if (marks.has(document.id)) continue;
      marks.set(document.id, markOf(handlesOf(document.id)[0]));
      void lookFor(document);
    }
    for (const id of marks.keys()) {
      if (documents.some((document) => document.id === id)) continue;
      marks.delete(id);
      closeOffer(id);
    }
  });
  return () => {
    stopLogs();
    stopDocuments();
  };
}
