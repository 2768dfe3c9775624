/** What torch's own pickler says of tensors and plain values, as nodes. Texts and names are one node each, so that they are recalled. */
import type { CallNode, DictNode, GlobalNode, PickleNode, StrNode } from '../../bytes/pickle/nodes.ts';
import type { JsonNode, Value } from '../../model/state-dict.ts';
import { contiguousStrides } from '../../tensor/layout.ts';
import type { TorchName } from './dtypes.ts';

/** A storage as a pickle speaks of it. */
export interface NamedStorage {
  readonly key: string;
  readonly type: TorchName;
  /** Bytes. */
  readonly byteLength: number;
  /** `cpu`, `cuda:0`. */
  readonly location: string;
}

export interface NewTensor {
  readonly storage: NamedStorage;
  /** Elements. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** Elements; absent when contiguous. */
  readonly strides?: readonly number[] | undefined;
  readonly requiresGrad?: boolean | undefined;
  /** `conj`, `neg`: signs that are applied when the values are looked at. */
  readonly bits?: readonly string[];
}

export const NONE: PickleNode = { kind: 'none' };
const EMPTY: PickleNode = { kind: 'tuple', items: [], depth: 1 };

// Depths are for those who read a pickle; what is built here is not deep.
export const tuple = (items: readonly PickleNode[]): PickleNode =>
  items.length === 0 ? EMPTY : { kind: 'tuple', items: [...items], depth: 1 };
export const list = (items: PickleNode[]): PickleNode => ({ kind: 'list', items, depth: 1 });
export const dict = (pairs: readonly (readonly [PickleNode, PickleNode])[]): DictNode => ({
  kind: 'dict',
  keys: pairs.map(([key]) => key),
  values: pairs.map(([, value]) => value),
  depth: 1,
});
export const int = (value: number): PickleNode => ({ kind: 'int', value });
export const bool = (value: boolean): PickleNode => ({ kind: 'bool', value });
export const call = (fn: PickleNode, ...args: readonly PickleNode[]): CallNode => ({
  kind: 'reduce',
  fn,
  args: tuple(args),
  depth: 1,
});

export class NodeBuilder {
  private readonly texts = new Map<string, StrNode>();
  private readonly globals = new Map<string, GlobalNode>();

  text(value: string): StrNode {
    return keep(this.texts, value, () => ({ kind: 'str', value }));
  }

  global(module: string, name: string): GlobalNode {
    return keep(this.globals, `${module}\n${name}`, () => ({ kind: 'global', module, name }));
  }

  /** Pairs, and what is set on the dict itself. */
  orderedDict(pairs: readonly (readonly [PickleNode, PickleNode])[], state?: PickleNode): CallNode {
    return {
      ...call(this.global('collections', 'OrderedDict')),
      ...(pairs.length > 0 && { dictKeys: pairs.map(([key]) => key), dictValues: pairs.map(([, value]) => value) }),
      ...(state && { states: [state] }),
    };
  }

  tensor({ storage, offset, shape, strides, requiresGrad, bits = [] }: NewTensor): CallNode {
    const isUntyped = storage.type.storage === 'UntypedStorage';
    const id = tuple([
      this.text('storage'),
      this.global(isUntyped ? 'torch.storage' : 'torch', storage.type.storage),
      this.text(storage.key),
      this.text(storage.location),
      int(isUntyped ? storage.byteLength : storage.byteLength / storage.type.bytes),
    ]);
    const signs = dict(bits.map((bit) => [this.text(bit), bool(true)]));
    return call(
      this.global('torch._utils', isUntyped ? '_rebuild_tensor_v3' : '_rebuild_tensor_v2'),
      { kind: 'persistent', id, depth: 1 },
      int(offset),
      tuple(shape.map(int)),
      tuple((strides ?? contiguousStrides(shape)).map(int)),
      bool(requiresGrad === true),
      // Backward hooks, of which there are none.
      this.orderedDict([]),
      ...(isUntyped ? [this.global('torch', storage.type.name)] : []),
      ...(bits.length > 0 ? [signs] : []),
    );
  }

  parameter(data: PickleNode, requiresGrad: boolean): CallNode {
    const rebuild = this.global('torch._utils', '_rebuild_parameter');
    return call(rebuild, data, bool(requiresGrad), this.orderedDict([]));
  }

  /** A value that is no tensor; undefined when a pickle of plain values cannot hold it. */
  value(value: Value): PickleNode | undefined {
    switch (value.type) {
      case 'null':
        return NONE;
      case 'bool':
        return bool(value.value);
      case 'int':
        return intOfDigits(value.digits);
      case 'float':
        return { kind: 'float', value: value.value };
      case 'text':
        return this.text(value.text);
      case 'complex': {
        const parts = [value.re, value.im].map((part): PickleNode => ({ kind: 'float', value: part }));
        return call(this.global('__builtin__', 'complex'), ...parts);
      }
      case 'json':
        return this.json(value.json);
      case 'empty':
        return this.empty(value.of);
      case 'tensor':
      case 'bytes':
      case 'opaque':
        return undefined;
    }
  }

  private empty(of: string): PickleNode | undefined {
    switch (of) {
      case 'dict':
        return dict([]);
      case 'list':
        return list([]);
      case 'tuple':
        return EMPTY;
      case 'set':
        return call(this.global('__builtin__', 'set'), list([]));
      default:
        return undefined;
    }
  }

  json(node: JsonNode): PickleNode | undefined {
    switch (node.kind) {
      case 'null':
        return NONE;
      case 'bool':
        return bool(node.value);
      case 'string':
        return this.text(node.value);
      case 'number':
        return /^-?\d+$/.test(node.lexeme) ? intOfDigits(node.lexeme) : { kind: 'float', value: Number(node.lexeme) };
      case 'literal':
        return floatOfLiteral(node.lexeme);
      case 'array': {
        const items = node.items.map((item) => this.json(item));
        return items.every((item) => item !== undefined) ? list(items) : undefined;
      }
      case 'object': {
        const pairs = node.members.map(([key, value]) => [this.text(key), this.json(value)] as const);
        return pairs.every((pair): pair is [StrNode, PickleNode] => pair[1] !== undefined) ? dict(pairs) : undefined;
      }
    }
  }
}

function intOfDigits(digits: string): PickleNode {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? int(value) : { kind: 'long', digits };
}

/** Floats that JSON has no word for. */
function floatOfLiteral(lexeme: string): PickleNode | undefined {
  const value = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }[lexeme];
  return value === undefined ? undefined : { kind: 'float', value };
}

function keep<T>(known: Map<string, T>, key: string, make: () => T): T {
  let found = known.get(key);
  if (found === undefined) {
    found = make();
    known.set(key, found);
  }
  return found;
}
