/**
 * 4-bit floats e2m1 with a shared scale: a power of two for 32 elements (OCP MX), or an unsigned float e4m3 for 16. ggml
 * `ggml-quants.c`, `dequantize_row_mxfp4` and `dequantize_row_nvfp4`.
 */
import type { DecodeBlocks } from './decode-blocks.ts';

/** Twice what the codes stand for, so that they are whole; scales are halved instead. ggml gives the negative zero no sign. */
const DOUBLED = Float64Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

const mxfp4: DecodeBlocks = (bytes, blocks, into) => {
  for (let block = 0, at = 0, out = 0; block < blocks; block++, at += 17, out += 32) {
    const d = POWERS[bytes[at]!]!;
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 1 + j]!;
      into[out + j] = d * DOUBLED[q & 15]!;
      into[out + j + 16] = d * DOUBLED[q >> 4]!;
    }
  }
};

/** Half the scales: 2^(e - 128), also where other programs see a NaN. */
const POWERS = Float64Array.from({ length: 256 }, (_, e) => 2 ** (e - 128));

const nvfp4: DecodeBlocks = (bytes, blocks, into) => {
  for (let block = 0, at = 0; block < blocks; block++, at += 36) {
    for (let part = 0; part < 4; part++) {
      const d = UNSIGNED[bytes[at + part]!]!;
      const [from, out] = [at + 4 + 8 * part, 64 * block + 16 * part];
      for (let j = 0; j < 8; j++) {
        const q = bytes[from + j]!;
        into[out + j] = d * DOUBLED[q & 15]!;
        into[out + j + 8] = d * DOUBLED[q >> 4]!;
      }
    }
  }
};

/** Half the scales: the sign bit counts for nothing, and 0x7f stands for 0. */
const UNSIGNED = Float64Array.from({ length: 256 }, (_, code) => {
  const [exponent, mantissa] = [(code >> 3) & 15, code & 7];
  if (code === 0x7f) return 0;
  return exponent === 0 ? mantissa * 2 ** -10 : (1 + mantissa / 8) * 2 ** (exponent - 8);
});

export const MICROSCALING = { mxfp4, nvfp4 };
