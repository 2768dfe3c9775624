/**
 * Random numbers by place: any of them is made without those before it.
 *
 * The generator is Philox 4×32-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3; 2011). Its key is the seed, low word first; its
 * counter is b, low word first, then two zeros. Its four words make two numbers in [0, 1) of 53 bits each, u = (w0 >> 5) × 2⁻²⁷ +
 * (w1 >> 6) × 2⁻⁵³, which are elements 2b and 2b + 1 of a uniform tensor. A normal one has cos and sin of 2πu₁ there, times
 * √(−2 ln(1 − u₀)) (Box and Muller).
 */
export type Draw =
  | { readonly kind: 'normal'; readonly seed: number; readonly mean: number; readonly std: number }
  /** From `low` on, up to `high`, which rounding to the type may reach. */
  | { readonly kind: 'uniform'; readonly seed: number; readonly low: number; readonly high: number };

/** Elements [from, to). Seeds are whole numbers from 0 to 2^53 − 1. */
export function drawNumbers(draw: Draw, from: number, to: number): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(to - from);
  const words = new Uint32Array(4);
  const pair = new Float64Array(2);
  const shape = draw.kind === 'normal' ? shapeNormal(draw) : shapeUniform(draw);
  for (let at = from - (from % 2); at < to; at += 2) {
    fillPhilox(words, draw.seed, at / 2);
    pair[0] = toUnit(words[0]!, words[1]!);
    pair[1] = toUnit(words[2]!, words[3]!);
    shape(pair);
    if (at >= from) numbers[at - from] = pair[0]!;
    if (at + 1 < to) numbers[at + 1 - from] = pair[1]!;
  }
  return numbers;
}

const toUnit = (high: number, low: number): number => ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;

const shapeUniform =
  ({ low, high }: Draw & { kind: 'uniform' }) =>
  (pair: Float64Array): void => {
    pair[0] = low + pair[0]! * (high - low);
    pair[1] = low + pair[1]! * (high - low);
  };

const shapeNormal =
  ({ mean, std }: Draw & { kind: 'normal' }) =>
  (pair: Float64Array): void => {
    const radius = std * Math.sqrt(-2 * Math.log(1 - pair[0]!));
    const angle = 2 * Math.PI * pair[1]!;
    pair[0] = mean + radius * Math.cos(angle);
    pair[1] = mean + radius * Math.sin(angle);
  };

const ROUNDS = 10;

/** The four words of a block, for a seed and a counter of up to 53 bits each. */
export function fillPhilox(words: Uint32Array, seed: number, counter: number): void {
  let k0 = seed | 0;
  let k1 = Math.floor(seed / 2 ** 32);
  let c0 = counter | 0;
  let c1 = Math.floor(counter / 2 ** 32);
  let c2 = 0;
  let c3 = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(0xd251, 0x1f53, c0);
    const high2 = multiplyHigh(0xcd9e, 0x8d57, c2);
    const low0 = Math.imul(0xd251_1f53, c0);
    const low2 = Math.imul(0xcd9e_8d57, c2);
    c0 = high2 ^ c1 ^ k0;
    c2 = high0 ^ c3 ^ k1;
    c1 = low2;
    c3 = low0;
    k0 = (k0 + 0x9e37_79b9) | 0;
    k1 = (k1 + 0xbb67_ae85) | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** The upper 32 bits of a product of two words, the first in halves. */
function multiplyHigh(aHigh: number, aLow: number, b: number): number {
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = Math.imul(aHigh, bLow) >>> 0;
  const low = (Math.imul(aLow, bLow) >>> 16) + (middle & 0xffff);
  const other = Math.imul(aLow, bHigh) >>> 0;
  const carry = (low + (other & 0xffff)) >>> 16;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (other >>> 16) + carry) | 0;
}
