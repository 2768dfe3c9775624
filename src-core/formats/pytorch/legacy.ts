/**
 * torch's format before 1.6 and of `_use_new_zipfile_serialization=False`: five pickles in a row (magic number, protocol
 * version, system, the object, the storage keys), then for each key its element count as i64 and its bytes, little-endian on
 * every machine. See `_legacy_load` of `torch/serialization.py`.
 */
import { malformed, StateglassError, throwIfAborted } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { PickleResult } from '../../bytes/pickle/machine.ts';
import { itemsOf, type PickleNode, textOf } from '../../bytes/pickle/nodes.ts';
import { keepRecent } from '../../bytes/recent.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { PickleReader } from '../../model/pickle/read-pickles.ts';
import type { Problem, StorageData } from '../../model/state-dict.ts';
import type { ReadContext } from '../format.ts';
import { flatten } from './flatten.ts';
import { MAGIC_NUMBER } from './magic.ts';
import type { FilePart } from './state-dict.ts';
import { type StorageRef, StorageTable } from './storages.ts';

const FORMAT = 'PyTorch legacy';
const PROTOCOL_VERSION = 1001;
const FIRST_WINDOW = 256 * 1024;
const COUNT_BYTES = 8;
/** Counts that are read to confirm places worked out from the pickle. */
const SAMPLES = 8;

/** @throws `malformed` where the pickles are not the five expected, `limit` for pickles of hundreds of megabytes. */
export async function readLegacy(context: ReadContext): Promise<FilePart> {
  const { source, signal } = context;
  const pickles = new PickleReader();
  const front = new Front(source, pickles, signal);
  const magic = await front.next();
  if (magic.root.kind !== 'long' || magic.root.digits !== MAGIC_NUMBER) {
    throw malformed(source.name, FORMAT, 'the magic number is another', 0);
  }
  const version = (await front.next()).root;
  if (version.kind !== 'int' || version.value !== PROTOCOL_VERSION) {
    const detail = `protocol version ${version.kind === 'int' ? version.value : '?'} is not known`;
    throw new StateglassError({ kind: 'unsupported', file: source.name, format: FORMAT, detail });
  }
  await front.next();
  const objectStart = front.at;
  const object = await front.next();
  const objectEnd = front.at;
  const keys = readKeys(source, await front.next());

  const found = await placeStorages(source, object.root, keys, front.at, signal);
  const table = new StorageTable((key) => found.places.get(key)?.length);
  const place = (at: number, length: number): StorageData | undefined =>
    length > 0 ? { kind: 'slices', slices: [{ file: context.id, offset: at, length }] } : undefined;
  const flat = flatten(object.root, { file: source.name, table, place });
  return {
    file: context.id,
    source,
    formatVersion: `legacy, protocol ${object.protocol}`,
    flat,
    storages: table.finish((ref) => toData(context.id, ref, found.places), 'little'),
    metadata: [],
    problems: [...pickles.problems(), ...found.problems, ...table.problems],
    pickle: pickles.report(),
    header: { file: context.id, offset: objectStart, length: objectEnd - objectStart },
  };
}

/** Pickles from the front of a file whose length nobody says: the window doubles until the pickle ends inside. */
class Front {
  /** Offset in the file of the next pickle. */
  at = 0;
  private window = new Uint8Array(0);
  private readonly source: ByteSource;
  private readonly pickles: PickleReader;
  private readonly signal: AbortSignal | undefined;

  constructor(source: ByteSource, pickles: PickleReader, signal: AbortSignal | undefined) {
    this.source = source;
    this.pickles = pickles;
    this.signal = signal;
  }

  async next(): Promise<PickleResult> {
    const options = { file: this.source.name, start: this.at };
    for (;;) {
      const { window, source } = this;
      if (this.at < window.length) {
        const isAll = window.length === source.size;
        const result = isAll ? this.pickles.read(window, options) : this.pickles.tryRead(window, options);
        if (result) {
          this.at = result.end;
          return result;
        }
      } else if (window.length === source.size) throw malformed(source.name, FORMAT, 'the file is cut off', this.at);
      throwIfAborted(this.signal);
      await this.grow();
    }
  }

  private async grow(): Promise<void> {
    const { source, window } = this;
    if (window.length >= LIMITS.pickleBytes) {
      const value = window.length * 2;
      const detail = 'the pickles at its front do not end';
      throw new StateglassError({
        kind: 'limit',
        file: source.name,
        limit: 'pickleBytes',
        value,
        max: LIMITS.pickleBytes,
        detail,
      });
    }
    const size = Math.min(source.size, LIMITS.pickleBytes, Math.max(FIRST_WINDOW, window.length * 2));
    const grown = new Uint8Array(size);
    grown.set(window);
    grown.set(await source.read(window.length, size, this.signal), window.length);
    this.window = grown;
  }
}

function readKeys(source: ByteSource, { root }: PickleResult): string[] {
  const keys = itemsOf(root)?.map((key) => (key.kind === 'int' ? String(key.value) : textOf(key)));
  if (!keys || keys.some((key) => key === undefined)) {
    throw malformed(source.name, FORMAT, 'there is no list of storage keys');
  }
  return keys as string[];
}

