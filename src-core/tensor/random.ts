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
  const pair: [number, number] = [0, 0];
  for (let at = from - (from % 2); at < to; at += 2) {
    fillPhilox(words, draw.seed, at / 2);
    pair[0] = toUnit(words[0]!, words[1]!);
    pair[1] = toUnit(words[2]!, words[3]!);
    shape(draw, pair);
    if (at >= from) numbers[at - from] = pair[0];
    if (at + 1 < to) numbers[at + 1 - from] = pair[1];
  }
  return numbers;
}

const toUnit = (high: number, low: number): number => ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;

function shape(draw: Draw, pair: [number, number]): void {
  if (draw.kind === 'uniform') {
    pair[0] = draw.low + pair[0] * (draw.high - draw.low);
    pair[1] = draw.low + pair[1] * (draw.high - draw.low);
    return;
  }
  const radius = draw.std * Math.sqrt(-2 * Math.log(1 - pair[0]));
  const angle = 2 * Math.PI * pair[1];
  pair[0] = draw.mean + radius * Math.cos(angle);
  pair[1] = draw.mean + radius * Math.sin(angle);
}

const ROUNDS = 10;

/** The four words of a block, for a seed and a counter of up to 53 bits each. */
export function fillPhilox(words: Uint32Array, seed: number, counter: number): void {
  let [k0, k1] = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  let [c0, c1, c2, c3] = [counter >>> 0, Math.floor(counter / 2 ** 32), 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = [multiplyHigh(0xd251_1f53, c0), Math.imul(0xd251_1f53, c0)];
    const [high2, low2] = [multiplyHigh(0xcd9e_8d57, c2), Math.imul(0xcd9e_8d57, c2)];
    [c0, c1, c2, c3] = [(high2 ^ c1 ^ k0) >>> 0, low2 >>> 0, (high0 ^ c3 ^ k1) >>> 0, low0 >>> 0];
    k0 = (k0 + 0x9e37_79b9) >>> 0;
    k1 = (k1 + 0xbb67_ae85) >>> 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** The upper 32 bits of a product of two words. */
function multiplyHigh(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle % 2 ** 16) + aLow * bHigh;
  return aHigh * bHigh + Math.floor(middle / 2 ** 16) + Math.floor(carry / 2 ** 16);
}
