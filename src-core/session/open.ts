import { type ErrorInfo, StateglassError, throwIfAborted, toErrorInfo } from '../base/errors.ts';
import { type CountingSource, countingSource } from '../bytes/counting.ts';
import { latin1 } from '../bytes/latin1.ts';
import type { FileId } from '../bytes/source.ts';
import type { Format, ReadContext } from '../formats/format.ts';
import { companionOf, nameNotModel, nameUnread } from '../formats/not-models.ts';
import { FORMATS } from '../formats/registry.ts';
import { withAdvice } from '../model/problem-advice.ts';
import type { FileInfo, StateDict } from '../model/state-dict.ts';
import type { Document, Opened, OpenFile } from './document.ts';
import { applySidecar, type FoundSidecar, isSidecar, openSidecar, sidecarOf } from './sidecar.ts';

export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** Bytes done of those the readers expect to need. */
  readonly onProgress?: (file: FileId, done: number, total: number) => void;
}

/** What `Format.probe` is shown of a file, in bytes. */
const PROBE_BYTES = 4096;
/** Enough of a JSON file to tell a tokenizer from a state dict, in bytes. */
const COMPANION_BYTES = 64 * 1024;

interface Read {
  readonly state: StateDict;
  readonly used: readonly FileId[];
  readonly primary: FileId;
  /** What its reader calls it. */
  readonly name?: string;
}

type Outcome =
  | { document: Read }
  | { companion: FileId; error: ErrorInfo }
  | { failure: FileId; error: ErrorInfo }
  /** It opens as a folder; `error` is told where nothing in it is a model. */
  | { archive: FileId; files: readonly OpenFile[]; error: ErrorInfo };

/**
 * Opens everything that was dropped or picked together: sets of files that make one model become one document, files that
 * only accompany a model (`config.json`) are kept with it, and what is no model is named for what it is.
 *
 * Never throws for a file's sake: what cannot be opened is among the failures.
 *
 * @throws `cancelled` when the signal fires.
 */
export async function openFiles(files: readonly OpenFile[], options: OpenOptions = {}): Promise<Opened> {
  const all = files.map(({ id, source }) => [id, countingSource(source)] as const);
  const sources = new Map<FileId, CountingSource>(all.filter(([id]) => !isSidecar(id)));
  const sidecars = all.filter(([id]) => isSidecar(id)).map(([id, source]) => openSidecar(id, source, options.signal));
  const outcomes: Outcome[] = [];
  const taken = new Set<FileId>();
  const groups = gatherSets([...sources.keys()]);
  for (const { set, gathered } of groups) {
    if (set.every((id) => taken.has(id))) continue;
    const outcome =
      (gathered ? undefined : await findCompanion(set[0] as FileId, sources, options)) ??
      (await openSet(set, sources, options));
    outcomes.push(outcome);
    if ('document' in outcome) for (const id of outcome.document.used) taken.add(id);
    else taken.add(set[0] as FileId);
    if ('archive' in outcome) {
      for (const { id, source } of outcome.files) sources.set(id, countingSource(source));
      groups.push(...gatherSets(outcome.files.map(({ id }) => id)));
    }
    // What a set was put together with by name and did not need (`training_args.bin` beside an index) is a file like any other.
    for (const id of set.slice(1)) if (!taken.has(id)) groups.push({ set: [id], gathered: false });
  }
  return settle(outcomes, sources, await Promise.all(sidecars));
}

interface FileGroup {
  readonly set: readonly FileId[];
  /** A format asked for it by name, so it is no mere companion, even alone (an index without its shards). */
  readonly gathered: boolean;
}

/** Sets that formats see in the names, then every other file alone. */
function gatherSets(names: readonly FileId[]): FileGroup[] {
  const groups: FileGroup[] = [];
  const left = new Set(names);
  for (const format of FORMATS) {
    for (const set of format.gather?.([...left]) ?? []) {
      groups.push({ set, gathered: true });
      for (const id of set) left.delete(id);
    }
  }
  return [...groups, ...[...left].map((id) => ({ set: [id], gathered: false }))];
}

