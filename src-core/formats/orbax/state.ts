import { StateglassError } from '../../base/errors.ts';
import type { FileSet } from '../../bytes/source.ts';
import { listEntries } from '../../model/entries.ts';
import { guessCollection } from '../../model/guess-collection.ts';
import { ProblemList } from '../../model/problem-list.ts';
import type {
  Entry,
  FileInfo,
  JsonNode,
  MetaItem,
  NodeInfo,
  Role,
  StateDict,
  Storage,
  Value,
} from '../../model/state-dict.ts';
import { listStorages } from '../../model/storages.ts';
import { undeclaredTensor } from '../../model/value.ts';
import type { Leaf, Leaves } from './list-leaves.ts';
import type { FoundArray } from './zarr-arrays.ts';
import { countMissing, isCut, makeStorage, whatIsOdd } from './zarr-storage.ts';

export interface Checkpoint {
  readonly leaves: Leaves;
  readonly arrays: ReadonlyMap<string, FoundArray>;
  readonly files: FileSet;
  readonly strings: ReadonlyMap<string, string>;
  readonly shardings: ReadonlyMap<string, JsonNode>;
  readonly randomKeys: ReadonlyMap<string, string>;
  readonly metadata: readonly MetaItem[];
  readonly infos: readonly FileInfo[];
  readonly version: string;
  readonly failure: StateglassError | undefined;
  readonly isUnfinished: boolean;
}

/** What Orbax writes for containers without anything in them, and for None. */
const EMPTY: Readonly<Record<string, Value>> = {
  None: { type: 'null' },
  Dict: { type: 'empty', of: 'dict' },
  List: { type: 'empty', of: 'list' },
  Tuple: { type: 'empty', of: 'tuple' },
  NamedTuple: { type: 'empty', of: 'tuple' },
};

export function makeState(checkpoint: Checkpoint): StateDict {
  const { leaves, arrays, strings, metadata, infos, version } = checkpoint;
  const problems = new ProblemList();
  tellOfAll(checkpoint, problems);
  const storages: Storage[] = [];
  const entries = leaves.leaves.map((leaf, id): Entry => {
    const { parts, kinds, name, valueType } = leaf;
    const path = { parts, kinds, raw: null };
    const found = arrays.get(name);
    const text = valueType === 'string' ? strings.get(name) : undefined;
    const empty = Object.hasOwn(EMPTY, valueType) ? EMPTY[valueType] : undefined;
    const value =
      (found ? undefined : (empty ?? (text === undefined ? undefined : { type: 'text' as const, text }))) ??
      makeTensor(leaf, found, checkpoint.files, storages);
    const isRandomKey = checkpoint.randomKeys.has(name);
    const role: Role = isRandomKey ? { role: 'variable', variable: 'RngKey' } : guessCollection(path, value);
    const key = parts.join('.');
    tellOf(leaf, key, id, found, checkpoint, problems);
    const meta = describeLeaf(leaf, found, checkpoint);
    return { id, path, key, value, role, roleSource: isRandomKey ? 'file' : 'heuristic', meta };
  });
  const kept = listStorages(storages);
  const told = problems.finish();
  return {
    format: 'orbax',
    ...(version !== '' && { formatVersion: version }),
    dialect: leaves.stripped > 0 ? 'nnx' : 'generic',
    layout: 'nested',
    entries: listEntries(entries, { storages: kept, problems: told }),
    storages: kept,
    nodes: findContainers(entries),
    shares: [],
    metadata,
    problems: told,
    files: infos,
  };
}

function makeTensor({ name }: Leaf, found: FoundArray | undefined, files: FileSet, storages: Storage[]): Value {
  const id = storages.length;
  if (!found || found.array instanceof StateglassError) {
    const why = found ? (found.array as StateglassError).message : `there is no array ${name}`;
    storages.push({ id, byteLength: 0, endian: 'little', data: { kind: 'absent', why } });
    return undeclaredTensor(id);
  }
  const { dtype, shape } = found.array;
  const why = 'a chunk of it lies outside the files that are here';
  if (isCut(found, files)) storages.push({ id, byteLength: 0, endian: 'little', data: { kind: 'absent', why } });
  else storages.push(makeStorage(id, found.array, found.chunks));
  return { type: 'tensor', dtype, shape, offset: 0, storage: id };
}

