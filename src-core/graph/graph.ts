/**
 * A module as a graph of ONNX operators (opset 20), with its weights named and not yet bound: they become inputs (to be
 * swapped between runs) or constants (to be run many times). Plain data.
 */

/** Elements along an axis, or the name of a number that each run decides (`sequence`). */
export type Dim = number | string;
export type ElementType = 'f32' | 'i64' | 'bool';

export interface GraphValue {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly Dim[];
}

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] }
  | { readonly texts: readonly string[] };

export interface GraphNode {
  /** ONNX operator type of the default domain. */
  readonly op: string;
  /** Names of values; an empty name leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Path of the module it computes. */
  readonly path: string;
}

/** A tensor of the file. It is f32 in the graph, whatever it is stored as. */
export interface GraphWeight extends GraphValue {
  readonly shape: readonly number[];
  /** Path below the module that was lowered: from another module the same graph runs the next layer. */
  readonly path: string;
}

/** Numbers that belong to the computation, not to the file: shapes, axes, epsilon. */
export interface GraphConstant extends GraphValue {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** What an input stands for: decides which samples are offered for it. */
export type Meaning =
  | 'features'
  | 'sequence'
  | 'image'
  | 'tokens'
  | 'token-types'
  | 'mask'
  | 'memory'
  | 'positions'
  | 'past';

/** An input of a module, as it is offered before there is a sample. */
export interface InputSpec {
  readonly name: string;
  readonly dtype: ElementType;
  readonly meaning: Meaning;
  /** In order; `free` names an axis that may have another size (`batch`, `sequence`, `height`). */
  readonly dims: readonly { readonly size: number; readonly free?: string }[];
  /** For tokens: ids are below it. */
  readonly below?: number;
}

export interface GraphInput extends GraphValue {
  readonly meaning: Meaning;
  readonly below?: number;
}

export interface GraphOutput extends GraphValue {
  /** `output`, `logits`, `running_mean`… */
  readonly label: string;
  /** For a new value of an entry: its path below the module. Applying it is an edit. */
  readonly updates?: string;
}

/** What module `path` gave: any of these can be asked for as an output. */
export interface GraphTap {
  readonly path: string;
  readonly value: string;
}

/**
 * Keys or values of an attention, from run to run: the output `present` is the input `past` of the next run. The named axis of
 * `shape` is how many there are: 0 in the first run.
 */
export interface GraphCache {
  /** Path of the attention. */
  readonly path: string;
  readonly part: CachePart;
  /** Names of the input and of the output. */
  readonly past: string;
  readonly present: string;
  readonly shape: readonly Dim[];
}
export type CachePart = 'key' | 'value';

export interface Graph {
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly GraphOutput[];
  readonly weights: readonly GraphWeight[];
  readonly constants: readonly GraphConstant[];
  readonly nodes: readonly GraphNode[];
  readonly taps: readonly GraphTap[];
  /** Empty unless the graph was asked to keep a cache. */
  readonly caches: readonly GraphCache[];
  /** Every value by name, for shapes and memory. */
  readonly values: ReadonlyMap<string, GraphValue>;
}
