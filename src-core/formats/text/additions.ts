import type { Entry, JsonNode } from '../../model/state-dict.ts';
import { checkedNode, checkKey, type EditRules } from './edit-rules.ts';
import type { FindSteps } from './entry-steps.ts';
import type { SettledKeys } from './settle-keys.ts';
import { isContainer, type Slot } from './slots.ts';

/** An entry, or several below one new key, to be put into a container. */
export interface Addition {
  readonly entry: Entry;
  readonly node?: JsonNode;
  readonly below: Map<string | number, Addition>;
}

/** What is put into which container of the text: the innermost there is for the entry's path. */
export class Additions {
  private readonly bySlot = new Map<Slot, Map<string | number, Addition>>();
  private readonly indexes = new Map<Slot, ReadonlyMap<string, Slot>>();
  private readonly settled: SettledKeys;

  constructor(root: Slot, settled: SettledKeys, find: FindSteps, rules: EditRules) {
    this.settled = settled;
    for (const entry of settled.moved) this.add(entry, find(entry), root, rules);
  }

  at(slot: Slot): ReadonlyMap<string | number, Addition> | undefined {
    return this.bySlot.get(slot);
  }

  /** The place below that has a key now. */
  childOf(slot: Slot, key: string): Slot | undefined {
    let index = this.indexes.get(slot);
    if (!index) {
      index = new Map(slot.children.map((child) => [this.settled.keyOf(child), child]));
      this.indexes.set(slot, index);
    }
    return index.get(key);
  }

  private add(entry: Entry, path: readonly (string | number)[], root: Slot, rules: EditRules): void {
    const node = checkedNode(entry, rules);
    if (path.length === 0 || !isContainer(root.node))
      rules.fail(entry.key, 'there is no place for it beside the one value');
    let slot = root;
    let depth = 0;
    for (; depth < path.length - 1; depth++) {
      const child = this.childOf(slot, String(path[depth]));
      if (!child || !this.canHold(child)) break;
      slot = child;
    }
    let level = this.bySlot.get(slot) ?? new Map<string | number, Addition>();
    this.bySlot.set(slot, level);
    for (; depth < path.length; depth++) {
      const key = path[depth]!;
      const isLast = depth === path.length - 1;
      const there = level.get(key);
      if (there && (isLast || there.node)) rules.fail(entry.key, 'another entry is in its place');
      checkKey(entry, String(key), rules);
      const addition = there ?? { entry, ...(isLast && { node }), below: new Map<string | number, Addition>() };
      level.set(key, addition);
      level = addition.below;
    }
  }

  /** A container, or an empty one whose own entry is gone. */
  private canHold({ node, isLeaf, first }: Slot): boolean {
    if (!isContainer(node)) return false;
    return !isLeaf || (!this.settled.stays[first] && (node.kind === 'object' ? node.members : node.items).length === 0);
  }
}

/** Numbers 0, 1, 2… are positions of a list, anything else keys of an object. */
export function additionNode({ node, below }: Addition): JsonNode {
  if (node) return node;
  const members = [...below].map(([key, addition]) => [key, additionNode(addition)] as const);
  if (members.every(([key], i) => key === i)) return { kind: 'array', items: members.map(([, item]) => item) };
  return { kind: 'object', members: members.map(([key, item]) => [String(key), item] as const) };
}