async function openSet(
  set: readonly FileId[],
  sources: ReadonlyMap<FileId, CountingSource>,
  options: OpenOptions,
): Promise<Outcome> {
  const id = set[0] as FileId;
  const source = sources.get(id) as CountingSource;
  throwIfAborted(options.signal);
  try {
    const head = await source.read(0, Math.min(PROBE_BYTES, source.size), options.signal);
    const context: ReadContext = {
      id,
      source,
      files: sources,
      set,
      ...(options.signal && { signal: options.signal }),
      onProgress: (done, total) => options.onProgress?.(id, done, total),
    };
    const certain = nameNotModel(head, source.name, source.size);
    // A file that is certainly something else is not worth a parser's error message.
    if (certain?.kind === 'not-a-model') return await openFolder(id, head, sources, certain, options);
    let declined: ErrorInfo | undefined;
    for (const format of rankFormats(head, source.name)) {
      const { read } = await format.load();
      const result = await read(context);
      if ('state' in result) return { document: { ...result, primary: id } };
      declined ??= { kind: 'unsupported', file: source.name, format: format.label, detail: result.decline };
    }
    const named = nameUnread(head, source.name, source.size);
    if (named.kind === 'not-a-model') return await openFolder(id, head, sources, named, options);
    return { failure: id, error: named.kind === 'unknown-format' ? (declined ?? named) : named };
  } catch (error) {
    if (error instanceof StateglassError && error.info.kind === 'cancelled') throw error;
    throwIfAborted(options.signal);
    return { failure: id, error: toErrorInfo(error) };
  }
}

/** What no format takes may be a packed folder. Archives in it stay closed. */
async function openFolder(
  id: FileId,
  head: Uint8Array<ArrayBuffer>,
  sources: ReadonlyMap<FileId, CountingSource>,
  error: ErrorInfo,
  { signal }: OpenOptions,
): Promise<Outcome> {
  if (!looksPacked(head) || isInside(id, sources)) return { failure: id, error };
  const { openArchive } = await import('./open-archive.ts');
  const files = await openArchive({ id, source: sources.get(id) as CountingSource }, signal);
  return files && files.length > 0 ? { archive: id, files, error } : { failure: id, error };
}

/** zip, gzip, tar. */
const looksPacked = (head: Uint8Array<ArrayBuffer>): boolean =>
  (head[0] === 0x50 && head[1] === 0x4b) ||
  (head[0] === 0x1f && head[1] === 0x8b) ||
  latin1(head.subarray(257, 262)) === 'ustar';

/** Whether a file is one of an archive's: the folder it is in is a file. */
function isInside(id: FileId, sources: ReadonlyMap<FileId, CountingSource>): boolean {
  for (let at = id.indexOf('/'); at >= 0; at = id.indexOf('/', at + 1)) if (sources.has(id.slice(0, at))) return true;
  return false;
}

function rankFormats(head: Uint8Array, name: string): Format[] {
  const judged = FORMATS.map((format) => ({ format, likelihood: format.probe(head, name) }));
  return (['yes', 'maybe'] as const).flatMap((wanted) =>
    judged.filter((j) => j.likelihood === wanted).map((j) => j.format),
  );
}

/** What a file is when it only accompanies a model: `config.json`, a tokenizer. */
async function findCompanion(
  id: FileId,
  sources: ReadonlyMap<FileId, CountingSource>,
  { signal }: OpenOptions,
): Promise<Outcome | undefined> {
  const source = sources.get(id) as CountingSource;
  if (!/\.(json|txt|model)$/i.test(id)) return undefined;
  const head = await source.read(0, Math.min(COMPANION_BYTES, source.size), signal).catch(() => new Uint8Array());
  const companion = companionOf(source.name, new TextDecoder().decode(head));
  return companion && { companion: id, error: { kind: 'not-a-model', file: source.name, ...companion } };
}

