import type { DType } from '../tensor/dtype.ts';

/**
 * The module tree as columns, in pre-order: node 0 is the root, a node's descendants are the nodes up to `end`. Half a
 * million rows cross to the page as a dozen transferable arrays and cost it no objects.
 */
export interface ModuleTree {
  /** Nodes, the root included. */
  readonly count: number;
  /** Entries in the document. */
  readonly entryCount: number;
  /** UTF-8 of the distinct labels, one after the other. */
  readonly labelBytes: Uint8Array<ArrayBuffer>;
  /** Distinct labels + 1 offsets into `labelBytes`. */
  readonly labelStart: Uint32Array<ArrayBuffer>;
  /** Label id of each node. */
  readonly label: Uint32Array<ArrayBuffer>;
  /** Parent node; the root's is 0. */
  readonly parent: Uint32Array<ArrayBuffer>;
  /** One past the last descendant. */
  readonly end: Uint32Array<ArrayBuffer>;
  /** The root is 0. */
  readonly depth: Uint16Array<ArrayBuffer>;
  /** 1-based position among its siblings, and how many they are (ARIA posinset, setsize). */
  readonly position: Uint32Array<ArrayBuffer>;
  readonly siblings: Uint32Array<ArrayBuffer>;
  /** Row of the node's own entry; -1 for a pure module. A node can be both (`a` and `a.b`). */
  readonly entry: Int32Array<ArrayBuffer>;
  /** Node of each entry row: the inverse of `entry`. */
  readonly nodeOfEntry: Uint32Array<ArrayBuffer>;
  /** Position in VALUE_ORDER of the node's own entry; 255 for a module. */
  readonly type: Uint8Array<ArrayBuffer>;
  /** Position + 1 in `dtypes`; 0 for none. For a module: the dtype all its tensors share, 0 if they differ. */
  readonly dtype: Uint16Array<ArrayBuffer>;
  readonly dtypes: readonly DType[];
  /** Index into `shapes`; NO_SHAPE for none. */
  readonly shape: Uint32Array<ArrayBuffer>;
  readonly shapes: readonly (readonly number[])[];
  /** Totals of the subtree; what is shared counts once, at its owner. */
  readonly params: Float64Array<ArrayBuffer>;
  readonly bytes: Float64Array<ArrayBuffer>;
  /** Entries in the subtree, the node's own included. */
  readonly entries: Uint32Array<ArrayBuffer>;
  /** ROW_FLAG bits of the own entry, and NODE_FLAG bits. */
  readonly flags: Uint16Array<ArrayBuffer>;
  /** Position in ROLE_ORDER of the own entry. */
  readonly role: Uint8Array<ArrayBuffer>;
  /** Index into `kinds` of what the module is; 0 is none known. */
  readonly kind: Uint16Array<ArrayBuffer>;
  readonly kinds: readonly string[];
  /**
   * For the first of a run of at least `REPEAT_MIN` consecutive siblings with integer labels and the same structure (labels, dtypes, shapes
   * below): the run's length. 0 for the others of the run and for every other node.
   */
  readonly repeat: Uint32Array<ArrayBuffer>;
}

export const NOT_AN_ENTRY = -1;
export const NO_TYPE = 255;
/** Two blocks alike are shown as they are; three are a pattern. */
export const REPEAT_MIN = 3;

export const NODE_FLAG = {
  /** The label is an integer part, not text. */
  intLabel: 1 << 8,
  /** A problem points at an entry below. */
  problemBelow: 1 << 9,
  /** Another sibling has the same label: the key occurs twice in the file. */
  duplicate: 1 << 10,
  /** An entry below was edited. */
  editedBelow: 1 << 11,
} as const;

/** What Overview shows of a document. */
export interface Summary {
  readonly entries: number;
  readonly tensors: number;
  readonly modules: number;
  /** Logical elements of tensors; shared storage counts once. */
  readonly params: number;
  /** Bytes of values; shared storage counts once. */
  readonly bytes: number;
  /** By dtype for tensors, by value type for the rest; most bytes first. */
  readonly types: readonly {
    readonly name: string;
    readonly entries: number;
    readonly params: number;
    readonly bytes: number;
  }[];
  /** Rows of the largest tensors by bytes, largest first, at most 10. */
  readonly largest: readonly {
    readonly row: number;
    readonly key: string;
    readonly bytes: number;
    readonly params: number;
  }[];
  /** Runs of alike blocks: `h` ×12. Largest first, at most 8. */
  readonly repeats: readonly {
    readonly node: number;
    readonly label: string;
    readonly times: number;
    readonly params: number;
  }[];
  /** A guess, said as one: `GPT-2` with why. */
  readonly family?: { readonly name: string; readonly why: string };
  readonly roles: readonly { readonly role: string; readonly entries: number; readonly guessed: boolean }[];
  readonly tied: number;
  /** Weights that are packed over several tensors, by how; absent where there are none. `bytes` are those of all their tensors. */
  readonly packed?: readonly {
    readonly packing: string;
    readonly weights: number;
    readonly elements: number;
    readonly bytes: number;
  }[];
}
