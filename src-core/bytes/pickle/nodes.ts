/**
 * What a pickle says, as a graph of plain nodes. Nothing is imported or called: a name stays a name and a call stays a call.
 * The graph shares nodes and may have cycles, so whatever walks it bounds its depth and its visits: thirty lists that each
 * hold the one before it twice are a few bytes in the file and a billion items when written out.
 */
export type PickleNode =
  | NoneNode
  | BoolNode
  | IntNode
  | LongNode
  | FloatNode
  | StrNode
  | BytesNode
  | TupleNode
  | ListNode
  | DictNode
  | SetNode
  | GlobalNode
  | CallNode
  | PersistentNode
  | ExtensionNode
  | BufferNode;

/** Nodes that hold others say how deep they go, so that depth can be bounded without walking. */
interface Holder {
  /** Levels of nodes below; what is put in after this was counted is not seen. */
  depth: number;
}

export interface NoneNode {
  readonly kind: 'none';
}
export interface BoolNode {
  readonly kind: 'bool';
  readonly value: boolean;
}
/** An integer that a number holds exactly. */
export interface IntNode {
  readonly kind: 'int';
  readonly value: number;
}
/** A longer one: decimal digits, or `0x…` past the length where turning them into decimal gets slow. */
export interface LongNode {
  readonly kind: 'long';
  readonly digits: string;
}
export interface FloatNode {
  readonly kind: 'float';
  readonly value: number;
}
export interface StrNode {
  readonly kind: 'str';
  readonly value: string;
  /** The bytes as stored, for Python 2 strings, which hold text or data. */
  readonly raw?: Uint8Array<ArrayBuffer>;
}
export interface BytesNode {
  readonly kind: 'bytes' | 'bytearray';
  readonly value: Uint8Array<ArrayBuffer>;
  /** Offset of the bytes in the pickle. */
  readonly at: number;
}
export interface TupleNode extends Holder {
  readonly kind: 'tuple';
  readonly items: PickleNode[];
}
export interface ListNode extends Holder {
  readonly kind: 'list';
  readonly items: PickleNode[];
}
/** Pairs in the order they were set; a key may have been set twice. */
export interface DictNode extends Holder {
  readonly kind: 'dict';
  readonly keys: PickleNode[];
  readonly values: PickleNode[];
}
export interface SetNode extends Holder {
  readonly kind: 'set' | 'frozenset';
  readonly items: PickleNode[];
}
/** A name the pickle would import. One node for each distinct name. */
export interface GlobalNode {
  readonly kind: 'global';
  readonly module: string;
  readonly name: string;
}
/** `reduce` is fn(*args), `newobj` is cls.__new__(cls, *args, **kwargs). */
export interface CallNode extends Holder {
  readonly kind: 'reduce' | 'newobj';
  readonly fn: PickleNode;
  readonly args: PickleNode;
  readonly kwargs?: PickleNode;
  /** What BUILD gave the object, in order: mostly its `__dict__`. */
  states?: PickleNode[];
  /** What was appended to it as to a list. */
  listItems?: PickleNode[];
  /** What was set on it as on a dict. */
  dictKeys?: PickleNode[];
  dictValues?: PickleNode[];
}
/** An object kept outside the pickle, under an id. */
export interface PersistentNode extends Holder {
  readonly kind: 'persistent';
  readonly id: PickleNode;
}
export interface ExtensionNode {
  readonly kind: 'extension';
  readonly code: number;
}
/** Out-of-band data of protocol 5. */
export interface BufferNode {
  readonly kind: 'buffer';
  readonly position: number;
}

/** Text of a string node, or undefined. */
export const textOf = (node: PickleNode | undefined): string | undefined =>
  node?.kind === 'str' ? node.value : undefined;
/** A small integer, or undefined. */
export const intOf = (node: PickleNode | undefined): number | undefined =>
  node?.kind === 'int' ? node.value : undefined;
/** Items of a tuple or list, or undefined. */
export const itemsOf = (node: PickleNode | undefined): readonly PickleNode[] | undefined =>
  node?.kind === 'tuple' || node?.kind === 'list' ? node.items : undefined;
/** `module.name` of a global, or undefined. */
export const globalOf = (node: PickleNode | undefined): string | undefined =>
  node?.kind === 'global' ? `${node.module}.${node.name}` : undefined;

/** Levels of nodes below a node. */
export const depthOf = (node: PickleNode): number => (node as { depth?: number }).depth ?? 0;
/** What a node that holds these is to have as its depth. */
export function depthOver(nodes: readonly PickleNode[]): number {
  let depth = 0;
  for (const node of nodes) depth = Math.max(depth, depthOf(node));
  return depth + 1;
}
