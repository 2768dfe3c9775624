/** What the objects of a pickle are to a person: a value, something that holds others, a module, or itself. */
import { plainNode } from '../../bytes/pickle/idioms.ts';
import {
  type CallNode,
  type DictNode,
  type GlobalNode,
  itemsOf,
  type PersistentNode,
  type PickleNode,
  textOf,
} from '../../bytes/pickle/nodes.ts';
import { globalName } from '../../bytes/pickle/python-names.ts';
import { showNode } from '../../bytes/pickle/show.ts';
import type { StorageData, Value } from '../../model/state-dict.ts';
import { dtypeOf } from './dtypes.ts';
import { readNumpy } from './numpy.ts';
import type { StorageTable } from './storages.ts';
import { type FoundTensor, findTensor, isTensorNode, storageTensor } from './tensors.ts';

export type Found =
  | { readonly is: 'tensor'; readonly tensor: FoundTensor }
  | { readonly is: 'value'; readonly value: Value; readonly problem?: FoundTensor['problem'] }
  /** `container` is the class. Keys are undefined for lists and tuples. */
  | {
      readonly is: 'holder';
      readonly container: string;
      readonly keys?: readonly PickleNode[];
      readonly values: readonly PickleNode[];
      /** Attributes set on the object itself. */
      readonly state?: PickleNode;
    }
  | { readonly is: 'module'; readonly container: string; readonly fields: ReadonlyMap<string, PickleNode> }
  /** Calls that hold tensors somewhere: their parts are looked at one by one. */
  | { readonly is: 'object'; readonly container: string; readonly call: CallNode };

const EMPTY_OF: Readonly<Record<string, 'dict' | 'list' | 'tuple'>> = { list: 'list', tuple: 'tuple' };
const DICT_CLASSES: ReadonlySet<string> = new Set([
  'collections.OrderedDict',
  'collections.defaultdict',
  'collections.Counter',
]);
/** TorchScript wraps typed lists and dicts: the first argument is the value. */
const JIT_WRAPPER = /^torch\.jit\._pickle\.(build_(int|tensor|double|bool)list|restore_type_tag)$/;
const SEARCH_NODES = 2000;
const SEARCH_DEPTH = 12;

/** Where the bytes of a byte string in the pickle are in the file; undefined when they have to be kept. */
export type PlaceBytes = (at: number, length: number) => StorageData | undefined;

export function findObject(raw: PickleNode, table: StorageTable, place: PlaceBytes): Found {
  const node = plainNode(raw);
  switch (node.kind) {
    case 'none':
      return leaf({ type: 'null' });
    case 'bool':
      return leaf({ type: 'bool', value: node.value });
    case 'int':
      return leaf({ type: 'int', digits: String(node.value) });
    case 'long':
      return leaf(/^-?\d+$/.test(node.digits) ? { type: 'int', digits: node.digits } : opaque(node, 'builtins.int'));
    case 'float':
      return leaf({ type: 'float', value: node.value });
    case 'str':
      return leaf(
        node.raw && node.value.length === node.raw.length && /[\x80-\xff]/.test(node.value)
          ? blob(node.raw, -1, table, place)
          : { type: 'text', text: node.value },
      );
    case 'bytes':
    case 'bytearray':
      return leaf(blob(node.value, node.at, table, place));
    case 'list':
    case 'tuple':
      return { is: 'holder', container: node.kind, values: node.items };
    case 'dict':
      return { is: 'holder', container: 'dict', keys: node.keys, values: node.values };
    case 'set':
    case 'frozenset':
      return leaf(opaque(node, `builtins.${node.kind}`));
    case 'global':
      return leaf(opaque(node, kindOfGlobal(node)));
    case 'extension':
    case 'buffer':
      return leaf(opaque(node, node.kind));
    case 'persistent': {
      const tensor = table.tensorOf(node) ?? storageTensor(node, table);
      if (tensor) return { is: 'tensor', tensor };
      const cls = moduleClass(node);
      return leaf(cls ? opaque(cls, 'global') : opaque(node, 'persistent'));
    }
    case 'reduce':
    case 'newobj':
      return findCall(node, table);
  }
}

function findCall(node: CallNode, table: StorageTable): Found {
  const tensor = findTensor(node, table);
  if (tensor) return { is: 'tensor', tensor };
  const container = className(node);
  const args = itemsOf(node.args) ?? [];
  if (JIT_WRAPPER.test(container) && args[0]) {
    const inner = plainNode(args[0]);
    if (inner.kind === 'list' || inner.kind === 'tuple')
      return { is: 'holder', container: 'list', values: inner.items };
    if (inner.kind === 'dict') return { is: 'holder', container: 'dict', keys: inner.keys, values: inner.values };
  }
  if (container === 'builtins.complex') {
    const [re, im] = args.map((arg) => (arg.kind === 'float' || arg.kind === 'int' ? arg.value : undefined));
    if (re !== undefined) return leaf({ type: 'complex', re, im: im ?? 0 });
  }
  const numpy = readNumpy(node, table);
  if (numpy?.type === 'tensor') return { is: 'tensor', tensor: { value: numpy, isParameter: false, meta: [] } };
  if (numpy) return leaf(numpy);
  const fields = stateFields(node);
  if (fields && (fields.has('_modules') || fields.has('_parameters') || container.startsWith('__torch__'))) {
    return { is: 'module', container, fields };
  }
  const state = node.states?.at(-1);
  if (DICT_CLASSES.has(container) || node.dictKeys) {
    const start = startPairs(args);
    const keys = [...start.keys, ...(node.dictKeys ?? [])];
    const values = [...start.values, ...(node.dictValues ?? [])];
    return { is: 'holder', container, keys, values, ...(state ? { state } : {}) };
  }
  if (holdsTensors(node)) return { is: 'object', container, call: node };
  if (isTensorNode(node)) {
    const problem = { code: 'malformed-tensor', text: 'is a tensor whose description cannot be read' };
    return { is: 'value', value: opaque(node, container), problem };
  }
  return leaf(opaque(node, container === 'torch.serialization._get_layout' ? 'torch.layout' : container));
}

