/** Codes of any width that follow one another without gaps in words or bytes, the first in the lowest bits. */

/** Code `index` of a run of little-endian 32-bit words, `stride` words apart from `at` on. */
export function readWordCode(words: Uint32Array, at: number, stride: number, index: number, bits: number): number {
  const bit = index * bits;
  const shift = bit & 31;
  const place = at + (bit >>> 5) * stride;
  let code = words[place]! >>> shift;
  if (shift + bits > 32) code |= words[place + stride]! << (32 - shift);
  return code & ((1 << bits) - 1);
}

/** Bytes as little-endian words; a copy only where they are not aligned. */
export function asWords(bytes: Uint8Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(buffer, byteOffset, length >> 2);
}

/** What the 16 codes of e2m1 stand for. */
export const E2M1 = Float64Array.of(0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6);
