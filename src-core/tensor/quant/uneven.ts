/** 4-bit codes of 16 uneven steps. ggml `ggml-quants.c`, `dequantize_row_iq4_nl` and `dequantize_row_iq4_xs`. */
import type { DecodeBlocks } from './decode-blocks.ts';
import { halfTable } from './half.ts';

const STEPS = Float64Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

const iq4_nl: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 18, out += 32) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 2 + j]!;
      into[out + j] = d * STEPS[q & 15]!;
      into[out + j + 16] = d * STEPS[q >> 4]!;
    }
  }
};

const iq4_xs: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0; block < blocks; block++, at += 136) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let part = 0; part < 8; part++) {
      const scale = d * (scaleOfIq4(bytes, at + 2, part) - 32);
      const from = at + 8 + 16 * part;
      const out = 256 * block + 32 * part;
      for (let j = 0; j < 16; j++) {
        const q = bytes[from + j]!;
        into[out + j] = scale * STEPS[q & 15]!;
        into[out + j + 16] = scale * STEPS[q >> 4]!;
      }
    }
  }
};

/** Six bits: the high two of eight parts in a word, the low four in four bytes. */
export const scaleOfIq4 = (bytes: Uint8Array, at: number, part: number): number =>
  ((bytes[at + 2 + (part >> 1)]! >> (4 * (part & 1))) & 15) |
  ((((bytes[at]! | (bytes[at + 1]! << 8)) >> (2 * part)) & 3) << 4);

export const UNEVEN = { iq4_nl, iq4_xs };
