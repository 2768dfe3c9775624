/**
 * Blocks of 32 with one scale: `d × q`, or `d × q + m`. Of four bits, byte j holds element j in its low half and element j + 16 in its
 * high half; fifth bits lie apart, bit j of a word being element j's. ggml `ggml-quants.c`, `dequantize_row_q4_0` and following.
 */
import type { DecodeBlocks } from './decode-blocks.ts';
import { halfTable } from './half.ts';

const q4_0: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 18, out += 32) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 2 + j]!;
      into[out + j] = d * ((q & 15) - 8);
      into[out + j + 16] = d * ((q >> 4) - 8);
    }
  }
};

const q8_0: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 34, out += 32) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let j = 0; j < 32; j++) into[out + j] = d * ((bytes[at + 2 + j]! << 24) >> 24);
  }
};

export const LEGACY = { q4_0, q8_0 };
