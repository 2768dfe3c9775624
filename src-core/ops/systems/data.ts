/**
 * What the systems' operations work on: values of Python and Lisp, and declared modules, as plain immutable data.
 * A bigint is an int and a number a float, so that 1 and 1.0 stay apart. Two places hold one object when they hold one
 * reference, which is what sharing means in every one of these systems.
 */
export type Datum = null | boolean | bigint | number | string | List | Tagged;
export type List = readonly Datum[];
export type Pair = readonly [key: Datum, value: Datum];
/** Attributes in the order they were set; a name given twice is set twice. */
export type Member = readonly [name: string, value: Datum];

export type Tagged =
  | Dict
  | Tuple
  | { readonly kind: 'set'; readonly items: List }
  | Tensor
  | Variable
  /** inox: a wrapped value, and the hole that `export_state` leaves in its place. */
  | Entry
  | StateKey
  | Module
  | Parameter
  | { readonly kind: 'buffer'; readonly value: Datum; readonly persistent: boolean }
  | Weight
  /** MAX: `set_shared_weight` was called with this weight. */
  | { readonly kind: 'shared'; readonly weight: Datum }
  | Reference
  /** The same object as the one at this path from the root, parts joined by dots. */
  | { readonly kind: 'same'; readonly path: string }
  /** A name registered with nothing behind it: `register_parameter('bias', None)`. */
  | { readonly kind: 'unset'; readonly of: 'parameter' | 'buffer' | 'module' }
  /** Any other object. `serialized` is what its `serialize()` gives, `schema` the JSON schema of a Struct class. */
  | { readonly kind: 'object'; readonly type: string; readonly serialized?: Datum; readonly schema?: Datum };

/** Insertion-ordered; keys are unique under Python's equality (see `DictBuilder`). */
export interface Dict {
  readonly kind: 'dict';
  readonly items: readonly Pair[];
}

export interface Tuple {
  readonly kind: 'tuple';
  readonly items: List;
  /** A namedtuple: its class and the names of its items. */
  readonly type?: string;
  readonly fields?: readonly string[];
}

export type Dim = bigint | string;

export interface Tensor {
  readonly kind: 'tensor';
  /** As the source spells it: `f32`, `float32`, `:float32`. */
  readonly dtype: string;
  /** Symbolic dimensions are texts. */
  readonly shape: readonly Dim[];
  /** Elements in C order; absent for a tensor of which only the declaration is known. */
  readonly data?: List;
  /** The value of every element, where writing them out would be too much. */
  readonly fill?: Datum;
}

export interface Variable {
  readonly kind: 'variable';
  readonly type: string;
  /** Its other classes, nearest first, where they are not flax's own. */
  readonly bases: readonly string[];
  readonly value: Datum;
  readonly metadata: readonly Member[];
  /** The type is guessed from the name. */
  readonly guessed?: true;
}

export interface Entry {
  readonly kind: 'entry';
  readonly value: Datum;
}

export interface StateKey {
  readonly kind: 'key';
  readonly key: Datum;
}

export interface Module {
  readonly kind: 'module';
  /** `list` and `dict` are the system's own containers of modules: ModuleList, LayerList, nnx.List, ModuleDict… */
  readonly style: 'module' | 'list' | 'dict';
  readonly type: string;
  readonly members: readonly Member[];
  /** MAX: `_omit_module_attr_name`. */
  readonly omitName?: true;
  /** inox: an `nn.Scope`. */
  readonly scope?: true;
  /** DSPy: `_compiled`. */
  readonly compiled?: true;
  /** torch: `_version`. */
  readonly version?: bigint;
  /** torch: what `get_extra_state` gives. */
  readonly extraState?: Datum;
}

export interface Parameter {
  readonly kind: 'parameter';
  readonly value: Datum;
  /** msgflux: a free text that says what the parameter is for. */
  readonly spec?: string;
  readonly requiresGrad: boolean;
}

export interface Weight {
  readonly kind: 'weight';
  /** Its own name; the name of the attribute unless it says otherwise. */
  readonly name?: string;
  readonly dtype: string;
  readonly shape: readonly Dim[];
  readonly device?: string;
  /** Bytes. */
  readonly align?: bigint;
  readonly quantizationEncoding?: string;
  readonly sharding?: Datum;
}

/** inox: `Reference(tag, obj)`; `obj` is gone where a Scope has pruned it. */
export interface Reference {
  readonly kind: 'reference';
  readonly tag: Datum;
  readonly obj?: Datum;
}

export const isTagged = (datum: Datum): datum is Tagged =>
  typeof datum === 'object' && datum !== null && !Array.isArray(datum);
export const isList = (datum: Datum): datum is List => Array.isArray(datum);
export const isDict = (datum: Datum): datum is Dict => isTagged(datum) && datum.kind === 'dict';
export const isVariable = (datum: Datum): datum is Variable => isTagged(datum) && datum.kind === 'variable';
export const isModule = (datum: Datum): datum is Module => isTagged(datum) && datum.kind === 'module';
export const isTensor = (datum: Datum): datum is Tensor => isTagged(datum) && datum.kind === 'tensor';

export const dict = (items: readonly Pair[]): Dict => ({ kind: 'dict', items });
export const tuple = (items: List): Tuple => ({ kind: 'tuple', items });
