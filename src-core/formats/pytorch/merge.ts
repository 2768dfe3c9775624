import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { FileId } from '../../bytes/source.ts';
import { guessRole } from '../../model/guess-role.ts';
import { dotted } from '../../model/keys/dotted.ts';
import { mergeReports } from '../../model/pickle/read-pickles.ts';
import { ProblemList } from '../../model/problem-list.ts';
import { inTwoShards } from '../../model/shards/shard-problems.ts';
import type {
  ByteSlice,
  Entry,
  EntryId,
  FileInfo,
  MetaItem,
  NodeInfo,
  PickleReport,
  Problem,
  StateDict,
  Storage,
  StorageId,
  TensorValue,
  Value,
} from '../../model/state-dict.ts';
import { undeclaredTensor } from '../../model/value.ts';
import { type FilePart, makeStateDict, metadataOf } from './state-dict.ts';
import { packedLength } from './tensor-meta.ts';

/** A sharded model while its files are added, in shard order. Ids of entries are their rows. */
export class Merge {
  readonly files: FileInfo[] = [];
  readonly problems = new ProblemList();
  readonly metadata: MetaItem[] = [];
  /** Keys that two shards have, with all but the first of their entries. */
  readonly repeats = new Map<string, EntryId[]>();
  private readonly entries: Entry[] = [];
  private readonly storages: Storage[] = [];
  private readonly nodes = new Map<string, NodeInfo>();
  private readonly bytes = new Map<number, number>();
  private readonly homes: { readonly id: FileId; readonly name: string }[] = [];
  private readonly firstOf = new Map<string, EntryId>();
  private readonly parts: FilePart[] = [];

  get count(): number {
    return this.entries.length;
  }

  /** Row of the first entry with this key. */
  find(key: string): EntryId | undefined {
    return this.firstOf.get(key);
  }

  keyAt(row: EntryId): string {
    return this.entries[row]!.key;
  }

  /** The file an entry is in, or should be in. */
  homeOf(row: EntryId): { readonly id: FileId; readonly name: string } {
    return this.homes[row]!;
  }

  addFile(part: FilePart): void {
    const { flat, file, source } = part;
    const base = this.entries.length;
    const storageBase = this.storages.length;
    const home = { id: file, name: source.name };
    for (const { id, value, ...entry } of flat.entries) {
      this.push({ ...entry, id: base + id, value: moveStorage(value, storageBase) }, home);
    }
    for (const storage of part.storages) this.storages.push({ ...storage, id: storageBase + storage.id });
    for (const [id, bytes] of flat.bytes) this.bytes.set(base + id, bytes);
    for (const [path, info] of flat.nodes) this.nodes.set(path, { ...this.nodes.get(path), ...info });
    for (const { entry, ...problem } of [...part.problems, ...flat.problems]) {
      this.problems.add({ file, ...problem, ...(entry === undefined ? {} : { entry: base + entry }) });
    }
    this.addMetadata(metadataOf(part), source.name);
    this.files.push({ ...home, size: source.size, part: 'model' });
    this.parts.push(part);
  }

  /** Entries of which only the names are known, in the file `home`. `why` is a sentence part: "x.bin is not open". */
  addNames(names: readonly string[], home: { readonly id: FileId; readonly name: string }, why: string): void {
    const storage: StorageId = this.storages.length;
    this.storages.push({ id: storage, byteLength: 0, endian: 'little', data: { kind: 'absent', why } });
    for (const key of names) {
      const path = dotted.parse(key);
      const role = { role: guessRole(String(path.parts.at(-1) ?? '')) } as const;
      const id = this.entries.length;
      this.push({ id, path, key, value: undeclaredTensor(storage), role, roleSource: 'heuristic' }, home);
    }
  }

  addRowProblem(row: EntryId, problem: Omit<Problem, 'entry' | 'file'>): void {
    this.problems.add({ ...problem, entry: row, file: this.homeOf(row).id });
  }