interface Placed {
  readonly places: Map<string, { offset: number; length: number }>;
  readonly problems: Problem[];
}

/**
 * Where each storage's bytes are. The pickle tells every count, so the places follow from it; the counts in front of the
 * bytes are read for some, and for all as soon as one differs.
 */
async function placeStorages(
  source: ByteSource,
  object: PickleNode,
  keys: readonly string[],
  start: number,
  signal: AbortSignal | undefined,
): Promise<Placed> {
  const claims = claimedStorages(object);
  const offsets: number[] = [];
  let at = start;
  for (const key of keys) {
    const claim = claims.get(key);
    if (!claim) break;
    offsets.push(at);
    at += COUNT_BYTES + claim.count * claim.element.bytes;
  }
  const recent = keepRecent(source);
  const step = Math.max(1, Math.ceil(keys.length / SAMPLES));
  const isAsClaimed =
    offsets.length === keys.length &&
    at === source.size &&
    (await Promise.all(
      keys.map(async (key, i) => {
        if (i % step !== 0 && i !== keys.length - 1) return true;
        return (await readCount(recent, offsets[i]!, signal)) === claims.get(key)!.count;
      }),
    ).then((fine) => fine.every(Boolean)));
  if (isAsClaimed) {
    const places = keys.map((key, i) => {
      const { count, element } = claims.get(key)!;
      return [key, { offset: offsets[i]! + COUNT_BYTES, length: count * element.bytes }] as const;
    });
    return { places: new Map(places), problems: [] };
  }
  return hopOver(recent, claims, keys, start, signal);
}

async function readCount(source: ByteSource, at: number, signal: AbortSignal | undefined): Promise<number> {
  const bytes = await source.read(at, at + COUNT_BYTES, signal);
  return Number(new DataView(bytes.buffer, bytes.byteOffset, COUNT_BYTES).getBigInt64(0, true));
}

/** One storage after the other, by the counts in the file. Stops where they make no sense. */
async function hopOver(
  source: ByteSource,
  claims: ReadonlyMap<string, StorageRef>,
  keys: readonly string[],
  start: number,
  signal: AbortSignal | undefined,
): Promise<Placed> {
  const places: Placed['places'] = new Map();
  const problem = (code: string, message: string, where: number): Placed => ({
    places,
    problems: [{ code, severity: 'error', message, at: where }],
  });
  let at = start;
  for (const key of keys) {
    throwIfAborted(signal);
    if (at + COUNT_BYTES > source.size)
      return problem('truncated', `The file ends before storage ${key}.`, source.size);
    const claim = claims.get(key);
    if (!claim) return problem('unknown-storage', `Storage ${key} is used by nothing, so its length is not known.`, at);
    const count = await readCount(source, at, signal);
    const length = count * claim.element.bytes;
    if (!(count >= 0) || !Number.isSafeInteger(length))
      return problem('malformed-storage', `Storage ${key} has a count of ${count}.`, at);
    at += COUNT_BYTES;
    places.set(key, { offset: at, length: Math.min(length, source.size - at) });
    at += length;
    if (at > source.size) return problem('truncated', `The file ends inside storage ${key}.`, source.size);
  }
  if (at === source.size) return { places, problems: [] };
  const message = `${source.size - at} bytes follow the last storage; nothing says what they are.`;
  return { places, problems: [{ code: 'trailing-data', severity: 'warning', message, at }] };
}

/** Every storage the object names. Walks with a stack and meets each node once: the graph may be deep and circular. */
function claimedStorages(root: PickleNode): Map<string, StorageRef> {
  const table = new StorageTable((_, claimed) => claimed);
  const seen = new Set<PickleNode>([root]);
  const stack: PickleNode[] = [root];
  const push = (nodes: readonly PickleNode[] | undefined) => {
    for (const node of nodes ?? []) {
      if (seen.has(node)) continue;
      seen.add(node);
      stack.push(node);
    }
  };
  for (let node = stack.pop(); node; node = stack.pop()) {
    switch (node.kind) {
      case 'persistent':
        if (!table.use(node)) push([node.id]);
        break;
      case 'tuple':
      case 'list':
      case 'set':
      case 'frozenset':
        push(node.items);
        break;
      case 'dict':
        push(node.keys);
        push(node.values);
        break;
      case 'reduce':
      case 'newobj':
        push([node.fn, node.args, ...(node.kwargs ? [node.kwargs] : [])]);
        push(node.states);
        push(node.listItems);
        push(node.dictKeys);
        push(node.dictValues);
        break;
      default:
        break;
    }
  }
  return new Map(table.refs.map((ref) => [ref.key, ref]));
}

function toData(file: string, ref: StorageRef, places: Placed['places']): StorageData {
  const place = places.get(ref.key);
  if (!place) return { kind: 'absent', why: `the file ends before storage ${ref.key}` };
  return { kind: 'slices', slices: place.length > 0 ? [{ file, ...place }] : [] };
}
