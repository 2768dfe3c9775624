import type { Outline, OutlineEntry, OutlineTensor, OutlineValue } from '../load/outline.ts';
import { identifyPath } from '../load/outline.ts';
import { partsOfPath } from '../load/split-key.ts';
import type { KeyPath, PathPart } from '../model/keys/key.ts';
import type { ByteSlice, Entry, JsonNode, Role, StateDict, TensorValue } from '../model/state-dict.ts';
import { bitsOf, type DType } from '../tensor/dtype.ts';

const known = new WeakMap<StateDict, Outline>();

/** What a document holds, as loading sees it. Made once for a state. */
export function outlineState(state: StateDict): Outline {
  let outline = known.get(state);
  if (!outline) {
    outline = makeOutline(state);
    known.set(state, outline);
  }
  return outline;
}

/** MAX reads these itself; it maps the file, so that a tensor lies where the file has it. */
const READ_BY_MAX = ['safetensors', 'gguf'];

function makeOutline(state: StateDict): Outline {
  const isMapped = READ_BY_MAX.includes(state.format);
  const entries: OutlineEntry[] = [];
  for (let row = 0; row < state.entries.length; row++)
    entries.push(outlineEntry(state, state.entries.at(row), isMapped));
  const notDict = rootClass(state, entries);
  const modules = moduleVersions(state);
  return {
    entries,
    origin: 'document',
    containers: listContainers(state, entries),
    dependencies: readDependencies(state),
    ...(isMapped && { isWeightData: true }),
    ...(notDict !== undefined && { notDict }),
    ...(modules.size > 0 && { modules }),
  };
}

function outlineEntry(state: StateDict, { key, path, value, role }: Entry, isMapped: boolean): OutlineEntry {
  const outlined = isMapped && value.type === 'tensor' ? new MappedTensor(state, value) : outlineValue(value);
  return new DocumentEntry(key, path, outlined, role);
}

/** Most systems go by keys: parts of half a million are made when one asks for them. */
class DocumentEntry implements OutlineEntry {
  readonly key: string;
  readonly value: OutlineValue;
  readonly role?: 'parameter' | 'buffer';
  readonly #path: KeyPath;
  #parts: readonly PathPart[] | undefined;

  constructor(key: string, path: KeyPath, value: OutlineValue, { role }: Role) {
    this.key = key;
    this.value = value;
    if (role === 'parameter' || role === 'buffer') this.role = role;
    this.#path = path;
  }

  get parts(): readonly PathPart[] {
    this.#parts ??= partsOfPath(this.#path);
    return this.#parts;
  }
}

/** A tensor of a file that MAX maps. Where it lies is asked by MAX alone. */
class MappedTensor implements OutlineTensor {
  readonly kind = 'tensor';
  readonly dtype?: DType;
  readonly shape?: readonly number[];
  readonly #state: StateDict;
  readonly #value: TensorValue;

  constructor(state: StateDict, value: TensorValue) {
    if (!value.undeclared) {
      this.dtype = value.dtype;
      this.shape = value.shape;
    }
    this.#state = state;
    this.#value = value;
  }

  get address(): number | undefined {
    return addressOf(this.#state, this.#value);
  }
}

function outlineValue(value: Entry['value']): OutlineValue {
  switch (value.type) {
    case 'tensor':
      if (value.undeclared) return { kind: 'tensor' };
      return {
        kind: 'tensor',
        dtype: value.dtype,
        shape: value.shape,
        ...(value.device === 'meta' && { isEmpty: true }),
      };
    case 'json':
      return { kind: 'object', type: value.json.kind === 'array' ? 'list' : 'dict', json: value.json };
    case 'empty':
      return { kind: 'object', type: value.of === 'none' ? 'NoneType' : value.of, json: EMPTY[value.of] };
    case 'opaque':
      return { kind: 'object', type: value.typeName };
    default:
      return { kind: 'object', type: CLASSES[value.type] };
  }
}

const CLASSES = {
  text: 'str',
  int: 'int',
  float: 'float',
  bool: 'bool',
  null: 'NoneType',
  complex: 'complex',
  bytes: 'bytes',
} as const;
const [NO_ITEMS, NO_MEMBERS]: JsonNode[] = [
  { kind: 'array', items: [] },
  { kind: 'object', members: [] },
];
const NULL: JsonNode = { kind: 'null' };
const EMPTY = {
  dict: NO_MEMBERS ?? NULL,
  list: NO_ITEMS ?? NULL,
  tuple: NO_ITEMS ?? NULL,
  set: NO_ITEMS ?? NULL,
  none: NULL,
  unknown: NULL,
};

function addressOf({ storages }: StateDict, { storage, dtype, offset }: TensorValue): number | undefined {
  const data = storage === undefined ? undefined : storages.get(storage)?.data;
  const slices: readonly ByteSlice[] = data?.kind === 'slices' ? data.slices : [];
  const [slice, more] = slices;
  const bits = bitsOf(dtype);
  if (!slice || more || slice.codec || bits === undefined) return undefined;
  return slice.offset + (offset * bits) / 8;
}

/** What the file holds where it is no dict of entries. */
function rootClass({ nodes }: StateDict, entries: readonly OutlineEntry[]): string | undefined {
  const container = nodes.get('')?.container;
  if (container === 'list' || container === 'tuple') return container;
  const [only, more] = entries;
  if (!only || more || only.parts.length > 0 || only.key !== '') return undefined;
  return only.value.kind === 'tensor' ? 'Tensor' : only.value.type;
}

/** torch's versions of modules, parents first. */
function moduleVersions({ nodes }: StateDict): ReadonlyMap<string, number> {
  const versions = new Map<string, number>();
  for (const [path, { version }] of nodes) if (version !== undefined) versions.set(path, Number(version));
  return versions;
}

/** What is told of the nodes on the way to entries. */
function listContainers({ nodes, dialect }: StateDict, entries: readonly OutlineEntry[]): ReadonlyMap<string, string> {
  const containers = new Map<string, string>();
  // A program that is itself a Predict has no node to say so.
  if (dialect === 'dspy' && nodes.size === 0) containers.set(identifyPath([]), 'Predict');
  if (![...nodes.values()].some(({ container }) => container !== undefined)) return containers;
  for (const { parts } of entries) {
    for (let depth = 0; depth < parts.length; depth++) {
      const above = parts.slice(0, depth);
      const container = nodes.get(above.join('.'))?.container;
      if (container !== undefined) containers.set(identifyPath(above), container);
    }
  }
  return containers;
}

function readDependencies({ metadata }: StateDict): ReadonlyMap<string, string> {
  const versions = metadata.find(({ key }) => key === 'dependency_versions')?.value;
  const members = versions?.kind === 'object' ? versions.members : [];
  return new Map(members.flatMap(([name, value]) => (value.kind === 'string' ? [[name, value.value] as const] : [])));
}
