/**
 * Blocks of 256 whose parts of 16 or 32 have scales (and minima) of a few bits, which are themselves multiples of the block's:
 * `d × scale × q - dmin × min`. ggml `ggml-quants.c`, `dequantize_row_q2_K` and following.
 */
import type { DecodeBlocks } from './decode-blocks.ts';
import { halfTable } from './half.ts';

const q2_k: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0; block < blocks; block++, at += 84) {
    const d = half[bytes[at + 80]! | (bytes[at + 81]! << 8)]!;
    const dmin = half[bytes[at + 82]! | (bytes[at + 83]! << 8)]!;
    for (let part = 0; part < 16; part++) {
      const packed = bytes[at + part]!;
      const scale = d * (packed & 15);
      const min = dmin * (packed >> 4);
      // 32 bytes hold the lowest two bits of 32 elements, then the next two bits of the next 32.
      const from = at + 16 + 32 * (part >> 3) + 16 * (part & 1);
      const shift = 2 * ((part >> 1) & 3);
      const out = 256 * block + 16 * part;
      for (let j = 0; j < 16; j += 4) {
        into[out + j] = scale * ((bytes[from + j]! >> shift) & 3) - min;
        into[out + j + 1] = scale * ((bytes[from + j + 1]! >> shift) & 3) - min;
        into[out + j + 2] = scale * ((bytes[from + j + 2]! >> shift) & 3) - min;
        into[out + j + 3] = scale * ((bytes[from + j + 3]! >> shift) & 3) - min;
      }
    }
  }
};

const q3_k: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0; block < blocks; block++, at += 110) {
    const d = half[bytes[at + 108]! | (bytes[at + 109]! << 8)]!;
    for (let part = 0; part < 16; part++) {
      const scale = d * (scaleOfQ3(bytes, at + 96, part) - 32);
      const from = at + 32 + 32 * (part >> 3) + 16 * (part & 1);
      const masks = at + 16 * (part & 1);
      const shift = 2 * ((part >> 1) & 3);
      const bit = part >> 1;
      const out = 256 * block + 16 * part;
      for (let j = 0; j < 16; j += 2) {
        const first = ((bytes[masks + j]! >> bit) & 1) << 2;
        const second = ((bytes[masks + j + 1]! >> bit) & 1) << 2;
        into[out + j] = scale * (((bytes[from + j]! >> shift) & 3) + first - 4);
        into[out + j + 1] = scale * (((bytes[from + j + 1]! >> shift) & 3) + second - 4);
      }
    }
  }
};

/** Six bits: the low four of 16 parts in eight bytes, the high two in four. */
export const scaleOfQ3 = (bytes: Uint8Array, at: number, part: number): number =>
  ((bytes[at + (part & 7)]! >> (4 * (part >> 3))) & 15) |
  (((bytes[at + 8 + (part & 3)]! >> (2 * (part >> 2))) & 3) << 4);

const q4_k: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0; block < blocks; block++, at += 144) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const dmin = half[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
    for (let pair = 0; pair < 4; pair++) {
      const low = d * scaleOfQ4(bytes, at + 4, 2 * pair);
      const lowMin = dmin * minOfQ4(bytes, at + 4, 2 * pair);
      const high = d * scaleOfQ4(bytes, at + 4, 2 * pair + 1);
      const highMin = dmin * minOfQ4(bytes, at + 4, 2 * pair + 1);
      const from = at + 16 + 32 * pair;
      const out = 256 * block + 64 * pair;
      for (let j = 0; j < 32; j++) {
        const q = bytes[from + j]!;
        into[out + j] = low * (q & 15) - lowMin;
        into[out + j + 32] = high * (q >> 4) - highMin;
      }
    }
  }
};

const q5_k: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0; block < blocks; block++, at += 176) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const dmin = half[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
    for (let pair = 0; pair < 4; pair++) {
      const low = d * scaleOfQ4(bytes, at + 4, 2 * pair);
      const lowMin = dmin * minOfQ4(bytes, at + 4, 2 * pair);
      const high = d * scaleOfQ4(bytes, at + 4, 2 * pair + 1);
      const highMin = dmin * minOfQ4(bytes, at + 4, 2 * pair + 1);
      const from = at + 48 + 32 * pair;
      const out = 256 * block + 64 * pair;
      for (let j = 0; j < 32; j++) {
        const q = bytes[from + j]!;
        const fifth = bytes[at + 16 + j]! >> (2 * pair);
        into[out + j] = low * ((q & 15) | ((fifth & 1) << 4)) - lowMin;
        into[out + j + 32] = high * ((q >> 4) | ((fifth & 2) << 3)) - highMin;
      }
    }
  }
};

/** Six bits each of eight parts in twelve bytes: those of the first four whole, of the others four bits, and two on top of the first. */
export const scaleOfQ4 = (bytes: Uint8Array, at: number, part: number): number =>
  part < 4 ? bytes[at + part]! & 63 : (bytes[at + part + 4]! & 15) | ((bytes[at + part - 4]! >> 6) << 4);
export const minOfQ4 = (bytes: Uint8Array, at: number, part: number): number =>
  part < 4 ? bytes[at + part + 4]! & 63 : (bytes[at + part + 4]! >> 4) | ((bytes[at + part]! >> 6) << 4);

const q6_k: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  const integers = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let block = 0, at = 0; block < blocks; block++, at += 210) {
    const d = half[bytes[at + 208]! | (bytes[at + 209]! << 8)]!;
    // A quarter: 16 bytes of low bits, of two runs of 16 elements; a byte of high bits serves four runs.
    for (let quarter = 0; quarter < 8; quarter++) {
      const side = quarter >> 2;
      const run = (quarter >> 1) & 1;
      const column = quarter & 1;
      const low = at + 64 * side + 32 * run + 16 * column;
      const high = at + 128 + 32 * side + 16 * column;
      const shift = 2 * run;
      const scales = at + 192 + 8 * side + 2 * run + column;
      const first = d * integers[scales]!;
      const second = d * integers[scales + 4]!;
      const out = 256 * block + 128 * side + 32 * run + 16 * column;
      for (let j = 0; j < 16; j += 2) {
        const q = bytes[low + j]!;
        const r = bytes[low + j + 1]!;
        const top = bytes[high + j]! >> shift;
        const next = bytes[high + j + 1]! >> shift;
        into[out + j] = first * (((q & 15) | ((top & 3) << 4)) - 32);
        into[out + j + 1] = first * (((r & 15) | ((next & 3) << 4)) - 32);
        into[out + j + 64] = second * (((q >> 4) | (top & 48)) - 32);
        into[out + j + 65] = second * (((r >> 4) | (next & 48)) - 32);
      }
    }
  }
};

/** The scale is f32 here; sums of 16 elements each follow, which only dot products need. */
const q8_k: DecodeBlocks = (bytes, blocks, into) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const integers = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 292, out += 256) {
    const d = view.getFloat32(at, true);
    for (let j = 0; j < 256; j++) into[out + j] = d * integers[at + 4 + j]!;
  }
};

export const K = { q2_k, q3_k, q4_k, q5_k, q6_k, q8_k };
