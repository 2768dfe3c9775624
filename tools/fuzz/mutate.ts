/** Ways to damage a file. */
import type { Random } from './random.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type Mutation = (bytes: Bytes, random: Random, other: Bytes) => Bytes;

/** A mutant is not much longer than what it was made of. */
const MOST_BYTES = 512 * 1024;
/** Headers are where the damage is done. */
const HEAD = 4096;
/** Lengths and counts that readers have stumbled over. */
const NUMBERS: readonly bigint[] = [
  ...[0n, 1n, 0x7fn, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0xffffffffn, 0x80000000n, 2n ** 40n],
  ...[2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 10n ** 6n, 10n ** 9n],
];
const WIDTHS = [1, 2, 4, 8] as const;
const DIGIT = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** A place, nearly always where headers and directories are. */
function place(length: number, random: Random): number {
  const half = random.below(4);
  if (half < 2) return random.below(Math.min(length, HEAD));
  return half === 2 ? length - 1 - random.below(Math.min(length, HEAD)) : random.below(length);
}

function join(...parts: readonly Bytes[]): Bytes {
  const length = Math.min(
    MOST_BYTES,
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part.subarray(0, length - at), at);
    at = Math.min(length, at + part.length);
  }
  return out;
}

function range({ length }: Bytes, random: Random, most = HEAD): [number, number] {
  const start = place(length, random);
  return [start, Math.min(length, start + 1 + random.below(most))];
}

function setNumber(bytes: Bytes, random: Random): Bytes {
  const width = random.pick(WIDTHS);
  if (bytes.length < width) return bytes;
  const at = Math.min(place(bytes.length, random), bytes.length - width);
  let value = BigInt.asUintN(8 * width, random.pick(NUMBERS));
  const isLittle = random.below(4) > 0;
  for (let i = 0; i < width; i++) {
    bytes[isLittle ? at + i : at + width - 1 - i] = Number(value & 0xffn);
    value >>= 8n;
  }
  return bytes;
}

/** A number that is written as text becomes another, of any length. */
function setDigits(bytes: Bytes, random: Random): Bytes {
  let start = place(bytes.length, random);
  for (let i = 0; i < HEAD && !DIGIT(bytes[start]); i++) start = (start + 1) % bytes.length;
  if (!DIGIT(bytes[start])) return bytes;
  let end = start;
  while (DIGIT(bytes[end])) end++;
  const text =
    random.below(3) === 0 ? '9'.repeat(1 + random.below(40)) : `${random.below(3) ? '' : '-'}${random.pick(NUMBERS)}`;
  return join(bytes.subarray(0, start), new TextEncoder().encode(text), bytes.subarray(end));
}

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    bytes[place(bytes.length, random)]! ^= 1 << random.below(8);
    return bytes;
  },
  (bytes, random) => {
    bytes[place(bytes.length, random)] = random.below(256);
    return bytes;
  },
  setNumber,
  setNumber,
  setDigits,
  (bytes, random) => bytes.slice(0, place(bytes.length, random)),
  function removeRange(bytes, random) {
    const [start, end] = range(bytes, random);
    return join(bytes.subarray(0, start), bytes.subarray(end));
  },
  function duplicateRange(bytes, random) {
    const [start, end] = range(bytes, random);
    const copies = Array.from({ length: 1 + random.below(8) }, () => bytes.subarray(start, end));
    return join(bytes.subarray(0, end), ...copies, bytes.subarray(end));
  },
  function moveRange(bytes, random) {
    const [start, end] = range(bytes, random);
    const at = place(bytes.length, random);
    bytes.copyWithin(at, start, end);
    return bytes;
  },
  function splice(bytes, random, other) {
    const [start, end] = range(other, random);
    const at = place(bytes.length, random);
    return join(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at));
  },
  function overwrite(bytes, random, other) {
    const [start, end] = range(other, random, 256);
    const at = place(bytes.length, random);
    bytes.set(other.subarray(start, Math.min(end, start + bytes.length - at)), at);
    return bytes;
  },
  function crossOver(bytes, random, other) {
    return join(bytes.subarray(0, place(bytes.length, random)), other.subarray(place(other.length, random)));
  },
];
const MOST_MUTATIONS = 6;

/** A damaged copy; `other` is what parts are taken from. */
export function mutate(bytes: Bytes, random: Random, other: Bytes): Bytes {
  let mutant: Bytes = bytes.slice();
  const count = 1 + random.below(MOST_MUTATIONS);
  for (let i = 0; i < count && mutant.length > 0; i++) mutant = random.pick(MUTATIONS)(mutant, random, other);
  return mutant;
}
