/**
 * -1, 0 and 1 (and 2), and signs, times one scale. ggml `ggml-quants.c`, `dequantize_row_tq1_0`, `dequantize_row_tq2_0`,
 * `dequantize_row_q1_0` and `dequantize_row_q2_0`.
 */
import type { DecodeBlocks } from './decode-blocks.ts';
import { halfTable } from './half.ts';

/** Five digits of base 3 are a byte, scaled so that its highest bits are the first digit; multiplying by 3 brings the next there. */
function makeDigits(): Float64Array {
  const digits = new Float64Array(5 * 256);
  for (let place = 0; place < 5; place++)
    for (let byte = 0; byte < 256; byte++) digits[256 * place + byte] = ((((byte * 3 ** place) & 255) * 3) >> 8) - 1;
  return digits;
}

/** Runs of bytes that hold a digit of as many elements: where they are, how many, and where the first digits' elements go. */
const RUNS = [
  { at: 0, bytes: 32, out: 0, digits: 5 },
  { at: 32, bytes: 16, out: 160, digits: 5 },
  { at: 48, bytes: 4, out: 240, digits: 4 },
] as const;

const tq1_0: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  const table = makeDigits();
  for (let block = 0, start = 0; block < blocks; block++, start += 54) {
    const d = half[bytes[start + 52]! | (bytes[start + 53]! << 8)]!;
    for (const run of RUNS) {
      const from = start + run.at;
      for (let place = 0; place < run.digits; place++) {
        const out = 256 * block + run.out + place * run.bytes;
        const digits = 256 * place;
        for (let j = 0; j < run.bytes; j += 4) {
          into[out + j] = d * table[digits + bytes[from + j]!]!;
          into[out + j + 1] = d * table[digits + bytes[from + j + 1]!]!;
          into[out + j + 2] = d * table[digits + bytes[from + j + 2]!]!;
          into[out + j + 3] = d * table[digits + bytes[from + j + 3]!]!;
        }
      }
    }
  }
};

const tq2_0: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0; block < blocks; block++, at += 66) {
    const d = half[bytes[at + 64]! | (bytes[at + 65]! << 8)]!;
    for (let side = 0; side < 2; side++) {
      const [from, out] = [at + 32 * side, 256 * block + 128 * side];
      for (let j = 0; j < 32; j++) {
        const q = bytes[from + j]!;
        into[out + j] = d * ((q & 3) - 1);
        into[out + j + 32] = d * (((q >> 2) & 3) - 1);
        into[out + j + 64] = d * (((q >> 4) & 3) - 1);
        into[out + j + 96] = d * ((q >> 6) - 1);
      }
    }
  }
};

/** A bit each, the lowest first: set is `d`, clear `-d`. */
const q1_0: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 18) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let j = 0; j < 16; j++, out += 8) {
      const q = bytes[at + 2 + j]!;
      for (let bit = 0; bit < 8; bit++) into[out + bit] = (q >> bit) & 1 ? d : -d;
    }
  }
};

/** Two bits each, the lowest first. */
const q2_0: DecodeBlocks = (bytes, blocks, into) => {
  const half = halfTable();
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 18) {
    const d = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let j = 0; j < 16; j++, out += 4) {
      const q = bytes[at + 2 + j]!;
      into[out] = d * ((q & 3) - 1);
      into[out + 1] = d * (((q >> 2) & 3) - 1);
      into[out + 2] = d * (((q >> 4) & 3) - 1);
      into[out + 3] = d * ((q >> 6) - 1);
    }
  }
};

export const TERNARY = { tq1_0, tq2_0, q1_0, q2_0 };