/** Constants of torch are known by name; any other name may be a class or a function. */
function kindOfGlobal(node: GlobalNode): string {
  if (dtypeOf(node)) return 'torch.dtype';
  // Python finds some of them from another module: `torch._utils` `torch.channels_last`.
  if (node.module !== 'torch' && !(node.module.startsWith('torch.') && node.name.startsWith('torch.'))) return 'global';
  const name = node.name.replace(/^torch\./, '');
  if (/^(strided|sparse_\w+|_mkldnn|jagged)$/.test(name)) return 'torch.layout';
  if (/^(channels_last(_3d)?|(contiguous|preserve)_format)$/.test(name)) return 'torch.memory_format';
  return /^per_(tensor|channel)_/.test(name) ? 'torch.qscheme' : 'global';
}

/** Items an OrderedDict or Counter is made with: a dict, or pairs as Python 2 wrote them. */
function startPairs(args: readonly PickleNode[]): Pick<DictNode, 'keys' | 'values'> {
  const start: Pick<DictNode, 'keys' | 'values'> = { keys: [], values: [] };
  const first = args.find((arg) => arg.kind === 'dict' || arg.kind === 'list');
  if (first?.kind === 'dict') return first;
  for (const pair of itemsOf(first) ?? []) {
    const [key, value] = itemsOf(pair) ?? [];
    if (!key || !value) continue;
    start.keys.push(key);
    start.values.push(value);
  }
  return start;
}

/** The class an object is of, or the function that makes it. */
export function className(node: CallNode): string {
  const fn = node.fn.kind === 'persistent' ? moduleClass(node.fn) : node.fn;
  if (fn?.kind !== 'global') return fn?.kind ?? 'unknown';
  const name = globalName(fn.module, fn.name);
  if (name !== 'copyreg._reconstructor' && !name.startsWith('copyreg.__newobj')) return name;
  const cls = itemsOf(node.args)?.[0];
  return cls?.kind === 'global' ? globalName(cls.module, cls.name) : name;
}

/** Legacy files keep the source of a module's class: ('module', class, file, source). */
function moduleClass(node: PersistentNode): PickleNode | undefined {
  const items = itemsOf(node.id);
  return items && textOf(items[0]) === 'module' ? items[1] : undefined;
}

/** An object's `__dict__`, by name. */
export function stateFields(node: CallNode): Map<string, PickleNode> | undefined {
  const state = node.states?.at(-1);
  // (__dict__, slots) where the class has slots.
  const dict = state?.kind === 'tuple' ? state.items.find((item) => item.kind === 'dict') : state;
  if (dict?.kind !== 'dict') return undefined;
  const fields = new Map<string, PickleNode>();
  dict.keys.forEach((key, i) => {
    const name = textOf(key);
    if (name !== undefined) fields.set(name, dict.values[i]!);
  });
  return fields;
}

/** Whether a tensor is near: the search gives up after some nodes, since the graph may be endless. */
function holdsTensors(root: CallNode): boolean {
  let left = SEARCH_NODES;
  const search = (node: PickleNode, depth: number): boolean => {
    if (left-- <= 0 || depth > SEARCH_DEPTH) return false;
    switch (node.kind) {
      case 'tuple':
      case 'list':
        return node.items.some((item) => search(item, depth + 1));
      case 'dict':
        return node.values.some((value) => search(value, depth + 1));
      case 'reduce':
      case 'newobj':
        if (isTensorNode(node)) return true;
        return partsOf(node).some((part) => search(part, depth + 1));
      default:
        return false;
    }
  };
  return partsOf(root).some((part) => search(part, 1));
}

const partsOf = (node: CallNode): PickleNode[] => [
  node.args,
  ...(node.states ?? []),
  ...(node.listItems ?? []),
  ...(node.dictValues ?? []),
];

const leaf = (value: Value): Found => ({ is: 'value', value });
export const opaque = (node: PickleNode, typeName: string): Value => ({
  type: 'opaque',
  text: showNode(node),
  typeName,
});
export const emptyOf = (container: string): Value => ({ type: 'empty', of: EMPTY_OF[container] ?? 'dict' });

function blob(bytes: Uint8Array<ArrayBuffer>, at: number, table: StorageTable, place: PlaceBytes): Value {
  const data = (at >= 0 ? place(at, bytes.length) : undefined) ?? { kind: 'inline', bytes: bytes.slice() };
  return { type: 'bytes', storage: table.addBlob(data, bytes.length), length: bytes.length };
}
