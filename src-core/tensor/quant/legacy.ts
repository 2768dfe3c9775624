/**
 * Blocks of 32 with one scale: `d × q`, or `d × q + m`. Of four bits, byte j holds element j in its low half and element j + 16 in its
 * high half; fifth bits lie apart, bit j of a word being element j's. ggml `ggml-quants.c`, `dequantize_row_q4_0` and following.
 *
 * Products of a scale of 11 bits and an integer are exact in f32; what is rounded is rounded once, by the array.
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

const q4_1: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 20, out += 32) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const m = half[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 4 + j]!;
      into[out + j] = d * (q & 15) + m;
      into[out + j + 16] = d * (q >> 4) + m;
    }
  }
};

const q5_0: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 22, out += 32) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const low = bytes[at + 2]! | (bytes[at + 3]! << 8);
    const high = bytes[at + 4]! | (bytes[at + 5]! << 8);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 6 + j]!;
      into[out + j] = d * (((q & 15) | (((low >> j) & 1) << 4)) - 16);
      into[out + j + 16] = d * (((q >> 4) | (((high >> j) & 1) << 4)) - 16);
    }
  }
};

const q5_1: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 24, out += 32) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const m = half[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
    const low = bytes[at + 4]! | (bytes[at + 5]! << 8);
    const high = bytes[at + 6]! | (bytes[at + 7]! << 8);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 8 + j]!;
      into[out + j] = d * ((q & 15) | (((low >> j) & 1) << 4)) + m;
      into[out + j + 16] = d * ((q >> 4) | (((high >> j) & 1) << 4)) + m;
    }
  }
};

/** `header` bytes before the integers, the scale in the first two. */
const eightBits =
  (header: number): DecodeBlocks =>
  (bytes, blocks, into) => {
    const half = halfTable();
    const integers = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let block = 0, at = 0, out = 0; block < blocks; block++, at += header + 32, out += 32) {
      const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
      const from = at + header;
      // Four at once halve the time: the loop itself costs as much as the product.
      for (let j = 0; j < 32; j += 4) {
        into[out + j] = d * integers[from + j]!;
        into[out + j + 1] = d * integers[from + j + 1]!;
        into[out + j + 2] = d * integers[from + j + 2]!;
        into[out + j + 3] = d * integers[from + j + 3]!;
      }
    }
  };

export const LEGACY = { q4_0, q4_1, q5_0, q5_1, q8_0: eightBits(2), q8_1: eightBits(4) };
