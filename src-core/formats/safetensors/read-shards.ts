import { StateglassError, throwIfAborted } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { ByteSource, FileId } from '../../bytes/source.ts';
import { PART_TEXT, ROW_FLAG } from '../../model/state-dict.ts';
import type { ReadContext, ReadResult } from '../format.ts';
import { Assembly } from './assembly.ts';
import type { KeyIndex } from './key-index.ts';
import { FIRST_READ, type Header, readHeader, readStart } from './read-header.ts';
import { parseShardName, resolveShard, shardNamed, sortNames } from './shard-names.ts';
import { keyText } from './tensor-rows.ts';
import { scanIndex, sortByFile, type WeightMap } from './weight-map.ts';

/** Headers read at the same time: a server is kept busy, and a hundred shards do not hold a hundred headers in memory. */
const PARALLEL = 8;

/** `*.safetensors.index.json` and the shards it names, as far as they were opened with it. */
export async function readIndexed(context: ReadContext, start: Uint8Array): Promise<ReadResult> {
  const { id, source, files } = context;
  const json = await readIndex(source, start, context.signal);
  const map = scanIndex(json, source.name);
  const assembly = new Assembly();
  assembly.files.push({ id, name: source.name, size: source.size, part: 'index' });
  assembly.metadata.push(...map.metadata);

  const byFile = sortByFile(map);
  const position = new Map(map.files.map((name, i) => [name, i]));
  const shards = sortNames(map.files).map((name) => {
    const shardId = resolveShard(id, name);
    const shard = shardId === undefined ? undefined : files.get(shardId);
    return { name, id: shardId ?? name, isSafe: shardId !== undefined, source: shard, map: position.get(name)! };
  });
  const ids = new Map(shards.map((shard) => [shard.name, shard.id]));
  /** Files met so far, and whether they could be read. Two names may mean one file. */
  const met = new Map<FileId, boolean>();
  await readAhead(
    shards,
    (shard) => (shard.source ? readShard(shard.source, context.signal) : undefined),
    (shard, outcome) => {
      if (met.get(shard.id)) return;
      const isReadable =
        shard.source !== undefined && outcome !== undefined && !met.has(shard.id)
          ? addShard(assembly, shard.id, shard.source, outcome, context) === undefined
          : false;
      met.set(shard.id, isReadable);
      if (!isReadable) addAbsent(assembly, shard, map, byFile);
    },
    context,
  );
  const fileIds = map.files.map((name) => ids.get(name)!);
  const readable = fileIds.map((shardId) => met.get(shardId) === true);
  const index = assembly.checkKeys();
  checkTotal(assembly, map, readable);
  compareMap(assembly, index, map, fileIds, readable);
  return assembly.finish(countShards(map.files.length), { file: id, offset: 0, length: source.size });
}

/** `model-00001-of-00004.safetensors` and its like without an index. */
export async function readNumbered(context: ReadContext, start: Uint8Array): Promise<ReadResult> {
  const { id, files, set } = context;
  const assembly = new Assembly();
  const shards = sortNames(set).map((shardId) => ({ id: shardId, source: files.get(shardId) }));
  let opened = 0;
  let failed: StateglassError | undefined;
  await readAhead(
    shards,
    (shard) => shard.source && readShard(shard.source, context.signal, shard.id === id ? start : undefined),
    (shard, outcome) => {
      if (!shard.source || !outcome) return;
      const error = addShard(assembly, shard.id, shard.source, outcome, context);
      if (error) failed ??= error;
      else opened++;
    },
    context,
  );
  if (opened === 0 && failed) throw failed;
  addUnopened(assembly, id, set);
  assembly.checkKeys();
  return assembly.finish(countShards(set.length), undefined);
}

const countShards = (count: number): string => (count === 1 ? '1 shard' : `${count} shards`);

