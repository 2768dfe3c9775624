import type { Entry, JsonNode, StateDict } from '../../model/state-dict.ts';
import type { FindSteps } from './entry-steps.ts';
import { isSameNode, nodeOf } from './json-node.ts';
import { isContainer, type Slot } from './slots.ts';
import type { Container, TreeChange } from './tree-change.ts';

/** What a format says to an edit. */
export interface EditRules {
  /** Why it has no way to write the value or the key; undefined when it has. */
  refuseNode(node: JsonNode): string | undefined;
  refuseKey(key: string): string | undefined;
  /** Throws `unsupported` for the entry of that key. */
  fail(key: string, why: string): never;
}

/** An entry, or several below one new key, to be put into a container. */
interface Addition {
  readonly entry: Entry;
  readonly node?: JsonNode;
  readonly below: Map<string | number, Addition>;
}

/**
 * Turns what is different between two states into changes of the text's nodes. An entry stays where it is when only its value or
 * keys that all entries below them agree on are different; else it is taken out and put in again under its new key.
 */
export function placeEntries(
  before: StateDict,
  after: StateDict,
  root: Slot,
  find: FindSteps,
  rules: EditRules,
  change: TreeChange,
): void {
  /** By row in `before`: as it is now; undefined when it is gone or goes to another place. */
  const stays: (Entry | undefined)[] = Array.from({ length: before.entries.length });
  const steps: (readonly (string | number)[])[] = Array.from({ length: before.entries.length });
  const additions = new Map<Slot, Map<string | number, Addition>>();
  const newKeys = new Map<Slot, string>();
  const indexes = new Map<Slot, ReadonlyMap<string, Slot>>();

  const moved: Entry[] = [];
  for (let row = 0; row < after.entries.length; row++) {
    const entry = after.entries.at(row);
    const source = entry.source === undefined ? row : entry.source;
    if (source === null) moved.push(entry);
    else {
      stays[source] = entry;
      const was = before.entries.at(source);
      steps[source] = entry.path === was.path ? find(was) : find(entry);
    }
  }
  settleKeys(root, 0);
  for (const entry of moved) add(entry);
  if (!emit(root, undefined)) rules.fail(before.entries.at(0).key, 'the file has to hold a value');

  /** Gives a slot the key its entries want; those that want another one, or to be elsewhere, leave it. */
  function settleKeys(slot: Slot, depth: number): void {
    const key = newKeys.get(slot) ?? slot.key;
    for (let row = slot.first; row < slot.end; row++) {
      if (!stays[row]) continue;
      const path = steps[row]!;
      const fits = (depth === 0 || String(path[depth - 1]) === key) && (path.length === depth) === slot.isLeaf;
      if (!fits) leave(row);
    }
    for (const child of slot.children) {
      const wanted = new Set<string>();
      for (let row = child.first; row < child.end; row++)
        if (stays[row] && steps[row]!.length > depth) wanted.add(String(steps[row]![depth]));
      const [first] = wanted;
      if (child.member && first !== undefined && !wanted.has(child.key)) newKeys.set(child, first);
      settleKeys(child, depth + 1);
    }
  }

  function leave(row: number): void {
    moved.push(stays[row]!);
    stays[row] = undefined;
  }

  function add(entry: Entry): void {
    const path = find(entry);
    const node =
      nodeOf(entry.value) ?? rules.fail(entry.key, `a text cannot hold a value of the type ${entry.value.type}`);
    checkNode(entry, node);
    let slot = root;
    let depth = 0;
    if (path.length === 0 || !isContainer(root.node))
      rules.fail(entry.key, 'there is no place for it beside the one value');
    for (; depth < path.length - 1; depth++) {
      const child = childOf(slot, String(path[depth]));
      if (!child || !canHold(child)) break;
      slot = child;
    }
    let level = additions.get(slot) ?? new Map<string | number, Addition>();
    additions.set(slot, level);
    for (; depth < path.length; depth++) {
      const key = path[depth]!;
      const isLast = depth === path.length - 1;
      const there = level.get(key);
      if (there && (isLast || there.node)) rules.fail(entry.key, 'another entry is in its place');
      checkKey(entry, String(key));
      const addition = there ?? { entry, ...(isLast && { node }), below: new Map<string | number, Addition>() };
      level.set(key, addition);
      level = addition.below;
    }
  }

  function childOf(slot: Slot, key: string): Slot | undefined {
    let index = indexes.get(slot);
    if (!index) {
      index = new Map(slot.children.map((child) => [newKeys.get(child) ?? child.key, child]));
      indexes.set(slot, index);
    }
    return index.get(key);
  }

  /** A container, or an empty one whose own entry is gone. */
  function canHold({ node, isLeaf, first }: Slot): boolean {
    if (!isContainer(node)) return false;
    return !isLeaf || (!stays[first] && (node.kind === 'object' ? node.members : node.items).length === 0);
  }

  /** Tells the changes at and below a slot; false when nothing is left of it. */
  function emit(slot: Slot, parent: { container: Container; index: number } | undefined): boolean {
    const { node, member } = slot;
    const added = additions.get(slot);
    const entry = slot.isLeaf ? stays[slot.first] : undefined;
    if (slot.isLeaf && !entry && !added) return false;
    const gone: number[] = [];
    for (const [index, child] of slot.children.entries())
      if (!emit(child, { container: node as Container, index })) gone.push(index);
    // Metadata has no rows, and the root is there without any.
    const isLeft = added || slot.first === slot.end || gone.length < slot.children.length;
    if (!slot.isLeaf && !isLeft && parent) return false;
    if (entry) setValue(entry, slot, parent);
    if (isContainer(node)) for (const index of gone) change.remove(node, index);
    const key = newKeys.get(slot);
    if (member && key !== undefined) rename(slot, member, key);
    if (added && isContainer(node)) insertAll(slot, node, added);
    checkSiblings(slot, new Set(gone));
    return true;
  }

  function setValue(entry: Entry, slot: Slot, parent: { container: Container; index: number } | undefined): void {
    const was = before.entries.at(slot.first);
    if (entry.value === was.value) return;
    const next =
      nodeOf(entry.value) ?? rules.fail(entry.key, `a text cannot hold a value of the type ${entry.value.type}`);
    const last = nodeOf(was.value);
    if (last && isSameNode(last, next, { numbers: 'text', ordered: true })) return;
    checkNode(entry, next);
    change.setNode(slot.node, next, parent && { ...parent, key: newKeys.get(slot) ?? slot.key });
  }

  function rename(slot: Slot, member: NonNullable<Slot['member']>, key: string): void {
    const entry = firstEntry(slot);
    if (entry) checkKey(entry, key);
    change.renames.set(member, key);
  }

  function insertAll(slot: Slot, container: Container, added: ReadonlyMap<string | number, Addition>): void {
    const after = (container.kind === 'object' ? container.members : container.items).length - 1;
    for (const [key, addition] of added) {
      const clash = container.kind === 'object' ? childOf(slot, String(key)) : undefined;
      if (clash && isAlive(clash)) rules.fail(addition.entry.key, 'another entry is in its place');
      change.insert(container, { after, key: String(key), node: additionNode(addition) });
    }
  }

  /** Keys that became the same, which no reader could tell apart. */
  function checkSiblings(slot: Slot, gone: ReadonlySet<number>): void {
    const left = slot.children.filter((_, i) => !gone.has(i));
    if (!left.some((child) => newKeys.has(child))) return;
    const seen = new Set(left.filter((child) => !newKeys.has(child)).map(({ key }) => key));
    for (const child of left) {
      const key = newKeys.get(child);
      if (key === undefined) continue;
      if (seen.has(key)) rules.fail(firstEntry(child)?.key ?? key, 'another entry is in its place');
      seen.add(key);
    }
  }

  function firstEntry(slot: Slot): Entry | undefined {
    for (let row = slot.first; row < slot.end; row++) if (stays[row]) return stays[row];
    return undefined;
  }

  function isAlive(slot: Slot): boolean {
    return slot.first === slot.end || firstEntry(slot) !== undefined;
  }

  function checkNode(entry: Entry, node: JsonNode): void {
    const why = rules.refuseNode(node);
    if (why !== undefined) rules.fail(entry.key, why);
  }

  function checkKey(entry: Entry, key: string): void {
    const why = rules.refuseKey(key);
    if (why !== undefined) rules.fail(entry.key, why);
  }
}

/** Numbers 0, 1, 2… are positions of a list, anything else keys of an object. */
function additionNode({ node, below }: Addition): JsonNode {
  if (node) return node;
  const members = [...below].map(([key, addition]) => [key, additionNode(addition)] as const);
  if (members.every(([key], i) => key === i)) return { kind: 'array', items: members.map(([, item]) => item) };
  return { kind: 'object', members: members.map(([key, item]) => [String(key), item] as const) };
}
