/**
 * The edits of a document in the graph of its pickle. What was not edited stays the node it was: classes, shared objects and what
 * nobody here knows. Edits inside an object that stands in two places are refused, since they would show in both.
 */
import { itemsOf, type PickleNode, textOf } from '../../bytes/pickle/nodes.ts';
import type { Entry, EntryId, StateDict, StorageId, Value } from '../../model/state-dict.ts';
import { call, dict, int, NodeBuilder } from './build-nodes.ts';
import { type PairEdit, PairEdits, pairsOf } from './edit-holders.ts';
import { editMetadata } from './edit-metadata.ts';
import { type Changes, isSameValue } from './find-changes.ts';
import { findMoves, isMoved } from './find-moves.ts';
import { TensorNodes } from './new-storages.ts';
import type { Graph } from './read-graph.ts';
import { refuse } from './refuse.ts';
import type { HolderPlace } from './trace.ts';

export interface EditedGraph {
  readonly root: PickleNode;
  /** Storages that the file does not have, by the key that the graph calls them. */
  readonly added: TensorNodes['added'];
  /** Which of them stand in the place of one that it has. */
  readonly moved: ReadonlyMap<string, string>;
}

/** @throws `unsupported` naming the entry that cannot be written. */
export function editGraph(graph: Graph, before: StateDict, after: StateDict, changes: Changes): EditedGraph {
  const build = new NodeBuilder();
  const tensors = new TensorNodes({ before, after }, graph.storages, build);
  const editor = new GraphEditor(graph, before, after, build, tensors);
  const moves = findMoves(before, after, changes);
  for (const { was, entry } of changes.replaced) {
    const isKept = isSameValue(was.value, entry.value);
    editor.replace(was, entry, isKept || (isMoved(was.value, entry.value, before) && moves.has(was.value.storage)));
  }
  for (const entry of changes.removed) editor.remove(entry);
  editor.finish(changes.added);
  if (changes.metadata) editMetadata(graph, before, after, build);
  const keyOf = (id: StorageId) => graph.storages.get(id)?.key ?? '';
  const moved = new Map([...moves].map(([id, value]) => [keyOf(id), tensors.add(value)]));
  return { root: graph.root, added: tensors.added, moved };
}

class GraphEditor {
  private readonly graph: Graph;
  private readonly before: StateDict;
  private readonly after: StateDict;
  private readonly build: NodeBuilder;
  private readonly tensors: TensorNodes;
  private readonly edits = new PairEdits();
  private readonly moved: { entry: Entry; node: PickleNode }[] = [];
  /** Dicts by the path that they are at. */
  private readonly byPath = new Map<string, PickleNode>();

  constructor(graph: Graph, before: StateDict, after: StateDict, build: NodeBuilder, tensors: TensorNodes) {
    this.graph = graph;
    this.before = before;
    this.after = after;
    this.build = build;
    this.tensors = tensors;
    for (const [node, places] of graph.holders) {
      for (const { keys, path, isEmpty } of places) {
        const isDict = keys === 'dotted' || (keys === 'parts' && !isEmpty);
        if (isDict && !this.byPath.has(path)) this.byPath.set(path, node);
      }
    }
  }

  /** `isKept`: what the graph says of its value stays. */
  replace(was: Entry, entry: Entry, isKept: boolean): void {
    const { node, slot } = this.graph.entries[was.id]!;
    if (isKept && was.key === entry.key) return;
    const value = isKept ? node : this.nodeOf(entry);
    if (!slot) {
      if (node !== this.graph.root || was.key !== entry.key) throw this.refuseInside(was);
      this.graph.root = value;
      return;
    }
    const place = this.placeOf(slot.holder, was);
    if (typeof slot.at === 'number') {
      if (was.key !== entry.key || (slot.holder.kind !== 'list' && slot.holder.kind !== 'tuple'))
        throw this.refuseInside(was);
      slot.holder.items[slot.at] = value;
      return;
    }
    const key = was.key === entry.key ? slot.at : this.keyIn(place, entry.key, slot.at);
    if (key) this.edit(was, slot.holder, slot.at, { key, value });
    else if (place.keys === 'attributes') throw this.refuseInside(was);
    else {
      this.remove(was);
      this.moved.push({ entry, node: value });
    }
  }

  remove(entry: Entry): void {
    const slot = this.graph.entries[entry.id]?.slot;
    if (!slot || typeof slot.at === 'number') throw this.refuseInside(entry);
    this.placeOf(slot.holder, entry);
    this.edit(entry, slot.holder, slot.at, { gone: true });
  }

  /** Puts in what is new or has moved, and takes out dicts that hold nothing any more. */
  finish(added: readonly Entry[]): void {
    let less = this.edits.apply();
    for (const { entry, node } of this.moved) this.insert(entry, node);
    for (const entry of added) this.insert(entry, this.nodeOf(entry));
    while (less.length > 0) {
      for (const holder of less) this.dropEmpty(holder);
      less = this.edits.apply();
    }
  }

  private edit(entry: Entry, holder: PickleNode, at: PickleNode, edit: PairEdit): void {
    if (!this.edits.add(holder, at, edit)) throw this.refuseInside(entry);
  }

  private dropEmpty(holder: PickleNode): void {
    const place = this.graph.holders.get(holder)?.[0];
    if (!place?.slot || place.keys === 'attributes' || pairsOf(holder)?.keys.length !== 0) return;
    const { holder: outer, at } = place.slot;
    if (typeof at === 'number' || !this.edits.add(outer, at, { gone: true }))
      throw refuse(place.path, 'it would hold nothing, and has to stay where it is');
  }

