import type { TensorRows } from './tensor-rows.ts';

/**
 * Rows by key without a text for each: open addressing over the key bytes. The hash starts at random, so that no file can be
 * made to collide.
 */
export class KeyIndex {
  private readonly rows: TensorRows;
  private readonly slots: Uint32Array;
  private readonly hashes: Int32Array;
  private readonly mask: number;
  private readonly seed = (Math.random() * 2 ** 32) | 0;
  /** For each later row of a key that was there before, in row order: the row and the first one of that key. */
  readonly repeats: { readonly row: number; readonly first: number }[] = [];

  /** Indexes the rows there are now; keys are looked for as rows have them, cut at dots. */
  constructor(rows: TensorRows) {
    this.rows = rows;
    let size = 16;
    while (size < rows.count * 2) size *= 2;
    this.mask = size - 1;
    this.slots = new Uint32Array(size);
    this.hashes = new Int32Array(size);
    for (let row = 0; row < rows.count; row++) {
      const first = this.insert(row);
      if (first >= 0) this.repeats.push({ row, first });
    }
  }

  /** First row whose key is `bytes` [from, to); -1 when there is none. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashBytes(bytes, from, to, this.seed);
    const slot = this.slotOf(hash, bytes, from, to);
    return this.slots[slot]! - 1;
  }

  private insert(row: number): number {
    const { keys, keyStart } = this.rows;
    const from = keyStart[row]! + 1;
    const to = keyStart[row + 1]!;
    const hash = hashBytes(keys, from, to, this.seed);
    const slot = this.slotOf(hash, keys, from, to);
    const there = this.slots[slot]!;
    if (there > 0) return there - 1;
    this.slots[slot] = row + 1;
    this.hashes[slot] = hash;
    return -1;
  }

  /** The slot that holds this key, or the empty one where it belongs. */
  private slotOf(hash: number, bytes: Uint8Array, from: number, to: number): number {
    let slot = hash & this.mask;
    for (;;) {
      const there = this.slots[slot]!;
      if (there === 0 || (this.hashes[slot] === hash && this.isKey(there - 1, bytes, from, to))) return slot;
      slot = (slot + 1) & this.mask;
    }
  }

  private isKey(row: number, bytes: Uint8Array, from: number, to: number): boolean {
    const { keys, keyStart } = this.rows;
    const start = keyStart[row]! + 1;
    if (keyStart[row + 1]! - start !== to - from) return false;
    for (let i = to - from - 1; i >= 0; i--) if (keys[start + i] !== bytes[from + i]) return false;
    return true;
  }
}

function hashBytes(bytes: Uint8Array, from: number, to: number, seed: number): number {
  let hash = seed;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