  /** Bytes of all tensors: with tied ones counted once, as writers do now, and each time, as they did before. */
  countBytes(): { readonly once: number; readonly each: number } {
    const seen = new Set<StorageId>();
    let once = 0;
    let each = 0;
    for (const { value } of this.entries) {
      if (value.type !== 'tensor' || value.undeclared || value.storage === undefined) continue;
      const bytes = packedLength(value);
      each += bytes;
      if (!seen.has(value.storage)) once += bytes;
      seen.add(value.storage);
    }
    return { once, each };
  }

  /** `shards` is how many there should be, in words. */
  finish(shards: string, header?: ByteSlice): StateDict {
    const versions = new Set(this.parts.map((part) => part.formatVersion));
    const pickle = this.mergePickles();
    return makeStateDict({
      formatVersion: versions.size === 1 ? `${shards}, ${[...versions][0]}` : shards,
      flat: {
        entries: this.entries,
        layout: this.parts.some((part) => part.flat.layout === 'nested') ? 'nested' : 'flat',
        nodes: this.nodes,
        bytes: this.bytes,
      },
      storages: this.storages,
      metadata: this.metadata,
      problems: this.problems.finish(),
      files: this.files,
      ...(pickle ? { pickle } : {}),
      ...(header ? { header } : {}),
    });
  }

  private mergePickles(): PickleReport | undefined {
    return mergeReports(this.parts.map(({ source, pickle }) => ({ name: source.name, report: pickle })));
  }

  private push(entry: Entry, home: { readonly id: FileId; readonly name: string }): void {
    if (entry.id >= LIMITS.entries) throw tooMany(home.name, entry.id + 1);
    this.entries.push(entry);
    this.homes.push(home);
    const first = this.firstOf.get(entry.key);
    if (first === undefined) {
      this.firstOf.set(entry.key, entry.id);
      return;
    }
    const there = this.homeOf(first);
    if (there.id === home.id) return;
    const repeats = this.repeats.get(entry.key);
    if (repeats) repeats.push(entry.id);
    else this.repeats.set(entry.key, [entry.id]);
    this.addRowProblem(entry.id, inTwoShards(JSON.stringify(entry.key), there.name, home.name));
  }

  /** Shards repeat each other's metadata; what differs is kept with the shard's name. */
  private addMetadata(items: readonly MetaItem[], name: string): void {
    const idOf = ({ section, key }: MetaItem): string => `${section}\n${key}`;
    const known = new Map(this.metadata.map((item) => [idOf(item), JSON.stringify(item.value)]));
    for (const item of items) {
      const before = known.get(idOf(item));
      if (before === undefined) this.metadata.push(item);
      else if (before !== JSON.stringify(item.value)) {
        this.metadata.push({ ...item, section: `${item.section} of ${name}` });
      }
    }
  }
}

function moveStorage(value: Value, by: number): Value {
  if (value.type === 'bytes') return { ...value, storage: value.storage + by };
  if (value.type === 'tensor') return moveTensor(value, by);
  return value;
}

const tooMany = (file: string, value: number): StateglassError =>
  new StateglassError({
    kind: 'limit',
    file,
    limit: 'entries',
    value,
    max: LIMITS.entries,
    detail: 'too many entries in all shards',
  });

function moveTensor(tensor: TensorValue, by: number): TensorValue {
  const { quant } = tensor;
  const moved = tensor.storage === undefined ? tensor : { ...tensor, storage: tensor.storage + by };
  if (quant?.scheme !== 'per-channel-affine') return moved;
  const { scales, zeroPoints } = quant;
  const parts = {
    ...(scales && { scales: moveTensor(scales, by) }),
    ...(zeroPoints && { zeroPoints: moveTensor(zeroPoints, by) }),
  };
  return { ...moved, quant: { ...quant, ...parts } };
}
