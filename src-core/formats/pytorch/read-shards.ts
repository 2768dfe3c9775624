import { malformed, StateglassError } from '../../base/errors.ts';
import type { FileId } from '../../bytes/source.ts';
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
import { nameAt, readIndex, scanIndex, sortByFile, type WeightMap } from '../../model/shards/weight-map.ts';
import type { ReadContext, ReadResult } from '../format.ts';
import { Merge } from './merge.ts';
import { HEAD_BYTES, readFile } from './read-file.ts';
import type { FilePart } from './state-dict.ts';

export const SHARDS = shardNaming('bin');
/** What a shard's directory and pickle take at most, in nearly all files: progress is told in such steps. */
const STEP_BYTES = 64 * 1024;

/** `*.bin.index.json` and the shards it names, as far as they were opened with it. */
export async function readIndexed(context: ReadContext, start: Uint8Array): Promise<ReadResult> {
  const { id, source, files, signal } = context;
  const json = await readIndex(source, start, 'pytorchIndexBytes', signal);
  const map = scanIndex(json, source.name, 'PyTorch');
  const byFile = sortByFile(map);
  const position = new Map(map.files.map((name, i) => [name, i]));
  const ids = map.files.map((name) => resolveShard(id, name));
  const merge = new Merge();
  merge.files.push({ id, name: source.name, size: source.size, part: 'index' });
  merge.metadata.push(...map.metadata);
  /** Files met so far, and whether they could be read. Two names may mean one file. */
  const met = new Map<FileId, boolean>();

  await readAhead(
    sortNames(map.files),
    (name) => readShard(context, ids[position.get(name)!]),
    (name, outcome, done) => {
      sayProgress(context, done, map.files.length);
      const at = position.get(name)!;
      const shardId = ids[at] ?? name;
      if (met.get(shardId)) return;
      const isFirst = !met.has(shardId);
      const names = Array.from(byFile.order.subarray(byFile.fileStart[at]!, byFile.fileStart[at + 1]!), (i) =>
        nameAt(map, i),
      );
      const isReadable = outcome !== undefined && isFirst && addShard(merge, shardId, outcome, context);
      met.set(shardId, isReadable);
      if (isReadable) return;
      if (!outcome) {
        merge.files.push({ id: shardId, name, part: 'missing' });
        merge.problems.add(absentShard(name, shardId, names.length, ids[at] !== undefined));
      }
      merge.addNames(names, { id: shardId, name }, outcome ? `${name} cannot be read` : `${name} is not open`);
    },
    signal,
  );
  const readable = map.files.map((name, i) => met.get(ids[i] ?? name) === true);
  checkTotal(merge, map, readable);
  compareMap(merge, map, ids, readable);
  const state = merge.finish(countShards(map.files.length), { file: id, offset: 0, length: source.size });
  const here = new Set(ids.flatMap((shardId) => (shardId !== undefined && files.has(shardId) ? [shardId] : [])));
  return { state, used: [id, ...here] };
}

/** `pytorch_model-00001-of-00004.bin` and its like without an index. */
export async function readNumbered(context: ReadContext): Promise<ReadResult> {
  const { id, set, signal } = context;
  const merge = new Merge();
  let opened = 0;
  let first: Outcome | undefined;
  await readAhead(
    sortNames(set),
    (shardId) => readShard(context, shardId),
    (shardId, outcome, done) => {
      sayProgress(context, done, set.length);
      if (!outcome) return;
      if (addShard(merge, shardId, outcome, context)) opened++;
      else if (shardId === id) first = outcome;
    },
    signal,
  );
  if (opened === 0 && first) {
    if (first instanceof StateglassError) throw first;
    if ('decline' in first) return first;
  }
  const unopened = findUnopened(SHARDS, id, set);
  if (unopened) {
    merge.files.push(...unopened.files);
    merge.problems.add(unopened.problem);
  }
  return { state: merge.finish(countShards(set.length)), used: [...set] };
}

type Outcome = FilePart | { decline: string } | StateglassError;

/** A shard read by itself, or why it cannot be; undefined for one that nobody opened. */
function readShard(context: ReadContext, id: FileId | undefined): Promise<Outcome> | undefined {
  const source = id === undefined ? undefined : context.files.get(id);
  if (id === undefined || !source) return undefined;
  const { files, signal } = context;
  const alone: ReadContext = { id, source, files, set: [id], ...(signal && { signal }) };
  const read = async (): Promise<Outcome> =>
    readFile(alone, await source.read(0, Math.min(HEAD_BYTES, source.size), signal));
  return read().catch((error: unknown) => {
    if (error instanceof StateglassError && error.info.kind !== 'cancelled') return error;
    throw error;
  });
}

/** Adds a shard; tells what is wrong with one that cannot be added. */
function addShard(merge: Merge, id: FileId, outcome: Outcome, { files }: ReadContext): boolean {
  if (!(outcome instanceof StateglassError) && !('decline' in outcome)) {
    merge.addFile(outcome);
    return true;
  }
  const { name, size } = files.get(id)!;
  merge.files.push({ id, name, size, part: 'model' });
  const error = outcome instanceof StateglassError ? outcome : malformed(name, 'PyTorch', outcome.decline);
  merge.problems.add(damagedShard(id, error));
  return false;
}

/** Where the index and the shards that are here disagree. */
function compareMap(
  merge: Merge,
  map: WeightMap,
  ids: readonly (FileId | undefined)[],
  readable: readonly boolean[],
): void {
  const listed = new Uint8Array(merge.count);
  const lost = map.files.map((): string[] => []);
  for (let i = 0; i < map.count; i++) {
    const file = map.file[i]!;
    const key = nameAt(map, i);
    const row = merge.find(key);
    if (row !== undefined) listed[row] = 1;
    if (!readable[file]) continue;
    if (row === undefined) lost[file]!.push(key);
    else if (merge.homeOf(row).id !== ids[file] && !merge.repeats.has(key)) {
      merge.addRowProblem(row, inOtherShard(JSON.stringify(key), map.files[file]!, merge.homeOf(row).name));
    }
  }
  for (const rows of merge.repeats.values()) for (const row of rows) listed[row] = 1;
  for (let row = 0; row < listed.length; row++) {
    if (listed[row] === 0) {
      merge.addRowProblem(row, notInIndex(JSON.stringify(merge.keyAt(row)), merge.homeOf(row).name));
    }
  }
  for (const [file, keys] of lost.entries()) {
    if (keys.length === 0) continue;
    const name = map.files[file]!;
    const start = merge.count;
    merge.addNames(keys, { id: ids[file]!, name }, `${name} does not hold it`);
    for (const [i, key] of keys.entries()) merge.addRowProblem(start + i, notInShard(JSON.stringify(key), name));
  }
}

function checkTotal(merge: Merge, map: WeightMap, readable: readonly boolean[]): void {
  if (map.totalSize === undefined || readable.includes(false)) return;
  const { once, each } = merge.countBytes();
  if (map.totalSize !== once && map.totalSize !== each) merge.problems.add(otherTotal(map.totalSize, once));
}

const sayProgress = (context: ReadContext, position: number, count: number): void =>
  context.onProgress?.((position + 1) * STEP_BYTES, count * STEP_BYTES);