async function readIndex(source: ByteSource, start: Uint8Array, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { name, size } = source;
  if (size > LIMITS.safetensorsIndexBytes) {
    const max = LIMITS.safetensorsIndexBytes;
    const detail = 'the index is longer than any real one';
    throw new StateglassError({ kind: 'limit', file: name, limit: 'safetensorsIndexBytes', value: size, max, detail });
  }
  if (start.length === size) return start;
  const json = new Uint8Array(size);
  json.set(start);
  json.set(await source.read(start.length, size, signal), start.length);
  return json;
}

type Outcome = Header | StateglassError;

/** The header, or why it cannot be had: one bad shard does not keep the others from being seen. */
async function readShard(source: ByteSource, signal?: AbortSignal, start?: Uint8Array): Promise<Outcome> {
  try {
    return await readHeader(source, start ?? (await readStart(source, signal)), signal);
  } catch (error) {
    if (error instanceof StateglassError && error.info.kind !== 'cancelled') return error;
    throw error;
  }
}

/** Adds a shard; what is wrong with it, when it cannot be added, is told as a problem and returned. */
function addShard(
  assembly: Assembly,
  id: FileId,
  source: ByteSource,
  outcome: Outcome,
  context: ReadContext,
): StateglassError | undefined {
  try {
    if (outcome instanceof StateglassError) throw outcome;
    assembly.addFile(id, source.name, source.size, outcome, context.signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof StateglassError) || error.info.kind === 'cancelled') throw error;
    assembly.files.push({ id, name: source.name, size: source.size, part: 'model' });
    const message = `${error.message}.`;
    assembly.addProblem({ code: 'bad-shard', severity: 'error', message, file: id });
    return error;
  }
}

/** Runs up to PARALLEL reads ahead and takes their results in order. */
async function readAhead<T, R>(
  items: readonly T[],
  start: (item: T) => Promise<R> | undefined,
  take: (item: T, result: R | undefined) => void,
  context: ReadContext,
): Promise<void> {
  const running: (Promise<R> | undefined)[] = [];
  try {
    for (const [i, item] of items.entries()) {
      while (running.length < items.length && running.length < i + PARALLEL)
        running.push(start(items[running.length]!));
      take(item, await running[i]);
      running[i] = undefined;
      context.onProgress?.((i + 1) * FIRST_READ, items.length * FIRST_READ);
      throwIfAborted(context.signal);
    }
  } finally {
    // What still runs after an error may fail as well; nobody waits for it.
    for (const read of running) read?.catch(() => undefined);
  }
}

interface NamedShard {
  readonly id: FileId;
  readonly name: string;
  readonly isSafe: boolean;
  readonly source: ByteSource | undefined;
  readonly map: number;
}

/** Rows for the names of a shard that is not here. */
function addAbsent(assembly: Assembly, shard: NamedShard, map: WeightMap, byFile: ReturnType<typeof sortByFile>): void {
  const { rows } = assembly;
  const from = byFile.fileStart[shard.map]!;
  const to = byFile.fileStart[shard.map + 1]!;
  const tensors = to - from === 1 ? '1 tensor' : `${to - from} tensors`;
  if (!shard.source) {
    assembly.files.push({ id: shard.id, name: shard.name, part: 'missing' });
    const problem = shard.isSafe
      ? ({
          code: 'missing-shard',
          severity: 'warning',
          message: `The shard ${shard.name} is not open: ${tensors} can only be listed by name.`,
          advice: 'Open it together with the index.',
        } as const)
      : ({
          code: 'unsafe-name',
          severity: 'error',
          message: `The index names the file ${JSON.stringify(shard.name)}, which lies outside its folder. It is not looked for.`,
        } as const);
    assembly.addProblem({ ...problem, file: shard.id });
  }
  rows.openFile({ id: shard.id, name: shard.name, size: undefined, dataStart: 0 });
  for (let i = from; i < to; i++) addName(assembly, map, byFile.order[i]!);
}

/** A row that has a name and nothing else, in the file opened last. */
function addName(assembly: Assembly, map: WeightMap, position: number): number {
  const { rows } = assembly;
  const name = map.names.subarray(map.start[position]!, map.start[position + 1]!);
  rows.reserveKeys(name.length + 1, '');
  const at = rows.keyStart[rows.count]!;
  rows.keys[at] = PART_TEXT;
  rows.keys.set(name, at + 1);
  return rows.addRow(at + 1 + name.length);
}

