import { StateglassError } from '../../base/errors.ts';
import type { ByteSource, FileId } from '../../bytes/source.ts';
import { readAhead } from '../../model/shards/read-ahead.ts';
import { resolveShard, shardNaming, sortNames } from '../../model/shards/shard-names.ts';
import {
  absentShard,
  countShards,
  damagedShard,
  findUnopened,
  inOtherShard,
  notInIndex,
  notInShard,
  otherTotal,
} from '../../model/shards/shard-problems.ts';
import { readIndex, scanIndex, sortByFile, type WeightMap } from '../../model/shards/weight-map.ts';
import { PART_TEXT } from '../../model/state-dict.ts';
import type { ReadContext, ReadResult } from '../format.ts';
import { Assembly } from './assembly.ts';
import type { KeyIndex } from './key-index.ts';
import { FIRST_READ, type Header, readHeader, readStart } from './read-header.ts';
import { keyText } from './tensor-rows.ts';

export const SHARDS = shardNaming('safetensors');

/** `*.safetensors.index.json` and the shards it names, as far as they were opened with it. */
export async function readIndexed(context: ReadContext, start: Uint8Array): Promise<ReadResult> {
  const { id, source, files } = context;
  const json = await readIndex(source, start, 'safetensorsIndexBytes', context.signal);
  const map = scanIndex(json, source.name, 'safetensors');
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
    (shard, outcome, position) => {
      sayProgress(context, position, shards.length);
      if (met.get(shard.id)) return;
      const isReadable =
        shard.source !== undefined && outcome !== undefined && !met.has(shard.id)
          ? addShard(assembly, shard.id, shard.source, outcome, context) === undefined
          : false;
      met.set(shard.id, isReadable);
      if (!isReadable) addAbsent(assembly, shard, map, byFile);
    },
    context.signal,
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
    (shard, outcome, position) => {
      sayProgress(context, position, shards.length);
      if (!shard.source || !outcome) return;
      const error = addShard(assembly, shard.id, shard.source, outcome, context);
      if (error) failed ??= error;
      else opened++;
    },
    context.signal,
  );
  if (opened === 0 && failed) throw failed;
  const unopened = findUnopened(SHARDS, id, set);
  if (unopened) {
    assembly.files.push(...unopened.files);
    assembly.addProblem(unopened.problem);
  }
  assembly.checkKeys();
  return assembly.finish(countShards(set.length), undefined);
}

const sayProgress = (context: ReadContext, position: number, count: number): void =>
  context.onProgress?.((position + 1) * FIRST_READ, count * FIRST_READ);

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
    assembly.addProblem(damagedShard(id, error));
    return error;
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
  if (!shard.source) {
    assembly.files.push({ id: shard.id, name: shard.name, part: 'missing' });
    assembly.addProblem(absentShard(shard.name, shard.id, to - from, shard.isSafe));
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
      assembly.addRowProblem(row, inOtherShard(keyText(rows, row), name, rows.fileOf(row).name));
    }
  }
  for (const { row } of index.repeats) listed[row] = 1;
  for (let row = 0; row < listed.length; row++) {
    if (listed[row] === 0) {
      assembly.addRowProblem(row, notInIndex(keyText(rows, row), rows.fileOf(row).name));
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
    assembly.addRowProblem(row, notInShard(keyText(rows, row), name));
  }
}

function checkTotal(assembly: Assembly, map: WeightMap, readable: readonly boolean[]): void {
  if (map.totalSize === undefined || readable.includes(false)) return;
  let total = 0;
  for (const file of assembly.rows.files) if (file.size !== undefined) total += file.size - file.dataStart;
  if (total !== map.totalSize) assembly.addProblem(otherTotal(map.totalSize, total));
}