/** Gives companions to the models they lie beside, and leaves as failures what a person should hear of. */
function settle(
  outcomes: readonly Outcome[],
  sources: ReadonlyMap<FileId, CountingSource>,
  sidecars: readonly FoundSidecar[],
): Opened {
  const reads = outcomes.flatMap((outcome) => ('document' in outcome ? [outcome.document] : []));
  const homes = new Set(reads.filter(isModel).map((read) => folderOf(read.primary)));
  // Plain text and settings in a model's folder accompany it; elsewhere they are what the person wants to see.
  const isBeside = (read: Read) => !isModel(read) && isNested(read.primary) && homes.has(folderOf(read.primary));
  const companions = reads.filter(isBeside).flatMap((read) => read.used);
  const failures: { file: FileId; error: ErrorInfo }[] = [];
  const archives = outcomes.flatMap((outcome) => ('archive' in outcome ? [outcome] : []));
  const empty = archives.filter(({ archive }) => !reads.some(({ primary }) => primary.startsWith(`${archive}/`)));
  failures.push(...empty.map(({ archive, error }) => ({ file: archive, error })));
  for (const outcome of outcomes) {
    if ('document' in outcome || 'archive' in outcome) continue;
    const file = 'companion' in outcome ? outcome.companion : outcome.failure;
    // Of a folder without a model one thing is told.
    if (empty.some(({ archive }) => file.startsWith(`${archive}/`))) continue;
    // A README or a picture in a model's folder is no failure; a file that was dropped by itself is.
    if ('companion' in outcome && homes.has(folderOf(file))) companions.push(file);
    else if ((homes.size === 0 && !isInside(file, sources)) || !isNested(file) || !isHarmless(outcome.error))
      failures.push({ file, error: outcome.error });
  }
  const own = reads.filter((read) => !isBeside(read));
  const pairs = pairSidecars(own, sidecars);
  for (const { id, source } of sidecars) {
    if ([...pairs.values()].some((sidecar) => sidecar.id === id)) continue;
    const advice = 'Drop it together with the file that it lies beside';
    failures.push({ file: id, error: { kind: 'not-a-model', file: source.name, what: 'roles of a model', advice } });
  }
  const documents = own.map((read) => toDocument(read, companions, sources, pairs.get(read)));
  return { documents, failures };
}

/** Sidecars by name; one alone goes to the one model of its folder, which may have been renamed since. */
function pairSidecars(reads: readonly Read[], sidecars: readonly FoundSidecar[]): ReadonlyMap<Read, FoundSidecar> {
  const beside = <T>(list: readonly T[], idOf: (one: T) => FileId, folder: string) =>
    list.filter((one) => folderOf(idOf(one)) === folder);
  return new Map(
    reads.flatMap((read) => {
      const folder = folderOf(read.primary);
      const near = beside(sidecars, ({ id }) => id, folder);
      const isAlone = near.length === 1 && beside(reads, ({ primary }) => primary, folder).length === 1;
      const found = near.find(({ id }) => id === sidecarOf(read.primary)) ?? (isAlone ? near[0] : undefined);
      return found ? [[read, found] as const] : [];
    }),
  );
}

/** Has tensors, or is a prompt state dict of a known system: not just any JSON file. */
const isModel = (read: Read) => read.state.storages.size > 0 || read.state.dialect !== 'generic';
const isNested = (id: FileId) => id.includes('/');
const isHarmless = (error: ErrorInfo) => error.kind === 'not-a-model' || error.kind === 'unknown-format';
const folderOf = (id: FileId) => id.slice(0, id.lastIndexOf('/') + 1);

function toDocument(
  read: Read,
  companions: readonly FileId[],
  sources: ReadonlyMap<FileId, CountingSource>,
  sidecar: FoundSidecar | undefined,
): Document {
  const folder = folderOf(read.primary);
  const beside = companions.filter((id) => folderOf(id) === folder);
  const extra = beside.map((id): FileInfo => {
    const source = sources.get(id);
    return { id, name: source?.name ?? id, ...(source && { size: source.size }), part: 'companion' };
  });
  const own = [...read.used, ...beside];
  const files = new Map(
    own.flatMap((id) => (sources.has(id) ? [[id, sources.get(id) as CountingSource] as const] : [])),
  );
  const whole = { ...read.state, files: [...read.state.files, ...extra] };
  const state = sidecar ? applySidecar(whole, sidecar) : whole;
  if (sidecar) files.set(sidecar.id, sidecar.source);
  return {
    name: documentName(read),
    state: { ...state, problems: state.problems.map(withAdvice) },
    files,
    get bytesRead() {
      return [...files.values()].reduce((sum, source) => sum + source.bytesRead, 0);
    },
  };
}

/** A set in a folder is known by its folder, a single file by its name. */
function documentName(read: Read): string {
  if (read.name !== undefined) return read.name;
  const folder = folderOf(read.primary).replace(/\/$/, '').split('/').at(-1);
  // Data that a file names beside it makes no set of it.
  const isSet = (part: FileInfo['part']) => part === 'model' || (part === 'missing' && read.state.format !== 'onnx');
  const parts = read.state.files.filter((file) => isSet(file.part)).length;
  if (parts > 1 && folder) return folder;
  const name = read.primary.split('/').at(-1) as string;
  return parts > 1 ? name.replace(/\.index\.json$|-\d{5}-of-\d{5}(?=\.)/, '') : name;
}