function tellOf(
  { isUndeclared, name, valueType }: Leaf,
  key: string,
  entry: number,
  found: FoundArray | undefined,
  { files, failure, strings }: Checkpoint,
  problems: ProblemList,
): void {
  const isEmpty = Object.hasOwn(EMPTY, valueType);
  if (!found && !isEmpty && !failure && !strings.has(name)) {
    const message = `${key} is in the tree, and ${valueType === 'string' ? 'its text' : 'its array'} is not here.`;
    problems.add({ code: 'missing-array', severity: 'error', message, entry });
  }
  if (isUndeclared) {
    const message = `${key} is an array that the tree does not name: Orbax would not restore it.`;
    problems.add({ code: 'not-in-tree', severity: 'warning', message, entry });
  }
  if (!found) return;
  if (found.array instanceof StateglassError) {
    problems.add({ code: 'unread-array', severity: 'error', message: `${found.array.message}.`, entry });
    return;
  }
  const odd = isCut(found, files) ? 'has a chunk that lies outside the files that are here' : whatIsOdd(found);
  if (odd !== undefined) problems.add({ code: 'bad-chunk', severity: 'error', message: `${key} ${odd}.`, entry });
  const missing = countMissing(found);
  if (missing > 0) {
    const message = `${missing} of the chunks of ${key} were never written: their elements are the fill value.`;
    problems.add({ code: 'missing-chunk', severity: 'note', message, entry });
  }
}

function tellOfAll({ failure, isUnfinished, leaves, infos }: Checkpoint, problems: ProblemList): void {
  const file = infos[0]?.id;
  if (failure)
    problems.add({
      code: 'bad-database',
      severity: 'error',
      message: `${failure.message}. The tree is listed without its arrays.`,
      advice: 'Copy the whole folder again: a part of it is damaged or did not come along.',
      ...(file !== undefined && { file }),
    });
  if (isUnfinished)
    problems.add({
      code: 'unfinished',
      severity: 'warning',
      message: 'The folder has the name that Orbax gives a checkpoint while it is written: it was never finished.',
      advice: 'Take an earlier step; Orbax does not restore this one.',
    });
  if (leaves.stripped > 0) {
    const count = leaves.stripped === 1 ? '1 key ends' : `${leaves.stripped} keys end`;
    problems.add({
      code: 'value-suffix',
      severity: 'note',
      message: `${count} in .value, as flax.nnx saves a Variable: they are shown without it.`,
      advice: 'Integer keys were saved as texts: nnx.restore_int_paths makes them integers again.',
    });
  }
}

function describeLeaf(
  { name, valueType, isVariable }: Leaf,
  found: FoundArray | undefined,
  { shardings, randomKeys }: Checkpoint,
): readonly MetaItem[] {
  const items: [string, string | undefined][] = [
    ['value type', valueType],
    ['saved as', isVariable ? name : undefined],
    ['random key', randomKeys.get(name)],
  ];
  const sharding = shardings.get(name);
  const stated = items.flatMap(([key, text]) =>
    text === undefined ? [] : [metaItem(key, { kind: 'string', value: text })],
  );
  const stored = found && !(found.array instanceof StateglassError) ? describeArray(found.array) : [];
  return [...stated, ...stored, ...(sharding ? [metaItem('sharding', sharding)] : [])];
}

function describeArray({
  version,
  chunk,
  shard,
  codec,
  typeName,
  dtype,
}: Exclude<FoundArray['array'], StateglassError>) {
  const packing = shard ? shard.codec : codec;
  const items: [string, string][] = [
    ['array', `zarr v${version}, ${packing ?? 'not packed'}`],
    ['chunks', shard ? `${shapeText(chunk)}, shards of ${shapeText(shard.chunk)}` : shapeText(chunk)],
    ...(typeName.includes('int4') || typeName.includes('int2')
      ? [['stored type', `${typeName} as ${dtype}`] as [string, string]]
      : []),
  ];
  return items.map(([key, value]) => metaItem(key, { kind: 'string', value }));
}

const metaItem = (key: string, value: JsonNode): MetaItem => ({ section: 'orbax', key, value });

/** Lists by their positions; everything else is a dict. */
function findContainers(entries: readonly Entry[]): ReadonlyMap<string, NodeInfo> {
  const nodes = new Map<string, NodeInfo>();
  for (const { path } of entries) {
    for (const [depth, kind] of path.kinds.entries()) {
      const key = path.parts.slice(0, depth).join('.');
      if (!nodes.has(key)) nodes.set(key, { container: kind === 'index' ? 'list' : 'dict' });
    }
  }
  return nodes;
}

const shapeText = (shape: readonly number[]): string => (shape.length === 0 ? 'one element' : shape.join('×'));
