import { REPEAT_MIN } from './module-tree.ts';
import { NO_SHAPE } from './state-dict.ts';
import type { BareTree } from './tree-totals.ts';

/**
 * Finds runs of consecutive siblings with integer labels (`h.0`, `h.1`, … as text or as integers) whose subtrees have the
 * same labels, value types, dtypes and shapes. Returns the run's length at its first node, 0 elsewhere.
 *
 * Only subtrees with a tensor count: three prompts of a list are not alike because all three are text.
 * Subtrees are compared by a 64-bit hash that does not depend on the order of children; it decides what is folded, nothing else.
 */
export function findRepeats(tree: BareTree): Uint32Array<ArrayBuffer> {
  const { count, parent, end, label, siblings, type, dtype, shape } = tree;
  const repeat = new Uint32Array(count);
  const low = new Uint32Array(count);
  const high = new Uint32Array(count);
  const isNumber = numberLabels(tree);
  const hasTensor = new Uint8Array(count);

  for (let node = count - 1; node > 0; node--) {
    const own = type[node]! | (dtype[node]! << 8);
    const seen = shape[node]!;
    if (seen !== NO_SHAPE) hasTensor[node] = 1;
    low[node] = mix(low[node]! ^ Math.imul(own + 1, 0x9e3779b1), seen);
    high[node] = mix(high[node]! ^ Math.imul(seen + 1, 0x85ebca6b), own);
    const up = parent[node]!;
    low[up]! += mix(low[node]!, label[node]!);
    high[up]! += mix(high[node]! ^ 0x5bd1e995, label[node]!);
    if (hasTensor[node] === 1) hasTensor[up] = 1;
  }

  for (let node = 1; node < count; node++) {
    if (tree.position[node] !== 1 || siblings[node]! < REPEAT_MIN) continue;
    const stop = end[parent[node]!]!;
    let first = node;
    let length = 0;
    for (let sibling = node; sibling < stop; sibling = end[sibling]!) {
      const fits = isNumber[label[sibling]!] === 1 && hasTensor[sibling] === 1;
      const alike = fits && length > 0 && low[sibling] === low[first] && high[sibling] === high[first];
      if (alike) {
        length++;
      } else {
        if (length >= REPEAT_MIN) repeat[first] = length;
        first = sibling;
        length = fits ? 1 : 0;
      }
    }
    if (length >= REPEAT_MIN) repeat[first] = length;
  }
  return repeat;
}

/** Two words into one; good enough to tell subtrees apart, not to keep secrets. */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ (a >>> 16) ^ Math.imul(b + 0x165667b1, 0xcc9e2d51), 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 1 for labels of decimal digits only. */
export function numberLabels(tree: Pick<BareTree, 'labelBytes' | 'labelStart'>): Uint8Array {
  const { labelBytes, labelStart } = tree;
  const numbers = new Uint8Array(labelStart.length - 1);
  for (let label = 0; label < numbers.length; label++) {
    let at = labelStart[label]!;
    const stop = labelStart[label + 1]!;
    numbers[label] = at < stop ? 1 : 0;
    for (; at < stop; at++) if (labelBytes[at]! < 0x30 || labelBytes[at]! > 0x39) numbers[label] = 0;
  }
  return numbers;
}
