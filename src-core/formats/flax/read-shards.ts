/** `flax_model-00001-of-00002.msgpack` and `flax_model.msgpack.index.json`, as transformers wrote them: each shard nests its own keys. */
import { StateglassError } from '../../base/errors.ts';
import type { FileId } from '../../bytes/source.ts';
import { guessCollection } from '../../model/guess-collection.ts';
import type { PartKind } from '../../model/keys/key.ts';
import { readAhead } from '../../model/shards/read-ahead.ts';
import { resolveShard, shardNaming, sortNames } from '../../model/shards/shard-names.ts';
import {
  absentShard,
  countShards,
  damagedShard,
  findUnopened,
  inTwoShards,
  notInShard,
} from '../../model/shards/shard-problems.ts';
import { nameAt, readIndex, scanIndex } from '../../model/shards/weight-map.ts';
import type { FileInfo, MetaItem } from '../../model/state-dict.ts';
import { undeclaredTensor } from '../../model/value.ts';
import type { ReadContext, ReadResult } from '../format.ts';
import type { Listing } from './flatten.ts';
import { type Scanned, scanFile } from './scan.ts';
import { addFile, emptyListing, makeState } from './state.ts';

export const SHARDS = shardNaming('msgpack');

interface Shard {
  /** As the index says it, or the file's own. */
  readonly name: string;
  readonly id: FileId;
  /** Whether it may be looked for: its name stays in the folder. */
  readonly isSafe: boolean;
  /** Keys that the index says are in it. */
  readonly keys: readonly string[];
}

/** An index and the shards it names, as far as they were opened with it. */
export async function readIndexed(context: ReadContext, start: Uint8Array): Promise<ReadResult> {
  const { id, source, signal } = context;
  const json = await readIndex(source, start, 'flaxIndexBytes', signal);
  const map = scanIndex(json, source.name, 'Flax');
  const keys = map.files.map((): string[] => []);
  for (let i = 0; i < map.count; i++) keys[map.file[i]!]!.push(nameAt(map, i));
  const shards = map.files.map((name, i): Shard => {
    const shardId = resolveShard(id, name);
    return { name, id: shardId ?? name, isSafe: shardId !== undefined, keys: keys[i]! };
  });
  const order = new Map(sortNames(map.files).map((name, i) => [name, i]));
  shards.sort((a, b) => order.get(a.name)! - order.get(b.name)!);
  const index: FileInfo = { id, name: source.name, size: source.size, part: 'index' };
  return readAll(context, shards, [index], map.metadata);
}

/** Numbered shards without their index. */
export function readNumbered(context: ReadContext): Promise<ReadResult> {
  const shards = sortNames(context.set).map((id): Shard => {
    const name = context.files.get(id)?.name ?? id;
    return { name, id, isSafe: true, keys: [] };
  });
  return readAll(context, shards, [], []);
}

async function readAll(
  context: ReadContext,
  shards: readonly Shard[],
  first: readonly FileInfo[],
  metadata: readonly MetaItem[],
): Promise<ReadResult> {
  const listing = emptyListing();
  const files: FileInfo[] = [...first];
  const homes = new Map<string, string>();
  let failed: StateglassError | undefined;
  let opened = 0;
  await readAhead(
    shards,
    (shard) => readShard(context, shard),
    (shard, outcome, position) => {
      context.onProgress?.(position + 1, shards.length);
      if (!outcome || outcome instanceof StateglassError) {
        failed ??= outcome;
        addUnread(shard, outcome, context, listing, files);
        return;
      }
      opened++;
      const from = listing.entries.length;
      addFile(outcome, shard.id, listing);
      files.push({ id: shard.id, name: shard.name, size: context.files.get(shard.id)!.size, part: 'model' });
      checkKeys(listing, from, shard, homes);
    },
    context.signal,
  );
  if (opened === 0 && failed && first.length === 0) throw failed;
  const unopened = first.length === 0 ? findUnopened(SHARDS, context.id, context.set) : undefined;
  if (unopened) {
    files.push(...unopened.files);
    listing.problems.add(unopened.problem);
  }
  const state = makeState(listing, files, { version: countShards(shards.length), metadata });
  return { state, used: files.filter(({ part }) => part !== 'missing').map(({ id }) => id) };
}

function readShard(
  { files, signal }: ReadContext,
  { id, isSafe }: Shard,
): Promise<Scanned | StateglassError> | undefined {
  const source = isSafe ? files.get(id) : undefined;
  return (
    source &&
    scanFile(source, signal).catch((error: unknown) => {
      if (error instanceof StateglassError && error.info.kind !== 'cancelled') return error;
      throw error;
    })
  );
}

/** A shard that is not here or cannot be read: what the index says of it is listed by name. */
function addUnread(
  { name, id, isSafe, keys }: Shard,
  error: StateglassError | undefined,
  { files }: ReadContext,
  listing: Listing,
  into: FileInfo[],
): void {
  const source = files.get(id);
  listing.problems.add(error ? damagedShard(id, error) : absentShard(name, id, keys.length, isSafe));
  into.push(error && source ? { id, name, size: source.size, part: 'model' } : { id, name, part: 'missing' });
  addNames(listing, keys, error ? `${name} cannot be read` : `${name} is not open`);
}

function addNames(listing: Listing, keys: readonly string[], why: string): void {
  const storage = listing.storages.length;
  if (keys.length > 0)
    listing.storages.push({ id: storage, byteLength: 0, endian: 'little', data: { kind: 'absent', why } });
  for (const key of keys) {
    const parts = key.split('/');
    const path = { parts, kinds: parts.map((): PartKind => 'key'), raw: null };
    const value = undeclaredTensor(storage);
    const role = guessCollection(path, value);
    const id = listing.entries.length;
    listing.entries.push({ id, path, key: parts.join('.'), value, role, roleSource: 'heuristic' });
    listing.leaves.push({ kind: 'nil', start: 0, end: 0 });
  }
}

/** Keys that another shard has as well, and keys that the index promises and the shard does not hold. */
function checkKeys(listing: Listing, from: number, shard: Shard, homes: Map<string, string>): void {
  const here = new Set<string>();
  for (let row = from; row < listing.entries.length; row++) {
    const { key, path } = listing.entries[row]!;
    const there = homes.get(key);
    if (there !== undefined)
      listing.problems.add({ ...inTwoShards(key, there, shard.name), entry: row, file: shard.id });
    else homes.set(key, shard.name);
    here.add(path.parts.join('/'));
  }
  const lost = shard.keys.filter((key) => !here.has(key));
  const start = listing.entries.length;
  addNames(listing, lost, `${shard.name} does not hold it`);
  for (const [i, key] of lost.entries())
    listing.problems.add({ ...notInShard(key, shard.name), entry: start + i, file: shard.id });
}
