/**
 * The calls by which torch rebuilds tensors, read as what they would make (`torch/_utils.py`, `torch/_tensor.py`). Whatever a
 * file claims is checked against the bytes it has: a tensor that does not fit is listed without storage, with a problem.
 */
import {
  type CallNode,
  type GlobalNode,
  globalOf,
  intOf,
  itemsOf,
  type PersistentNode,
  type PickleNode,
  textOf,
} from '../../bytes/pickle/nodes.ts';
import { globalName } from '../../bytes/pickle/python-names.ts';
import { showNode } from '../../bytes/pickle/show.ts';
import type { MetaItem, Quant, TensorValue } from '../../model/state-dict.ts';
import { checkLayout, countPairs, type Draft } from './check-layout.ts';
import { dtypeOf } from './dtypes.ts';
import { isContiguous, readDims } from './layout.ts';
import { deviceText, hasBit, isTrue, numberOf } from './node-values.ts';
import { readSparse } from './sparse.ts';
import type { StorageTable } from './storages.ts';
import { describeTensor, stateMeta } from './tensor-meta.ts';

/** A tensor as the file describes it. */
export interface FoundTensor {
  readonly value: TensorValue;
  /** Made by `torch.nn.Parameter`: its role is the file's own word. */
  readonly isParameter: boolean;
  readonly meta: readonly MetaItem[];
  /** Bytes, where they are not those of one storage. */
  readonly bytes?: number;
  /** What is wrong with it: a code and a sentence part that follows the key. */
  readonly problem?: { readonly code: string; readonly text: string };
}

const PARAMETER = 'torch.nn.parameter.Parameter';
const MAX_WRAPPERS = 16;
type Rebuild = (args: readonly PickleNode[], table: StorageTable, depth: number) => FoundTensor | undefined;

const REBUILD: ReadonlyMap<string, Rebuild> = new Map<string, Rebuild>([
  ['torch._utils._rebuild_tensor', (a, t) => strided(t, { storage: a[0], offset: a[1], size: a[2], stride: a[3] })],
  [
    'torch._utils._rebuild_tensor_v2',
    (a, t) => strided(t, { storage: a[0], offset: a[1], size: a[2], stride: a[3], grad: a[4], bits: a[6] }),
  ],
  [
    'torch._utils._rebuild_tensor_v3',
    (a, t) =>
      strided(t, { storage: a[0], offset: a[1], size: a[2], stride: a[3], grad: a[4], dtype: a[6], bits: a[7] }),
  ],
  [
    'torch._utils._rebuild_qtensor',
    (a, t) => strided(t, { storage: a[0], offset: a[1], size: a[2], stride: a[3], quant: a[4], grad: a[5] }),
  ],
  ['torch._utils._rebuild_parameter', (a, t, d) => parameter(findTensor(a[0], t, d), a[1])],
  ['torch._utils._rebuild_parameter_with_state', (a, t, d) => withState(parameter(findTensor(a[0], t, d), a[1]), a[3])],
  [PARAMETER, (a, t, d) => parameter(findTensor(a[0], t, d), a[1])],
  ['torch._tensor._rebuild_from_type', (a, t, d) => subclass(a, t, d)],
  ['torch._tensor._rebuild_from_type_v2', (a, t, d) => subclass(a, t, d)],
  ['torch.tensor._rebuild_from_type', (a, t, d) => subclass(a, t, d)],
  ['torch._utils._rebuild_sparse_tensor', (a, t, d) => readSparse(a, t, (node) => findTensor(node, t, d))],
  [
    'torch._utils._rebuild_meta_tensor_no_storage',
    ([dtype, size, stride, grad]) => bare({ dtype, size, stride, grad, device: 'meta' }),
  ],
  [
    'torch._utils._rebuild_wrapper_subclass',
    ([cls, dtype, size, stride, , , device, grad]) =>
      bare({ dtype, size, stride, grad, device: deviceText(device), cls }),
  ],
  ['torch._utils._rebuild_nested_tensor', (a, t, d) => nested(a, t, d)],
  [
    'torch._utils._rebuild_device_tensor_from_cpu_tensor',
    ([data, , device, grad], t, d) => moved(findTensor(data, t, d), device, grad),
  ],
]);

const byNode = new WeakMap<GlobalNode, Rebuild | null>();

/** A pickle has one node per name, so each name is looked up once. */
function rebuildOf(fn: PickleNode): Rebuild | undefined {
  if (fn.kind !== 'global') return undefined;
  let rebuild = byNode.get(fn);
  if (rebuild === undefined) {
    rebuild = REBUILD.get(`${fn.module}.${fn.name}`) ?? null;
    byNode.set(fn, rebuild);
  }
  return rebuild ?? undefined;
}