  /** Puts a value under the innermost dict that its key leads to; dicts that are missing on the way are made. */
  private insert(entry: Entry, value: PickleNode): void {
    const [holder, place] = this.findHolder(entry);
    const key = this.keyIn(place, entry.key, pairsOf(holder)?.keys[0]);
    const [first = ''] = tailIn(place, entry.key).split('.');
    const inner = dict([]);
    const at = key ?? this.build.text(first);
    const pairs = pairsOf(holder);
    if (!pairs) throw this.refuseInside(entry);
    // Something that is no dict has that name: a list, which nothing can be put into.
    if (!key && pairs.keys.some((one) => nameOf(one) === first))
      throw refuse(entry.key, `${first} is there and is no dict: export it as a new file instead`);
    pairs.keys.push(at);
    pairs.values.push(key ? value : inner);
    if (key) return;
    const path = place.path === '' ? first : `${place.path}.${first}`;
    this.byPath.set(path, inner);
    this.graph.holders.set(inner, [{ path, slot: { holder, at }, keys: 'parts', isEmpty: false }]);
    this.insert(entry, value);
  }

  private findHolder(entry: Entry): [PickleNode, HolderPlace] {
    let path = entry.key;
    while (path !== '') {
      path = path.slice(0, Math.max(0, path.lastIndexOf('.')));
      const found = this.byPath.get(path);
      if (found) return [found, this.placeOf(found, entry)];
    }
    throw refuse(entry.key, 'the file has no dict to put it into');
  }

  /** @throws `unsupported` when what holds it stands in other places too. */
  private placeOf(holder: PickleNode, entry: Entry): HolderPlace {
    const places = this.graph.holders.get(holder) ?? [];
    const [place] = places;
    if (!place) throw this.refuseInside(entry);
    if (places.length > 1) {
      const also = places.map(({ path }) => path || 'the root').join(' and ');
      throw refuse(entry.key, `it is inside one object that stands at ${also}: a change would show in both`);
    }
    return place;
  }

  /** The key under which a holder has an entry of this name, like one of its keys; undefined where it is not one of its own. */
  private keyIn(place: HolderPlace, name: string, like: PickleNode | undefined): PickleNode | undefined {
    if (!isBelow(place.path, name)) return undefined;
    const tail = tailIn(place, name);
    if (tail.includes('.') && place.keys !== 'dotted') return undefined;
    return like?.kind === 'int' && /^(0|[1-9]\d{0,8})$/.test(tail) ? int(Number(tail)) : this.build.text(tail);
  }

  /** The node of an entry whose value is another than in the file. One that is elsewhere in the file is that one. */
  nodeOf(entry: Entry): PickleNode {
    const { value } = entry;
    if (value.type === 'bytes') return this.bytesOf(entry, value);
    if (value.type === 'tensor' && value.storage !== undefined && !value.quant && !isWrapped(value))
      return this.tensors.make(entry, value);
    const twin = this.findTwin(value);
    if (twin) return twin;
    if (value.type === 'tensor') return this.tensors.make(entry, value);
    if (value.type === 'json')
      throw refuse(entry.key, 'a list or a dict is not one entry in this format: add what it holds one by one');
    const node = this.build.value(value);
    if (!node) throw refuse(entry.key, `a value of type ${value.type} cannot be made`);
    return node;
  }

  /** An object that a copy was made of. */
  private findTwin(value: Value): PickleNode | undefined {
    if (value.type !== 'opaque' && value.type !== 'tensor') return undefined;
    for (let row: EntryId = 0; row < this.before.entries.length; row++) {
      if (this.before.entries.at(row).value === value) return this.graph.entries[row]?.node;
    }
    return undefined;
  }

  private bytesOf(entry: Entry, { storage }: Extract<Value, { type: 'bytes' }>): PickleNode {
    const data = this.after.storages.get(storage)?.data;
    if (data?.kind !== 'inline') {
      for (let row = 0; row < this.before.entries.length; row++) {
        const { value } = this.before.entries.at(row);
        if (value.type === 'bytes' && value.storage === storage) return this.graph.entries[row]!.node;
      }
      throw refuse(entry.key, 'its bytes are not at hand');
    }
    if (this.graph.protocol > 2) return { kind: 'bytes', value: data.bytes, at: -1 };
    const text = Array.from(data.bytes, (byte) => String.fromCharCode(byte)).join('');
    return call(this.build.global('_codecs', 'encode'), this.build.text(text), this.build.text('latin1'));
  }

  private refuseInside(entry: Entry): Error {
    const { slot } = this.graph.entries[entry.id] ?? {};
    const what = slot && itemsOf(slot.holder) ? 'an item of a list or tuple' : 'a part of an object';
    return refuse(entry.key, `it is ${what}, which keeps its place: export it as a new file instead`);
  }
}

const nameOf = (key: PickleNode): string | undefined => (key.kind === 'int' ? String(key.value) : textOf(key));

const isWrapped = ({ wrapper }: { readonly wrapper?: string }): boolean =>
  wrapper !== undefined && wrapper !== 'torch.nn.parameter.Parameter';

const tailIn = ({ path }: HolderPlace, name: string): string => (path === '' ? name : name.slice(path.length + 1));

const isBelow = (path: string, key: string): boolean => path === '' || key.startsWith(`${path}.`);
