import { existsSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import {
  type ByteSource,
  checkSaved,
  type Document,
  describeError,
  type EditedDocument,
  formatLabelOf,
  givenRoles,
  isSidecar,
  listFormats,
  listWriters,
  openFiles,
  type Problem,
  planExport,
  planSave,
  planShards,
  type ScanOptions,
  type Sink,
  StateglassError,
  sidecarOf,
  VALUE_ORDER,
  type WriterInfo,
  writePlan,
  writeSidecar,
} from '../src-core/index.ts';
import { nodeSource, openNodeHandle } from '../src-core/node.ts';
import type { FileToWrite } from './write-file.ts';

/** What writing comes to. */
export interface Forecast {
  /** The file, or the folder of several. */
  readonly path: string;
  readonly entries: number;
  /** Bytes of all files; absent where only writing them tells. */
  readonly size?: number;
  /** Bytes that stand in no file that was read; absent where all are written anew. */
  readonly newBytes?: number;
  readonly losses: readonly Problem[];
}

/** What goes to one name that was given. */
export interface PlannedOutput extends Forecast {
  /** To be made when it is not there. */
  readonly folder?: string;
  readonly filesToWrite: (options: ScanOptions) => readonly FileToWrite[];
  /** Opens what was written, under the names it has until it is put in place, and throws when it is not what was meant. */
  readonly check: (temporaries: readonly string[]) => Promise<void>;
}

/**
 * Plans a document for the name it shall have. The extension says the format; none, or one that nobody knows, keeps the document's
 * own. Several files go to a folder, with what lay beside them.
 *
 * @throws `unsupported` for what the format cannot hold, `bad-input` for a name that makes no sense.
 */
export async function planOutput(document: EditedDocument, path: string): Promise<PlannedOutput> {
  if (isFolder(path)) return planOwn(document, path, true);
  const own = document.base.files.filter(
    ({ id, part }) => part !== 'companion' && part !== 'sidecar' && document.files.has(id),
  );
  const isSet = own.length > 1 || own[0]?.part === 'index';
  const writer = chooseWriter(document, path, isSet);
  return writer ? planOther(document, path, writer) : planOwn(document, path, isSet);
}

/** A folder that is there, or a name that ends as one. */
export const isFolder = (path: string): boolean =>
  /[\\/]$/.test(path) || (existsSync(path) && statSync(path).isDirectory());

/** Another format, or one file of several; undefined to save the files as they are. */
function chooseWriter({ base }: EditedDocument, path: string, isSet: boolean): WriterInfo | undefined {
  const extension = extname(path).toLowerCase();
  const formats = listFormats().filter(({ extensions }) => extensions.includes(extension));
  if (!isSet && formats.some(({ id }) => id === base.format)) return undefined;
  const writer = listWriters().find((one) => one.extension === extension || formats.some(({ id }) => id === one.id));
  if (writer || !formats[0]) return writer;
  const detail = `${formatLabelOf(base.format)} cannot be written as ${formats[0].label} here`;
  throw new StateglassError({ kind: 'unsupported', file: path, format: formats[0].label, detail });
}

/** The document's own files; those that only lie beside it go to the same folder. */
async function planOwn(document: EditedDocument, path: string, toFolder: boolean): Promise<PlannedOutput> {
  const { files: plans, losses } = await planSave(document);
  const models = plans.filter(({ file }) => !isSidecar(file));
  if (!toFolder && models.length > 1)
    throw new StateglassError({
      kind: 'bad-input',
      detail: `${path}: these are ${models.length} files; give a folder`,
    });
  const pathOf = (id: string) => (toFolder ? join(path, basename(id)) : isSidecar(id) ? sidecarOf(path) : path);
  const companions = toFolder ? companionsOf(document) : [];
  const size = sumOf([...plans.map((plan) => plan.size), ...companions.map(({ source }) => source.size)]);
  return {
    path,
    ...(toFolder && { folder: path }),
    entries: document.state.entries.length,
    ...(size !== undefined && { size }),
    newBytes: plans.reduce((sum, { newBytes }) => sum + newBytes, 0),
    losses,
    filesToWrite: (options) => [
      ...plans.map((plan) => ({
        path: pathOf(plan.file),
        write: (sink: Sink) => writePlan(plan, sink, openNodeHandle, options),
      })),
      ...copyCompanions(companions, path, options),
    ],
    async check(temporaries) {
      // By the names they were read with: some formats are known by them too.
      const ids = [...plans.map(({ file }) => file), ...companions.map(({ id }) => id)];
      checkSaved(document, await reopen(temporaries, ids));
    },
  };
}

/** What lay beside the model: its config, its tokeniser. */
const companionsOf = ({ base, files }: EditedDocument) =>
  base.files.flatMap(({ id, part }) => {
    const source = part === 'companion' ? files.get(id) : undefined;
    return source ? [{ id, source }] : [];
  });

const copyCompanions = (
  companions: ReturnType<typeof companionsOf>,
  folder: string,
  options: ScanOptions,
): readonly FileToWrite[] =>
  companions.map(({ id, source }) => ({
    path: join(folder, basename(id)),
    write: (sink) => copySource(source, sink, options),
  }));

const sumOf = (sizes: readonly (number | undefined)[]): number | undefined =>
  sizes.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0);

