/**
 * Blocks of 256 whose elements are points of a codebook, four or eight at once, times the scale of their part. ggml `ggml-quants.c`,
 * `dequantize_row_iq2_xxs` and following.
 */
import { CODEBOOKS } from './codebooks.ts';
import type { DecodeBlocks } from './decode-blocks.ts';
import { halfTable } from './half.ts';

const grids = new Map<keyof typeof CODEBOOKS, Float32Array>();

/** The points of a codebook, one after the other. */
function gridOf(name: keyof typeof CODEBOOKS): Float32Array {
  let grid = grids.get(name);
  if (!grid) {
    const { steps, packed } = CODEBOOKS[name];
    const bits = steps.length > 4 ? 4 : 2;
    const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    const each = 8 / bits;
    grid = new Float32Array(bytes.length * each);
    for (let i = 0; i < grid.length; i++)
      grid[i] = steps[(bytes[Math.floor(i / each)]! >> (bits * (i % each))) & (2 ** bits - 1)]!;
    grids.set(name, grid);
  }
  return grid;
}

/** What eight sign bits do: 1 or -1 for each, the lowest first. */
const SIGNS = Float32Array.from({ length: 256 * 8 }, (_, i) => (((i >> 3) >> (i & 7)) & 1 ? -1 : 1));

/** Seven signs are stored; the eighth makes the number of negative ones even. */
const EVEN = Uint8Array.from({ length: 128 }, (_, seven) => {
  let odd = 0;
  for (let bits = seven; bits > 0; bits >>= 1) odd ^= bits & 1;
  return seven | (odd << 7);
});

/** Eight elements. */
function putPoint(
  into: Float32Array,
  out: number,
  scale: number,
  grid: Float32Array,
  point: number,
  signs: number,
): void {
  const from = 8 * point;
  const sign = 8 * signs;
  for (let j = 0; j < 8; j += 2) {
    into[out + j] = scale * grid[from + j]! * SIGNS[sign + j]!;
    into[out + j + 1] = scale * grid[from + j + 1]! * SIGNS[sign + j + 1]!;
  }
}

/** Two points of four elements. */
function putPoints(
  into: Float32Array,
  out: number,
  scale: number,
  grid: Float32Array,
  first: number,
  second: number,
  signs: number,
): void {
  const a = 4 * first;
  const b = 4 * second;
  const sign = 8 * signs;
  for (let j = 0; j < 4; j++) {
    into[out + j] = scale * grid[a + j]! * SIGNS[sign + j]!;
    into[out + j + 4] = scale * grid[b + j]! * SIGNS[sign + j + 4]!;
  }
}

const iq2_xxs: DecodeBlocks = (bytes, blocks, into) => {
  const [half, grid] = [halfTable(), gridOf('iq2_xxs')];
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 66) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let from = at + 2; from < at + 66; from += 8) {
      const word = bytes[from + 4]! | (bytes[from + 5]! << 8) | (bytes[from + 6]! << 16) | (bytes[from + 7]! << 24);
      const scale = d * (0.5 + (word >>> 28)) * 0.25;
      for (let k = 0; k < 4; k++, out += 8)
        putPoint(into, out, scale, grid, bytes[from + k]!, EVEN[(word >>> (7 * k)) & 127]!);
    }
  }
};

const iq2_xs: DecodeBlocks = (bytes, blocks, into) => {
  const [half, grid] = [halfTable(), gridOf('iq2_xs')];
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 74) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let k = 0; k < 32; k++, out += 8) {
      const word = bytes[at + 2 + 2 * k]! | (bytes[at + 3 + 2 * k]! << 8);
      const scale = d * (0.5 + ((bytes[at + 66 + (k >> 2)]! >> (2 * (k & 2))) & 15)) * 0.25;
      putPoint(into, out, scale, grid, word & 511, EVEN[word >> 9]!);
    }
  }
};

