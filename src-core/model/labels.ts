import type { ModuleTree } from './module-tree.ts';
import { PART_INT } from './state-dict.ts';

/** A colliding set of names must not be computable in advance, or a hostile file could make every look-up a long walk. */
const HASH_BASIS = (Math.random() * 0x1_0000_0000) >>> 0;

/** Gives every distinct path part a number, working on the bytes of paths: no string is made. Label 0 is the root's, empty. */
export class LabelTable {
  count = 1;
  private bytes = new Uint8Array(4096);
  private starts = new Uint32Array(1024);
  private hashes = new Uint32Array(1024);
  private ints = new Uint8Array(1024);
  private slots = new Uint32Array(2048);

  /** The label of the part `source[from, to)`, its tag byte included. */
  intern(source: Uint8Array, from: number, to: number): number {
    const hash = hashBytes(source, from, to);
    const slot = this.slotOf(hash, source, from, to);
    return this.slots[slot]! || this.add(source, from, to, hash, slot);
  }

  /** The same of a part that may not be known: 0, which is no part's, then. */
  find(source: Uint8Array, from: number, to: number): number {
    return this.slots[this.slotOf(hashBytes(source, from, to), source, from, to)]!;
  }

  /** The texts one after the other, and count + 1 offsets. */
  columns(): { labelBytes: Uint8Array<ArrayBuffer>; labelStart: Uint32Array<ArrayBuffer> } {
    return {
      labelBytes: this.bytes.slice(0, this.starts[this.count]),
      labelStart: this.starts.slice(0, this.count + 1),
    };
  }

  isInt(label: number): boolean {
    return this.ints[label] === 1;
  }

  /** Where it is, or the free place where it would be. */
  private slotOf(hash: number, source: Uint8Array, from: number, to: number): number {
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const label = this.slots[slot]!;
      if (label === 0 || (this.hashes[label] === hash && this.matches(label, source, from, to))) return slot;
    }
  }

  private matches(label: number, source: Uint8Array, from: number, to: number): boolean {
    const start = this.starts[label]!;
    const length = this.starts[label + 1]! - start;
    if (length !== to - from - 1 || (this.ints[label] === 1) !== (source[from] === PART_INT)) return false;
    for (let i = 0; i < length; i++) if (this.bytes[start + i] !== source[from + 1 + i]) return false;
    return true;
  }

  private add(source: Uint8Array, from: number, to: number, hash: number, slot: number): number {
    const label = this.count++;
    const start = this.starts[label]!;
    const end = start + (to - from - 1);
    if (end > this.bytes.length) this.bytes = grown(this.bytes, Math.max(end, this.bytes.length * 2));
    // By hand: a part is short, and `set` of a new subarray costs more.
    const { bytes } = this;
    for (let at = start, of = from + 1; at < end; at++, of++) bytes[at] = source[of]!;
    if (label + 2 > this.starts.length) {
      const size = this.starts.length * 2;
      this.starts = grown(this.starts, size);
      this.hashes = grown(this.hashes, size);
      this.ints = grown(this.ints, size);
    }
    this.starts[label + 1] = end;
    this.hashes[label] = hash;
    this.ints[label] = source[from] === PART_INT ? 1 : 0;
    this.slots[slot] = label;
    if (this.count * 2 > this.slots.length) this.rehash();
    return label;
  }

  private rehash(): void {
    const slots = new Uint32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let label = 1; label < this.count; label++) {
      let slot = this.hashes[label]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = label;
    }
    this.slots = slots;
  }
}

/** 32 bits, other ones each time the program runs. */
export function hashBytes(source: Uint8Array, from: number, to: number): number {
  let hash = HASH_BASIS;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ source[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** A longer copy of a typed array, the rest zero. */
export function grown<T extends Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(
  array: T,
  length: number,
): T {
  const longer = new (array.constructor as new (length: number) => T)(length);
  longer.set(array);
  return longer;
}

export function decodeLabels(bytes: Uint8Array, start: Uint32Array): readonly string[] {
  // A byte-order mark inside a key is part of the key.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const texts: string[] = [];
  const all = decoder.decode(bytes);
  // One decode and cheap slices, unless a character takes more than a byte.
  const plain = all.length === bytes.length;
  for (let i = 0; i + 1 < start.length; i++) {
    texts.push(plain ? all.slice(start[i], start[i + 1]) : decoder.decode(bytes.subarray(start[i], start[i + 1])));
  }
  return texts;
}

const decoded = new WeakMap<ModuleTree, readonly string[]>();

/** The distinct labels of a tree as text, by label id; decoded once. */
export function labelTexts(tree: ModuleTree): readonly string[] {
  let texts = decoded.get(tree);
  if (!texts) {
    texts = decodeLabels(tree.labelBytes, tree.labelStart);
    decoded.set(tree, texts);
  }
  return texts;
}

/** The label of one node: the last part of its path. Empty for the root and for a node that is not there. */
export const labelOfNode = (tree: ModuleTree, node: number): string => labelTexts(tree)[tree.label[node] ?? 0] ?? '';

/** The labels from the root down to a node, joined by dots. Empty for the root. */
export function pathOfNode(tree: ModuleTree, node: number): string {
  const parts: string[] = [];
  for (let at = node; at > 0; at = tree.parent[at]!) parts.push(labelOfNode(tree, at));
  return parts.reverse().join('.');
}
