import type { JsonNode } from '../../model/state-dict.ts';
import { isSameNode, type Likeness } from './json-node.ts';
import { type ArrayNode, type Member, type ObjectNode, type TextNode, toJson } from './tree.ts';

export type Container = ArrayNode | ObjectNode;
export type ObjectJson = Extract<JsonNode, { kind: 'object' }>;

export interface Insertion {
  /** Position of the member or item it follows; −1 for the beginning. A TOML table puts it where it can. */
  readonly after: number;
  /** Of no meaning in a list. */
  readonly key: string;
  readonly node: JsonNode;
}

export interface ListChange {
  readonly removed: Set<number>;
  readonly inserted: Insertion[];
}

/** Where a node stands; undefined for the root. */
export interface Place {
  readonly container: Container;
  readonly index: number;
  readonly key: string;
}

/** What becomes different in a scanned text, in terms of its nodes. How that is written is for each format. */
export class TreeChange {
  readonly renames = new Map<Member, string>();
  /** Nodes whose whole text is written anew. */
  readonly values = new Map<TextNode, JsonNode>();
  readonly lists = new Map<Container, ListChange>();
  private readonly likeness: Likeness;

  /** `ordered`: whether members can be put in any order. */
  constructor(ordered: boolean) {
    this.likeness = { numbers: 'text', ordered };
  }

  remove(container: Container, index: number): void {
    this.listOf(container).removed.add(index);
  }

  insert(container: Container, insertion: Insertion): void {
    this.listOf(container).inserted.push(insertion);
  }

  /** Makes a node say something else; what is the same inside is not touched. */
  setNode(node: TextNode, next: JsonNode, place: Place | undefined): void {
    if (isSameNode(toJson(node), next, this.likeness)) return;
    if (node.kind === 'object' && next.kind === 'object' && this.setMembers(node, next)) return;
    if (node.kind === 'array' && next.kind === 'array' && this.setItems(node, next)) return;
    if (!place || isInOnePlace(node)) this.values.set(node, next);
    else {
      this.remove(place.container, place.index);
      this.insert(place.container, { after: place.index, key: place.key, node: next });
    }
  }

  private listOf(container: Container): ListChange {
    let list = this.lists.get(container);
    if (!list) {
      list = { removed: new Set(), inserted: [] };
      this.lists.set(container, list);
    }
    return list;
  }

  private setMembers(node: ObjectNode, next: ObjectJson): boolean {
    const at = new Map(node.members.map(({ key }, i) => [key, i]));
    const kept = next.members.map(([key]) => at.get(key)).filter((i) => i !== undefined);
    const isClear =
      at.size === node.members.length && new Set(next.members.map(([key]) => key)).size === next.members.length;
    const isInOrder = !this.likeness.ordered || kept.every((i, k) => k === 0 || i > kept[k - 1]!);
    if (!isClear || !isInOrder || kept.length === 0) return false;
    const keys = new Set(kept);
    for (let i = 0; i < node.members.length; i++) if (!keys.has(i)) this.remove(node, i);
    let after = -1;
    for (const [key, value] of next.members) {
      const index = at.get(key);
      if (index === undefined) this.insert(node, { after, key, node: value });
      else {
        after = index;
        this.setNode(node.members[index]!.value, value, { container: node, index, key });
      }
    }
    return true;
  }

  /** What is the same at both ends stays; between them one item becomes the other, and the rest comes or goes. */
  private setItems(node: ArrayNode, { items: next }: Extract<JsonNode, { kind: 'array' }>): boolean {
    const { items } = node;
    if (items.length === 0 || next.length === 0) return false;
    const isTables = node.container === 'array of tables';
    if (isTables && next.some(({ kind }) => kind !== 'object')) return false;
    const most = Math.min(items.length, next.length);
    let head = 0;
    let tail = 0;
    const isSame = (i: number, j: number) => isSameNode(toJson(items[i]!), next[j]!, this.likeness);
    while (head < most && isSame(head, head)) head++;
    // A table can only be put after the others.
    while (!isTables && tail < most - head && isSame(items.length - 1 - tail, next.length - 1 - tail)) tail++;
    const paired = most - tail;
    for (let i = head; i < paired; i++) this.setNode(items[i]!, next[i]!, { container: node, index: i, key: '' });
    for (let i = paired; i < items.length - tail; i++) this.remove(node, i);
    for (let i = paired; i < next.length - tail; i++) this.insert(node, { after: paired - 1, key: '', node: next[i]! });
    return true;
  }
}

/** Not the tables of TOML, which come about by lines here and there. */
export const isInOnePlace = (node: TextNode): boolean =>
  !('container' in node) || ['object', 'array', 'inline table'].includes(node.container);