const iq2_s: DecodeBlocks = (bytes, blocks, into) => {
  const [half, grid] = [halfTable(), gridOf('iq2_s')];
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 82) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let k = 0; k < 32; k++, out += 8) {
      const high = (bytes[at + 66 + (k >> 2)]! >> (2 * (k & 3))) & 3;
      const scale = d * (0.5 + ((bytes[at + 74 + (k >> 2)]! >> (2 * (k & 2))) & 15)) * 0.25;
      putPoint(into, out, scale, grid, bytes[at + 2 + k]! | (high << 8), bytes[at + 34 + k]!);
    }
  }
};

const iq3_xxs: DecodeBlocks = (bytes, blocks, into) => {
  const [half, grid] = [halfTable(), gridOf('iq3_xxs')];
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 98) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let part = 0; part < 8; part++) {
      const word = at + 66 + 4 * part;
      const signs = bytes[word]! | (bytes[word + 1]! << 8) | (bytes[word + 2]! << 16) | (bytes[word + 3]! << 24);
      const scale = d * (0.5 + (signs >>> 28)) * 0.5;
      for (let k = 0, from = at + 2 + 8 * part; k < 4; k++, from += 2, out += 8)
        putPoints(into, out, scale, grid, bytes[from]!, bytes[from + 1]!, EVEN[(signs >>> (7 * k)) & 127]!);
    }
  }
};

const iq3_s: DecodeBlocks = (bytes, blocks, into) => {
  const [half, grid] = [halfTable(), gridOf('iq3_s')];
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 110) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let k = 0; k < 32; k++, out += 8) {
      const high = bytes[at + 66 + (k >> 2)]! >> (2 * (k & 3));
      const scale = d * (1 + 2 * ((bytes[at + 106 + (k >> 3)]! >> (k & 4)) & 15));
      const first = bytes[at + 2 + 2 * k]! | ((high & 1) << 8);
      const second = bytes[at + 3 + 2 * k]! | ((high & 2) << 7);
      putPoints(into, out, scale, grid, first, second, bytes[at + 74 + k]!);
    }
  }
};

/** Ternary points are moved to one side. */
const DELTA = 0.125;

function putShifted(
  into: Float32Array,
  out: number,
  scale: number,
  grid: Float32Array,
  point: number,
  shift: number,
): void {
  for (let j = 0, from = 8 * point; j < 8; j++) into[out + j] = scale * (grid[from + j]! + shift);
}

const iq1_s: DecodeBlocks = (bytes, blocks, into) => {
  const [half, grid] = [halfTable(), gridOf('iq1')];
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 50) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let part = 0; part < 8; part++) {
      const word = bytes[at + 34 + 2 * part]! | (bytes[at + 35 + 2 * part]! << 8);
      const scale = d * (2 * ((word >> 12) & 7) + 1);
      const shift = word & 0x8000 ? -DELTA : DELTA;
      for (let k = 0; k < 4; k++, out += 8) {
        const point = bytes[at + 2 + 4 * part + k]! | (((word >> (3 * k)) & 7) << 8);
        putShifted(into, out, scale, grid, point, shift);
      }
    }
  }
};

const iq1_m: DecodeBlocks = (bytes, blocks, into) => {
  const [half, grid] = [halfTable(), gridOf('iq1')];
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 56) {
    const d = half[scaleOfIq1(bytes, at + 48)]!;
    for (let k = 0; k < 32; k++, out += 8) {
      const word = bytes[at + 48 + 2 * (k >> 3)]! | (bytes[at + 49 + 2 * (k >> 3)]! << 8);
      const scale = d * (2 * ((word >> (3 * ((k >> 1) & 3))) & 7) + 1);
      const high = bytes[at + 32 + (k >> 1)]! >> (4 * (k & 1));
      putShifted(into, out, scale, grid, bytes[at + k]! | ((high & 7) << 8), high & 8 ? -DELTA : DELTA);
    }
  }
};

/** The f16 scale lies in the highest four bits of four words, the lowest first. */
export const scaleOfIq1 = (bytes: Uint8Array, at: number): number =>
  (bytes[at + 1]! >> 4) | (bytes[at + 3]! & 0xf0) | ((bytes[at + 5]! >> 4) << 8) | ((bytes[at + 7]! & 0xf0) << 8);

export const CODEBOOK = { iq2_xxs, iq2_xs, iq2_s, iq3_xxs, iq3_s, iq1_s, iq1_m };
