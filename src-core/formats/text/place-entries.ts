import type { Entry, StateDict } from '../../model/state-dict.ts';
import { type Addition, Additions, additionNode } from './additions.ts';
import { checkedNode, checkKey, type EditRules } from './edit-rules.ts';
import type { FindSteps } from './entry-steps.ts';
import { isSameItem, isSameNode, nodeOf } from './json-node.ts';
import { SettledKeys } from './settle-keys.ts';
import { isContainer, type Slot } from './slots.ts';
import type { Container, TreeChange } from './tree-change.ts';

interface Parent {
  readonly container: Container;
  readonly index: number;
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
  const settled = new SettledKeys(before, after, root, find);
  const additions = new Additions(root, settled, find, rules);
  if (!emit(root, undefined)) rules.fail(before.entries.at(0).key, 'the file has to hold a value');

  /** Tells the changes at and below a place; false when nothing is left of it. */
  function emit(slot: Slot, parent: Parent | undefined): boolean {
    const { node, isLeaf, first, end } = slot;
    const added = additions.at(slot);
    const entry = isLeaf ? settled.stays[first] : undefined;
    if (isLeaf && !entry && !added) return false;
    const gone: number[] = [];
    for (const [index, child] of slot.children.entries())
      if (!emit(child, { container: node as Container, index })) gone.push(index);
    // Metadata has no rows, and the root is there without any.
    const isLeft = added !== undefined || first === end || gone.length < slot.children.length;
    if (!isLeaf && !isLeft && parent) return false;
    if (entry) setValue(entry, slot, parent);
    if (isContainer(node)) for (const index of gone) change.remove(node, index);
    rename(slot);
    if (added && isContainer(node)) insertAll(slot, node, added);
    checkSiblings(slot, new Set(gone));
    return true;
  }

  function setValue(entry: Entry, slot: Slot, parent: Parent | undefined): void {
    const was = before.entries.at(slot.first);
    if (!haveSameMeta(entry, was)) rules.fail(entry.key, 'what is said beside it are comments, which stay as they are');
    if (entry.value === was.value) return;
    const [last, next] = [nodeOf(was.value), nodeOf(entry.value)];
    if (last && next && isSameNode(last, next, { numbers: 'text', ordered: true })) return;
    change.setNode(slot.node, checkedNode(entry, rules), parent && { ...parent, key: settled.keyOf(slot) });
  }

  function rename(slot: Slot): void {
    const key = settled.newKey(slot);
    if (!slot.member || key === undefined) return;
    const entry = settled.firstEntry(slot);
    if (entry) checkKey(entry, key, rules);
    change.renames.set(slot.member, key);
  }

  function insertAll(slot: Slot, container: Container, added: ReadonlyMap<string | number, Addition>): void {
    const after = (container.kind === 'object' ? container.members : container.items).length - 1;
    for (const [key, addition] of added) {
      const other = container.kind === 'object' ? additions.childOf(slot, String(key)) : undefined;
      const isThere = other && (other.first === other.end || settled.firstEntry(other));
      if (isThere) rules.fail(addition.entry.key, 'another entry is in its place');
      change.insert(container, { after, key: String(key), node: additionNode(addition) });
    }
  }

  /** Keys that became the same, which no reader could tell apart. */
  function checkSiblings(slot: Slot, gone: ReadonlySet<number>): void {
    const left = slot.children.filter((_, i) => !gone.has(i));
    const renamed = left.filter((child) => settled.newKey(child) !== undefined);
    if (renamed.length === 0) return;
    const seen = new Set(left.filter((child) => settled.newKey(child) === undefined).map(({ key }) => key));
    for (const child of renamed) {
      const key = settled.keyOf(child);
      if (seen.has(key)) rules.fail(settled.firstEntry(child)?.key ?? key, 'another entry is in its place');
      seen.add(key);
    }
  }
}

function haveSameMeta({ meta: a = [] }: Entry, { meta: b = [] }: Entry): boolean {
  return a === b || (a.length === b.length && a.every((item, i) => isSameItem(item, b[i]!)));
}