/** Whether a node is a call that makes a tensor; numpy's are with the other objects. */
export const isTensorNode = (node: PickleNode): boolean => node.kind === 'reduce' && rebuildOf(node.fn) !== undefined;

/** The tensor a node makes, or undefined when it makes none. */
export function findTensor(node: PickleNode | undefined, table: StorageTable, depth = 0): FoundTensor | undefined {
  if (node?.kind === 'persistent') return table.tensorOf(node);
  if (node?.kind !== 'reduce' && node?.kind !== 'newobj') return undefined;
  if (depth > MAX_WRAPPERS) return undefined;
  const rebuild = rebuildOf(node.fn);
  const args = itemsOf(node.args);
  return rebuild && args ? rebuild(args, table, depth + 1) : undefined;
}

interface Parts {
  readonly storage: PickleNode | undefined;
  readonly offset: PickleNode | undefined;
  readonly size: PickleNode | undefined;
  readonly stride: PickleNode | undefined;
  readonly grad?: PickleNode | undefined;
  readonly dtype?: PickleNode | undefined;
  /** `{'conj': True}`, `{'neg': True}`. */
  readonly bits?: PickleNode | undefined;
  readonly quant?: PickleNode | undefined;
}

function strided(table: StorageTable, parts: Parts): FoundTensor | undefined {
  const use = parts.storage?.kind === 'persistent' ? table.use(parts.storage as PersistentNode) : undefined;
  const shape = readDims(parts.size);
  if (!use || !shape) return undefined;
  const element = (parts.dtype && dtypeOf(parts.dtype)) ?? use.element;
  const strides = readDims(parts.stride);
  const own = intOf(parts.offset);
  const offset = own === undefined ? undefined : own + use.skip;
  const quant = parts.quant ? readQuant(parts.quant, shape, table) : undefined;
  const value: Draft = { type: 'tensor', dtype: element.dtype, shape, offset: 0 };
  if (isTrue(parts.grad)) value.requiresGrad = true;
  if (use.ref.location !== 'cpu') value.device = use.ref.location;
  if (parts.bits && hasBit(parts.bits, 'conj')) value.conjugate = true;
  if (parts.bits && hasBit(parts.bits, 'neg')) value.negative = true;
  if (quant) value.quant = quant.quant;
  const meta = quant?.meta ?? NO_META;
  const problem = checkLayout(shape, strides, offset, element, use);
  if (problem) return { value, isParameter: false, meta, problem };
  value.offset = offset!;
  value.storage = use.ref.id;
  if (!isContiguous(shape, strides!)) value.strides = strides!;
  else if (value.dtype === 'other:float4_e2m1fn_x2') countPairs(value);
  return { value, isParameter: false, meta };
}

const NO_META: readonly MetaItem[] = [];

interface Bare {
  readonly dtype: PickleNode | undefined;
  readonly size: PickleNode | undefined;
  readonly stride: PickleNode | undefined;
  readonly grad?: PickleNode | undefined;
  readonly device?: string | undefined;
  readonly cls?: PickleNode | undefined;
}

/** A tensor the file describes and has no bytes for. */
function bare({ dtype, size, stride, grad, device, cls }: Bare): FoundTensor | undefined {
  const element = dtypeOf(dtype);
  const shape = readDims(size);
  if (!element || !shape) return undefined;
  const strides = readDims(stride);
  const isDense = !strides || strides.length !== shape.length || isContiguous(shape, strides);
  const value: TensorValue = {
    type: 'tensor',
    dtype: element.dtype,
    shape,
    offset: 0,
    ...(isDense ? {} : { strides }),
    ...(isTrue(grad) ? { requiresGrad: true } : {}),
    ...(device ? { device } : {}),
    ...(cls?.kind === 'global' ? { wrapper: globalName(cls.module, cls.name) } : {}),
  };
  return { value, isParameter: false, meta: [] };
}

function parameter(found: FoundTensor | undefined, grad: PickleNode | undefined): FoundTensor | undefined {
  if (!found) return undefined;
  const { requiresGrad: _, ...value } = found.value;
  // torch.nn.Parameter(data) requires a gradient unless told otherwise.
  const requiresGrad = grad === undefined || isTrue(grad);
  const wrapper = value.wrapper ?? PARAMETER;
  return { ...found, isParameter: true, value: { ...value, wrapper, ...(requiresGrad ? { requiresGrad } : {}) } };
}

function withState(found: FoundTensor | undefined, state: PickleNode | undefined): FoundTensor | undefined {
  return found && { ...found, meta: [...found.meta, ...stateMeta(state)] };
}

