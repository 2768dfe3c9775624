/** Models written field by field, for cases that no library writes. */

export type Bytes = Uint8Array<ArrayBuffer>;

export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

export const join = (...parts: readonly (Uint8Array | readonly number[])[]): Bytes => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

export const int = (field: number, value: number | bigint): Bytes => join(varint(field * 8), varint(value));
export const bytes = (field: number, payload: Uint8Array): Bytes =>
  join(varint(field * 8 + 2), varint(payload.length), payload);
export const text = (field: number, value: string): Bytes => bytes(field, new TextEncoder().encode(value));
export const ints = (field: number, values: readonly (number | bigint)[]): Bytes =>
  bytes(field, join(...values.map(varint)));

/** A tensor of a type, with its own fields. */
export const tensor = (name: string, type: number, dims: readonly number[], ...more: readonly Bytes[]): Bytes =>
  join(ints(1, dims), int(2, type), text(8, name), ...more);

/** A model whose graph has these fields. */
export const model = (...graph: readonly Bytes[]): Bytes =>
  join(int(1, 9), text(2, 'a test'), bytes(7, join(...graph)), bytes(8, int(2, 20)));
