import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  checkSaved,
  type Document,
  type EditedDocument,
  type FileId,
  isSidecar,
  openFiles,
  planSave,
  type SavePlanFile,
  type ScanOptions,
  type Sink,
  type SourceHandle,
  StateglassError,
  writePlan,
} from '../src-core/index.ts';
import { openNodeHandle } from '../src-core/node.ts';
import { beginJournal, type Place } from './journal.ts';
import type { Forecast } from './plan-output.ts';
import { writeFile } from './write-file.ts';

/** A file that is to be changed where it lies. */
export interface PlannedPatch extends Forecast {
  readonly size: number;
  readonly newBytes: number;
  readonly write: (options: ScanOptions) => Promise<void>;
}

/**
 * Plans to change only the bytes that are others, in the file itself: everything else has to stay where it is.
 *
 * @throws `bad-input` when something would have to move, telling how much, and for what is no file of this machine.
 */
export async function planPatch(document: EditedDocument, path: string): Promise<PlannedPatch> {
  const { files: all, losses } = await planSave(document);
  const files = all.filter(({ file }) => !isSidecar(file));
  const sidecar = all.find(({ file, isCopy }) => isSidecar(file) && !isCopy);
  const changed = files.filter(({ isCopy }) => !isCopy);
  if (changed.length > 1)
    throw refuse(`the change is in ${changed.length} files, and one is changed safely: give -o FOLDER`);
  const plan = changed[0] ?? files[0];
  const handle = plan && document.files.get(plan.file)?.handle;
  if (!plan || handle?.kind !== 'path') throw refuse(`${path} is no file of this machine: give -o FILE`);
  const size = document.files.get(plan.file)?.size ?? 0;
  const places = changed.length > 0 ? findPlaces(plan, size) : [];
  const entries = document.state.entries.length;
  const newBytes = places.reduce((sum, { length }) => sum + length, 0);
  const beside = sidecar && { id: sidecar.file, path: join(dirname(handle.path), basename(sidecar.file)) };
  return {
    path: handle.path,
    entries,
    size,
    newBytes: newBytes + (sidecar?.newBytes ?? 0),
    losses,
    async write(options) {
      // Before the file itself: what was written is compared with all that was meant.
      if (sidecar && beside)
        await writeFile(beside.path, true, (sink) => writePlan(sidecar, sink, openNodeHandle, options));
      if (places.length === 0) return;
      const journal = await beginJournal(await realpath(handle.path), size, places);
      const sink: Sink = {
        ...journal.sink,
        // What is copied stays where it is.
        copy: (at, [range, ...more]) =>
          more.length === 0 && range?.start === at && range.source.kind === 'path' && range.source.path === handle.path,
      };
      let isBegun = false;
      try {
        await writePlan(plan, sink, openNodeHandle, options);
        await journal.seal();
        isBegun = true;
        await journal.apply();
        checkSaved(document, await reopen(document, plan.file, beside));
      } catch (error) {
        if (isBegun) await journal.rollBack();
        await journal.remove();
        throw error;
      }
      await journal.remove();
    },
  };
}

const refuse = (detail: string): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `--in-place: ${detail}` });

/** What is not copied from where it stands. */
function findPlaces(plan: SavePlanFile, size: number): readonly Place[] {
  const places: { at: number; length: number }[] = [];
  let at = 0;
  let moved = 0;
  for (const part of plan.parts()) {
    const length = part.kind === 'bytes' ? part.bytes.length : part.kind === 'text' ? undefined : part.length;
    if (length === undefined) throw refuse('the length of the new text is not known beforehand: give -o FILE');
    const stays = part.kind === 'copy' && part.file === plan.file && part.offset === at;
    if (part.kind === 'copy' && !stays) moved += length;
    const last = places.at(-1);
    if (!stays && last && last.at + last.length === at) last.length += length;
    else if (!stays && length > 0) places.push({ at, length });
    at += length;
  }
  if (moved === 0 && at === size) return places;
  throw refuse(`the file would have ${at} bytes instead of ${size}, and ${moved} would have to move: give -o FILE`);
}

async function reopen(
  { files, base }: EditedDocument,
  id: FileId,
  beside: { readonly id: FileId; readonly path: string } | undefined,
): Promise<Document> {
  const own = base.files.flatMap((file): { id: FileId; handle: SourceHandle }[] => {
    const source = files.get(file.id);
    return source && file.id !== beside?.id ? [{ id: file.id, handle: source.handle }] : [];
  });
  if (beside) own.push({ id: beside.id, handle: { kind: 'path', path: beside.path, name: basename(beside.path) } });
  const sources = own.map(async ({ handle, ...file }) => ({ ...file, source: await openNodeHandle(handle) }));
  const { documents } = await openFiles(await Promise.all(sources));
  const found = documents.find((one) => one.files.has(id));
  if (found) return found;
  throw new StateglassError({ kind: 'internal', detail: 'what was written cannot be opened' });
}