/** Where the index and the shards that are here disagree. */
function compareMap(
  assembly: Assembly,
  index: KeyIndex,
  map: WeightMap,
  fileIds: readonly FileId[],
  readable: readonly boolean[],
): void {
  const { rows } = assembly;
  const listed = new Uint8Array(rows.count);
  const repeated = new Set(index.repeats.map((repeat) => repeat.first));
  const lost: number[] = [];
  for (let i = 0; i < map.count; i++) {
    const row = index.find(map.names, map.start[i]!, map.start[i + 1]!);
    if (row >= 0) listed[row] = 1;
    const name = map.files[map.file[i]!]!;
    if (!readable[map.file[i]!]) continue;
    if (row < 0) lost.push(i);
    else if (rows.fileOf(row).id !== fileIds[map.file[i]!] && !repeated.has(row)) {
      const message = `The index says ${keyText(rows, row)} is in ${name}; it is in ${rows.fileOf(row).name}.`;
      say(assembly, row, 'weight-map', message);
    }
  }
  for (const { row } of index.repeats) listed[row] = 1;
  for (let row = 0; row < listed.length; row++) {
    if (listed[row] === 0) {
      const message = `${keyText(rows, row)} is in ${rows.fileOf(row).name}, but the index does not list it.`;
      say(assembly, row, 'not-in-index', message);
    }
  }
  addLost(assembly, map, fileIds, lost);
}

/** Names the index puts into a shard that does not have them. */
function addLost(assembly: Assembly, map: WeightMap, fileIds: readonly FileId[], lost: number[]): void {
  const { rows } = assembly;
  const known = new Map(rows.files.map((file) => [file.id, file]));
  let open = -1;
  for (const i of lost.sort((a, b) => map.file[a]! - map.file[b]! || a - b)) {
    const file = map.file[i]!;
    const { id, name, size, dataStart } = known.get(fileIds[file]!)!;
    if (open !== file) rows.openFile({ id, name, size, dataStart });
    open = file;
    const row = addName(assembly, map, i);
    say(assembly, row, 'weight-map', `The index says ${keyText(rows, row)} is in ${name}; it is not there.`);
  }
}

function say(assembly: Assembly, row: number, code: string, message: string): void {
  assembly.rows.flags[row]! |= ROW_FLAG.problem;
  const severity = code === 'not-in-index' ? 'note' : 'warning';
  assembly.addProblem({ code, severity, message, entry: row, file: assembly.rows.fileOf(row).id });
}

function checkTotal(assembly: Assembly, map: WeightMap, readable: readonly boolean[]): void {
  if (map.totalSize === undefined || readable.includes(false)) return;
  let total = 0;
  for (const file of assembly.rows.files) if (file.size !== undefined) total += file.size - file.dataStart;
  if (total === map.totalSize) return;
  assembly.addProblem({
    code: 'total-size',
    severity: 'note',
    message: `The index says total_size is ${map.totalSize} bytes; the shards hold ${total}.`,
  });
}

/** Shards that the names tell of and nobody opened. */
function addUnopened(assembly: Assembly, id: FileId, set: readonly FileId[]): void {
  const shard = parseShardName(id);
  if (!shard) return;
  const here = new Set(set.map((name) => parseShardName(name)?.number));
  const missing: string[] = [];
  for (let number = 1; number <= Math.min(shard.total, LIMITS.shards); number++) {
    if (!here.has(number)) missing.push(shardNamed(id, number));
  }
  if (missing.length === 0) return;
  for (const name of missing)
    assembly.files.push({ id: name, name: name.slice(name.lastIndexOf('/') + 1), part: 'missing' });
  const list = missing.slice(0, 3).map((name) => name.slice(name.lastIndexOf('/') + 1));
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  assembly.addProblem({
    code: 'missing-shard',
    severity: 'warning',
    message: `${here.size} of ${shard.total} shards are open. Not open: ${list.join(', ')}${more}.`,
    advice: 'Open all shards together, with their index if there is one.',
  });
}