async function planOther(document: EditedDocument, path: string, writer: WriterInfo): Promise<PlannedOutput> {
  const plan = await planExport(document, { format: writer.id });
  const roles = givenRoles(document.state);
  const text = new TextEncoder().encode(writeSidecar(roles));
  return {
    path,
    entries: plan.tensors,
    ...(plan.size !== undefined && { size: plan.size }),
    losses: plan.losses,
    filesToWrite: (options) => [
      { path, write: (sink) => writePlan(plan, sink, openNodeHandle, options) },
      ...(roles.size > 0 ? [{ path: sidecarOf(path), write: (sink: Sink) => sink.write(0, text) }] : []),
    ],
    async check([temporary]) {
      // What can be written and not opened (NumPy, CSV) is compared with its library in the tests only.
      if (listFormats().some(({ id }) => id === writer.id))
        checkTensors(await reopen(temporary ? [temporary] : [], [basename(path)]), plan.tensors);
    },
  };
}

/**
 * Plans a document's tensors as safetensors shards of at most so many bytes in a folder, with what lay beside the model.
 *
 * @throws what `planShards` throws.
 */
export async function planShardFiles(
  document: EditedDocument,
  folder: string,
  maxBytes: number,
): Promise<PlannedOutput> {
  const { shards, index, losses } = await planShards(document, { maxBytes, name: 'model' });
  const companions = companionsOf(document);
  const entries = shards.reduce((sum, { plan }) => sum + plan.tensors, 0);
  const sizes = [...shards.map(({ plan }) => plan.size), ...companions.map(({ source }) => source.size)];
  const size = sumOf([...sizes, index?.bytes.length ?? 0]);
  return {
    path: folder,
    folder,
    entries,
    ...(size !== undefined && { size }),
    losses,
    filesToWrite: (options) => [
      ...shards.map(({ file, plan }) => ({
        path: join(folder, file),
        write: (sink: Sink) => writePlan(plan, sink, openNodeHandle, options),
      })),
      ...(index ? [{ path: join(folder, index.file), write: (sink: Sink) => sink.write(0, index.bytes) }] : []),
      ...copyCompanions(companions, folder, options),
    ],
    async check(temporaries) {
      const ids = [...shards.map(({ file }) => file), ...(index ? [index.file] : [])];
      checkTensors(await reopen(temporaries.slice(0, ids.length), ids), entries);
    },
  };
}

function checkTensors({ state }: Document, wanted: number): void {
  const { types } = state.entries.columns();
  const found = types.reduce((count, type) => count + (type === VALUE_ORDER.indexOf('tensor') ? 1 : 0), 0);
  if (found === wanted) return;
  const detail = `what was written holds ${found} tensors instead of ${wanted}`;
  throw new StateglassError({ kind: 'internal', detail });
}

/** `ids` are where the files shall be, for those that are looked for beside others. */
async function reopen(paths: readonly string[], ids: readonly string[]): Promise<Document> {
  const sources = paths.map(async (path, i) => {
    const id = ids[i] as string;
    return { id, source: await nodeSource(path, basename(id)) };
  });
  const { documents, failures } = await openFiles(await Promise.all(sources));
  const found = documents.find(({ files }) => files.has(ids[0] as string));
  if (found) return found;
  const reason = failures[0] ? describeError(failures[0].error) : 'it is no state dict';
  throw new StateglassError({ kind: 'internal', detail: `what was written cannot be opened: ${reason}` });
}

/** Bytes that a copy has in memory at once. */
const COPY_BYTES = 8 << 20;

async function copySource(source: ByteSource, sink: Sink, { signal }: ScanOptions): Promise<void> {
  for (let at = 0; at < source.size; at += COPY_BYTES)
    await sink.write(at, await source.read(at, Math.min(source.size, at + COPY_BYTES), signal));
}
