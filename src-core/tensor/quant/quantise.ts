/**
 * Numbers to blocks of 32, as gguf-py's `quantize` makes them, to the last bit: all steps in f32, scales rounded to f16 only where they
 * are stored. llama.cpp chooses scales of the K types by search; those are not made.
 */
import { StateglassError } from '../../base/errors.ts';
import { type BlockDType, dtypeLabel } from '../dtype.ts';
import { narrowEncoder } from '../narrow-float.ts';

/** Turns numbers into whole blocks. */
export type QuantiseBlocks = (numbers: Float32Array<ArrayBuffer>, blocks: number, into: Uint8Array) => void;

const { fround } = Math;
const inverse = (d: number): number => (d === 0 ? 0 : fround(1 / d));

/** One f32, as number and as bits. */
const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);
const halfCode = narrowEncoder('f16');

function putHalf(value: number, into: Uint8Array, at: number): void {
  single[0] = value;
  const code = halfCode?.(bits[0]!, single[0]!) ?? 0;
  into[at] = code;
  into[at + 1] = code >> 8;
}

const q8_0: QuantiseBlocks = (numbers, blocks, into) => {
  for (let block = 0, at = 0, from = 0; block < blocks; block++, at += 34, from += 32) {
    let most = 0;
    for (let j = 0; j < 32; j++) most = Math.max(most, Math.abs(numbers[from + j]!));
    const d = fround(most / 127);
    const id = inverse(d);
    putHalf(d, into, at);
    for (let j = 0; j < 32; j++) {
      const scaled = fround(numbers[from + j]! * id);
      // Halves away from zero.
      into[at + 2 + j] = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    }
  }
};

/** Of `levels` codes one stands for the number of the largest size, with its sign. */
const symmetric =
  (levels: 16 | 32): QuantiseBlocks =>
  (numbers, blocks, into) => {
    const size = levels === 16 ? 18 : 22;
    const codes = new Uint8Array(32);
    for (let block = 0, at = 0, from = 0; block < blocks; block++, at += size, from += 32) {
      let most = numbers[from]!;
      for (let j = 1; j < 32; j++) if (Math.abs(numbers[from + j]!) > Math.abs(most)) most = numbers[from + j]!;
      const d = fround(most / (-levels / 2));
      const id = inverse(d);
      putHalf(d, into, at);
      for (let j = 0; j < 32; j++)
        codes[j] = clip(fround(fround(numbers[from + j]! * id) + (levels / 2 + 0.5)), levels);
      putCodes(codes, into, at + 2, levels);
    }
  };

/** Codes go from the least number to the most. */
const between =
  (levels: 16 | 32): QuantiseBlocks =>
  (numbers, blocks, into) => {
    const size = levels === 16 ? 20 : 24;
    const codes = new Uint8Array(32);
    for (let block = 0, at = 0, from = 0; block < blocks; block++, at += size, from += 32) {
      let [least, most] = [numbers[from]!, numbers[from]!];
      for (let j = 1; j < 32; j++) {
        least = Math.min(least, numbers[from + j]!);
        most = Math.max(most, numbers[from + j]!);
      }
      const d = fround(fround(most - least) / (levels - 1));
      const id = inverse(d);
      putHalf(d, into, at);
      putHalf(least, into, at + 2);
      for (let j = 0; j < 32; j++)
        codes[j] = clip(fround(fround(fround(numbers[from + j]! - least) * id) + 0.5), levels);
      putCodes(codes, into, at + 4, levels);
    }
  };

const clip = (value: number, levels: number): number => Math.min(levels - 1, Math.max(0, Math.trunc(value)));

/** Fifth bits first, where there are any, then four bits each: the first 16 in the low halves. */
function putCodes(codes: Uint8Array, into: Uint8Array, at: number, levels: 16 | 32): void {
  const low = levels === 32 ? at + 4 : at;
  for (let j = 0; j < 16; j++) into[low + j] = (codes[j]! & 15) | ((codes[j + 16]! & 15) << 4);
  if (levels === 16) return;
  for (let byte = 0; byte < 4; byte++) {
    let fifths = 0;
    for (let bit = 0; bit < 8; bit++) fifths |= (codes[8 * byte + bit]! >> 4) << bit;
    into[at + byte] = fifths;
  }
}

const QUANTISERS: Partial<Record<BlockDType, QuantiseBlocks>> = {
  q8_0,
  q4_0: symmetric(16),
  q5_0: symmetric(32),
  q4_1: between(16),
  q5_1: between(32),
};

/** @throws `unsupported` for types that are not made. */
export function quantiserOf(dtype: BlockDType): QuantiseBlocks {
  const quantise = QUANTISERS[dtype];
  if (quantise) return quantise;
  const detail = 'blocks of this type are not made';
  throw new StateglassError({ kind: 'unsupported', file: dtypeLabel(dtype), format: 'element type', detail });
}
