/** MessagePack as `msgpack-python` writes it: each header in its shortest form, numbers big-endian. */
import { EXT } from './nodes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

export const encodeNil = (): Bytes => Uint8Array.of(0xc0);
export const encodeBool = (value: boolean): Bytes => Uint8Array.of(value ? 0xc3 : 0xc2);
export const encodeMapHeader = (count: number): Bytes => header(count, 0x80, 15, [undefined, 0xde, 0xdf]);
export const encodeArrayHeader = (count: number): Bytes => header(count, 0x90, 15, [undefined, 0xdc, 0xdd]);
export const encodeBinHeader = (length: number): Bytes => header(length, 0, -1, [0xc4, 0xc5, 0xc6]);

export function encodeText(text: string): Bytes {
  const bytes = encoder.encode(text);
  return join(header(bytes.length, 0xa0, 31, [0xd9, 0xda, 0xdb]), bytes);
}

export function encodeFloat(value: number): Bytes {
  const bytes = new Uint8Array(9);
  bytes[0] = 0xcb;
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
}

/** Undefined for what does not fit 64 bits. */
export function encodeInt(value: bigint): Bytes | undefined {
  if (value >= 0n) {
    if (value < 0x80n) return Uint8Array.of(Number(value));
    if (value < 2n ** 8n) return number(0xcc, value, 1);
    if (value < 2n ** 16n) return number(0xcd, value, 2);
    if (value < 2n ** 32n) return number(0xce, value, 4);
    return value < 2n ** 64n ? number(0xcf, value, 8) : undefined;
  }
  if (value >= -0x20n) return Uint8Array.of(Number(value + 0x100n));
  if (value >= -(2n ** 7n)) return number(0xd0, value, 1);
  if (value >= -(2n ** 15n)) return number(0xd1, value, 2);
  if (value >= -(2n ** 31n)) return number(0xd2, value, 4);
  return value >= -(2n ** 63n) ? number(0xd3, value, 8) : undefined;
}

export function encodeComplex(re: number, im: number): Bytes {
  const parts = join(encodeArrayHeader(2), encodeFloat(re), encodeFloat(im));
  return join(encodeExtHeader(EXT.complex, parts.length), parts);
}

export interface ArrayHead {
  readonly code: number;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Bytes of the elements that follow. */
  readonly length: number;
}

/** Everything of an array but its elements, which follow. */
export function encodeArrayHead({ code, shape, dtype, length }: ArrayHead): Bytes {
  const inner = join(
    encodeArrayHeader(3),
    encodeArrayHeader(shape.length),
    ...shape.map((dim) => encodeInt(BigInt(dim)) as Bytes),
    encodeText(dtype),
    encodeBinHeader(length),
  );
  return join(encodeExtHeader(code, inner.length + length), inner);
}

function encodeExtHeader(code: number, length: number): Bytes {
  const power = [1, 2, 4, 8, 16].indexOf(length);
  if (power >= 0) return Uint8Array.of(0xd4 + power, code);
  return join(header(length, 0, -1, [0xc7, 0xc8, 0xc9]), Uint8Array.of(code));
}

/** A count in the byte itself up to `most`, else in 1, 2 or 4 bytes behind one of `types`. */
function header(
  count: number,
  fixed: number,
  most: number,
  types: readonly [number | undefined, number, number],
): Bytes {
  if (count <= most) return Uint8Array.of(fixed | count);
  if (count < 2 ** 8 && types[0] !== undefined) return number(types[0], BigInt(count), 1);
  if (count < 2 ** 16) return number(types[1], BigInt(count), 2);
  return number(types[2], BigInt(count), 4);
}

function number(type: number, value: bigint, width: number): Bytes {
  const bytes = new Uint8Array(1 + width);
  bytes[0] = type;
  let left = BigInt.asUintN(8 * width, value);
  for (let i = width; i > 0; i--) {
    bytes[i] = Number(left & 0xffn);
    left >>= 8n;
  }
  return bytes;
}

export function join(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
