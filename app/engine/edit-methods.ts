import {
  applyEdit,
  attachDonor,
  blobSink,
  checkSaved,
  type Edit,
  type EditedDocument,
  isSavable,
  listProposals,
  moveCursor,
  movedRows,
  openFiles,
  openHandle,
  planRenames,
  planSave,
  previewEdit,
  previewTake,
  revertEdit,
  reviewEdit,
  StateglassError,
  writePlan,
  writeRecipe,
} from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import type { EditReply, SavedBlob, SaveForecast } from './edit-api.ts';
import { sourceOpener } from './export-methods.ts';
import type { FindHeld, ReplaceHeld } from './held.ts';

type EditMethods = Pick<
  EngineApi,
  | 'edit'
  | 'moveEditCursor'
  | 'revertEdit'
  | 'reviewEdit'
  | 'previewEdit'
  | 'previewTake'
  | 'previewRenames'
  | 'proposals'
  | 'recipe'
  | 'saveForecast'
  | 'saveFiles'
>;

/** Renames shown of a preview; a count stands for the rest. */
const SHOWN_RENAMES = 200;

/** Puts an edited document in the place of the one before, and tells what that moved. */
export function replierOf(find: FindHeld, replace: ReplaceHeld): (id: number, next: EditedDocument) => EditReply {
  return (id, next) => {
    const before = find(id).document;
    const moved = movedRows(before.state, next.state);
    const document = replace(id, next);
    return { document, log: next.log, revision: next.revision, ...(moved && { moved }) };
  };
}

/** What changes a document, and what takes the changes out of the page. */
export function editMethods(find: FindHeld, replace: ReplaceHeld): EditMethods {
  const reply = replierOf(find, replace);
  const attach = (id: number, donors: Readonly<Record<string, number>>): EditedDocument =>
    Object.entries(donors).reduce(
      (attached, [name, donor]) => attachDonor(attached, name, find(donor).document),
      find(id).document,
    );
  return {
    async edit(id, edit, amend = false, donors = {}) {
      const document = attach(id, donors);
      const from = amend && isAmended(document, edit) ? moveCursor(document, document.log.cursor - 1) : document;
      return reply(id, applyEdit(from, edit));
    },
    async moveEditCursor(id, cursor) {
      return reply(id, moveCursor(find(id).document, cursor));
    },
    async revertEdit(id, index) {
      return reply(id, revertEdit(find(id).document, index));
    },
    async previewRenames(id, rules) {
      const { document } = find(id);
      const plan = planRenames(document.state, rules);
      if ('kind' in plan) throw new StateglassError(plan);
      const renames = [...plan.renamed].slice(0, SHOWN_RENAMES);
      return {
        count: plan.renamed.size,
        renames: renames.map(([row, to]) => ({ row, key: document.state.entries.at(row).key, to })),
        collisions: plan.collisions,
      };
    },
    async previewEdit(id, edit) {
      return previewEdit(find(id).document, edit);
    },
    async previewTake(id, edit, donors) {
      return previewTake(attach(id, donors), edit);
    },
    async proposals(id) {
      return listProposals(find(id).document);
    },
    async reviewEdit(id, index) {
      return reviewEdit(find(id).document, index);
    },
    async recipe(id) {
      return writeRecipe(find(id).document);
    },
    async saveForecast(id, { signal } = {}): Promise<SaveForecast> {
      const { document } = find(id);
      if (!(await isSavable(document))) return { savable: false, files: [], losses: [] };
      const { files, losses } = await planSave(document, signal);
      return {
        savable: true,
        losses,
        files: files.map(({ file, size, isCopy, newBytes }) => ({
          file,
          isCopy,
          newBytes,
          ...(size !== undefined && { size }),
        })),
      };
    },
    async saveFiles(id, { signal, onProgress } = {}) {
      const { document } = find(id);
      const { files } = await planSave(document, signal);
      const saved: SavedBlob[] = [];
      for (const plan of files) {
        const sink = blobSink();
        await writePlan(plan, sink, sourceOpener(document), {
          ...(signal && { signal }),
          onProgress: (done, total) => onProgress?.({ label: `Writing ${plan.file}`, done, total }),
        });
        saved.push({ file: plan.file, isCopy: plan.isCopy, blob: sink.finish('application/octet-stream') });
      }
      await checkWritten(document, saved);
      return saved;
    },
  };
}

/** The last edit set the same entry: typing on is one edit, not one for every pause. */
function isAmended({ log }: EditedDocument, { op, args }: Edit): boolean {
  const last = log.edits[log.cursor - 1];
  const keyOf = (one: unknown) => (one as { readonly key?: unknown } | undefined)?.key;
  return last?.op === op && keyOf(last.args) !== undefined && keyOf(last.args) === keyOf(args);
}

/** Opens what was written and compares it, before anything is overwritten with it. */
async function checkWritten(document: EditedDocument, saved: readonly SavedBlob[]): Promise<void> {
  const sources = saved.map(async ({ file, blob }) => ({
    id: file,
    source: await openHandle({ kind: 'blob', blob, name: file.slice(file.lastIndexOf('/') + 1) }),
  }));
  const { documents, failures } = await openFiles(await Promise.all(sources));
  const [written] = documents;
  if (!written) throw new StateglassError(failures[0]?.error ?? { kind: 'internal', detail: 'nothing was written' });
  checkSaved(document, written);
}
