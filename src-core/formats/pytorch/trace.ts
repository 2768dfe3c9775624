import type { PickleNode } from '../../bytes/pickle/nodes.ts';
import type { EntryId } from '../../model/state-dict.ts';

/** Where a value stands in the graph: under a key of a dict or of an object that is one, or at a position of a list or tuple. */
export interface Slot {
  readonly holder: PickleNode;
  readonly at: PickleNode | number;
}

export interface HolderPlace {
  /** What the keys of its entries begin with. */
  readonly path: string;
  readonly slot: Slot | undefined;
  /** Whether a key may be any text, one part of a path, or the name of a module's own. */
  readonly keys: 'dotted' | 'parts' | 'attributes' | 'positions';
  readonly isEmpty: boolean;
}

export interface Trace {
  /** An entry and where its value stands; at the root, or somewhere inside an object, it has no slot. */
  entry(id: EntryId, node: PickleNode, slot: Slot | undefined): void;
  /** What holds others, by keys or positions. One that stands in two places is told twice. */
  holder(node: PickleNode, holder: HolderPlace): void;
}