/** `_rebuild_from_type_v2(func, type, args, state)`: func(*args) seen as an instance of type. */
function subclass(args: readonly PickleNode[], table: StorageTable, depth: number): FoundTensor | undefined {
  const [fn, type, inner, state] = args;
  if (!fn || !inner) return undefined;
  const call: CallNode = { kind: 'reduce', fn, args: inner, depth: 0 };
  const found = findTensor(call, table, depth);
  if (!found) return undefined;
  const own = type?.kind === 'global' ? globalName(type.module, type.name) : undefined;
  const wrapper = own === undefined || own === 'torch.Tensor' ? found.value.wrapper : own;
  // DTensor and its like keep their part of the data in their state.
  const local =
    state?.kind === 'dict' && found.value.storage === undefined
      ? localTensor(state.keys, state.values, table, depth)
      : undefined;
  const value = { ...(local?.value ?? found.value), ...(wrapper ? { wrapper } : {}) };
  return withState({ ...(local ?? found), value, isParameter: found.isParameter || own === PARAMETER }, state);
}

function localTensor(
  keys: readonly PickleNode[],
  values: readonly PickleNode[],
  table: StorageTable,
  depth: number,
): FoundTensor | undefined {
  const at = keys.findIndex((key) => textOf(key) === '_local_tensor');
  return at < 0 ? undefined : findTensor(values[at], table, depth);
}

function nested(args: readonly PickleNode[], table: StorageTable, depth: number): FoundTensor | undefined {
  const buffer = findTensor(args[0], table, depth);
  if (!buffer) return undefined;
  const parts = ['sizes', 'strides', 'storage_offsets'];
  const meta = parts.map((key, i): MetaItem => {
    const part = findTensor(args[i + 1], table, depth);
    return { section: 'nested', key, value: part ? describeTensor(part.value) : { kind: 'null' } };
  });
  return { ...buffer, value: { ...buffer.value, wrapper: 'nested' }, meta };
}

function moved(
  found: FoundTensor | undefined,
  device: PickleNode | undefined,
  grad: PickleNode | undefined,
): FoundTensor | undefined {
  if (!found) return undefined;
  const text = deviceText(device);
  return {
    ...found,
    value: { ...found.value, ...(text ? { device: text } : {}), ...(isTrue(grad) ? { requiresGrad: true } : {}) },
  };
}

/** A storage saved by itself: its elements in a row. */
export function storageTensor(node: PersistentNode, table: StorageTable): FoundTensor | undefined {
  const use = table.use(node);
  if (!use) return undefined;
  const count = Math.min(use.ref.count, Math.floor(use.ref.byteLength / use.element.bytes));
  const value: TensorValue = {
    type: 'tensor',
    dtype: use.element.dtype,
    shape: [Math.max(0, count - use.skip)],
    offset: use.skip,
    storage: use.ref.id,
    wrapper: use.isUntyped ? 'torch.storage.UntypedStorage' : 'torch.storage.TypedStorage',
    ...(use.ref.location === 'cpu' ? {} : { device: use.ref.location }),
  };
  return { value, isParameter: false, meta: [] };
}

function readQuant(
  node: PickleNode,
  shape: readonly number[],
  table: StorageTable,
): { quant: Quant; meta: MetaItem[] } | undefined {
  const items = itemsOf(node);
  const scheme = globalOf(items?.[0]);
  if (!items) return undefined;
  if (scheme === 'torch.per_tensor_affine' || scheme === 'torch.per_tensor_symmetric') {
    const scale = numberOf(items[1]);
    const zeroPoint = numberOf(items[2]);
    if (scale === undefined || zeroPoint === undefined) return undefined;
    return { quant: { scheme: 'per-tensor-affine', scale, zeroPoint }, meta: [] };
  }
  const axis = intOf(items[3]);
  if (!scheme?.startsWith('torch.per_channel') || axis === undefined || axis < 0 || axis >= shape.length)
    return undefined;
  const [scales, zeroPoints] = [1, 2].map((i) => findTensor(items[i], table)?.value);
  const parts = ['scales', 'zero_points'].map((key, i): MetaItem => {
    const found = i === 0 ? scales : zeroPoints;
    return {
      section: 'quantisation',
      key,
      value: found ? describeTensor(found) : { kind: 'string', value: showNode(items[i + 1]!) },
    };
  });
  const kind: MetaItem = {
    section: 'quantisation',
    key: 'scheme',
    value: { kind: 'string', value: scheme.slice('torch.'.length) },
  };
  const parameters = 'scales, zero_points';
  const quant: Quant = {
    scheme: 'per-channel-affine',
    axis,
    channels: shape[axis]!,
    parameters,
    ...(scales && { scales }),
    ...(zeroPoints && { zeroPoints }),
  };
  return { quant, meta: [kind, ...parts] };
}
