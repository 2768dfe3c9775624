import { create } from 'zustand';
import { type Edit, type EditLog, listDonors, toErrorInfo } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import type { EditReply, EditReview } from '../engine/edit-api.ts';
import { type DonorIds, rememberDonors } from './donors.ts';
import { engine } from './engine.ts';
import { saveFile } from './save-file.ts';
import { flushTyping } from './typing.ts';
import { addNotice, refreshDocument, useWorkspace } from './workspace.ts';

interface EditsState {
  readonly logs: Readonly<Record<DocumentId, EditLog>>;
}

const NO_EDITS: EditLog = { edits: [], cursor: 0 };

export const useEditsStore = create<EditsState>(() => ({ logs: {} }));

/** Edits of a document, those that hold in front. */
export const useEditLog = (document: DocumentId | undefined): EditLog =>
  useEditsStore(({ logs }) => (document === undefined ? NO_EDITS : (logs[document] ?? NO_EDITS)));

export const editLogOf = (document: DocumentId): EditLog => useEditsStore.getState().logs[document] ?? NO_EDITS;

/** Ops that leave every tensor what it is. */
const WORDS_ONLY = new Set(['set-value', 'set-metadata', 'set-role']);

/** One after the other: each builds on what the one before made. */
let queue: Promise<unknown> = Promise.resolve();

function enqueue<Reply extends EditReply>(
  document: DocumentId,
  ops: (log: EditLog) => readonly string[],
  ask: () => Promise<Reply>,
): Promise<Reply> {
  const turn = queue.then(async () => {
    const before = editLogOf(document);
    const reply = await ask();
    useEditsStore.setState(({ logs }) => ({ logs: { ...logs, [document]: reply.log } }));
    const keepsNumbers = !reply.moved && [...ops(before), ...ops(reply.log)].every((op) => WORDS_ONLY.has(op));
    refreshDocument(reply.document, { moved: reply.moved, keepsNumbers });
    return reply;
  });
  queue = turn.catch(() => undefined);
  return turn;
}

const opsFrom = (log: EditLog, from: number): readonly string[] => log.edits.slice(from).map(({ op }) => op);

/**
 * Makes an edit. `amend`: it goes on with the one before of the same entry. `donors`: whom it takes values from, by the names it gives them.
 *
 * @throws why it cannot be made; nothing has changed then.
 */
export async function makeEdit(document: DocumentId, edit: Edit, amend = false, donors: DonorIds = {}): Promise<void> {
  await enqueue(
    document,
    () => [edit.op],
    async () => {
      const reply = await engine().edit(document, edit, amend, donors);
      rememberDonors(document, donors);
      return reply;
    },
  );
}

/** Takes in edits that the engine makes of its own: several at once. @throws why they cannot be made. */
export function makeMany<Reply extends EditReply>(
  document: DocumentId,
  donors: DonorIds,
  ask: () => Promise<Reply>,
): Promise<Reply> {
  return enqueue(
    document,
    (log) => opsFrom(log, 0),
    async () => {
      const reply = await ask();
      const named = listDonors(reply.log.edits);
      rememberDonors(document, Object.fromEntries(Object.entries(donors).filter(([name]) => named.includes(name))));
      return reply;
    },
  );
}

/** As `makeEdit`, for a button: why it cannot be made becomes a notice. */
export async function tryEdit(document: DocumentId, edit: Edit, donors?: DonorIds): Promise<void> {
  await orNotice(document, () => makeEdit(document, edit, false, donors));
}

async function orNotice(document: DocumentId, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    addNotice({ file: nameOf(document), error: toErrorInfo(error) });
  }
}

const nameOf = (document: DocumentId): string =>
  useWorkspace.getState().documents.find(({ id }) => id === document)?.name ?? 'document';

/** Goes to where so many edits hold: the way of undo and redo. */
export async function moveEdits(document: DocumentId, to: (cursor: number) => number): Promise<void> {
  await flushTyping();
  const move = () => {
    const { cursor } = editLogOf(document);
    return enqueue(
      document,
      (log) => opsFrom(log, Math.min(cursor, to(cursor))),
      () => engine().moveEditCursor(document, to(cursor)),
    );
  };
  await orNotice(document, () => queue.then(move));
}

export const undo = (document: DocumentId): Promise<void> => moveEdits(document, (cursor) => cursor - 1);
export const redo = (document: DocumentId): Promise<void> => moveEdits(document, (cursor) => cursor + 1);

/** Takes one edit out and leaves the others. */
export async function revert(document: DocumentId, index: number): Promise<void> {
  await flushTyping();
  await orNotice(document, () =>
    enqueue(
      document,
      (log) => opsFrom(log, index),
      () => engine().revertEdit(document, index),
    ),
  );
}

/** The entry an edit names, before and after it. `edit` says which it is, should the log be another by then. */
export async function reviewEdit(document: DocumentId, index: number, edit: Edit): Promise<EditReview> {
  await queue;
  const still = editLogOf(document).edits[index];
  return still === edit ? engine().reviewEdit(document, index) : {};
}

/** Hands the edits to the browser as a file that can be replayed on another document. */
export async function saveRecipe(document: DocumentId): Promise<void> {
  await flushTyping();
  const text = await engine().recipe(document);
  const stem = nameOf(document).replace(/\.[^.]+$/, '');
  saveFile(new Blob([text], { type: 'application/json' }), `${stem}.recipe.json`);
}

// A document that was closed, or opened again after it was saved, has no edits.
useWorkspace.subscribe(({ documents }) => {
  const { logs } = useEditsStore.getState();
  const kept = Object.entries(logs).filter(([id]) => documents.some((document) => document.id === Number(id)));
  if (kept.length < Object.keys(logs).length) useEditsStore.setState({ logs: Object.fromEntries(kept) });
});

/** Documents with edits that no file holds. */
export const hasUnsaved = (): boolean => useWorkspace.getState().documents.some(({ id }) => editLogOf(id).cursor > 0);
