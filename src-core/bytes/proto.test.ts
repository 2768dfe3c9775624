import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bufferSource } from './buffer.ts';
import { eachVarint, ProtoScan } from './proto.ts';
import { readVarints } from './varints.ts';

const encode = (value: bigint): number[] => {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
};

const numbers = fc.array(fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 300n)), { minLength: 1, maxLength: 60 });

test('packed numbers are read as they were written, at every width and from any place', () => {
  fc.assert(
    fc.property(numbers, fc.constantFrom(1, 2, 4, 8), fc.nat(59), (values, width, skip) => {
      const bytes = Uint8Array.from(values.flatMap(encode));
      const from = Math.min(skip, values.length);
      const into = new Uint8Array((values.length - from) * width);
      expect(readVarints(bytes, width, into, { skip: from, count: values.length })).toEqual({
        bytes: bytes.length,
        count: values.length,
      });
      const wanted = values.slice(from).flatMap((value) => {
        const eight = new Uint8Array(BigUint64Array.of(value).buffer);
        return [...eight.subarray(0, width)];
      });
      expect([...into]).toEqual(wanted);
      const seen: bigint[] = [];
      expect(eachVarint(bytes, (value) => seen.push(value))).toBe(true);
      expect(seen).toEqual(values);
    }),
  );
});

test('fields are found wherever the window stands', async () => {
  const long = new Uint8Array(300_000).fill(7);
  const field = (number: number, payload: Uint8Array) => [
    ...encode(BigInt(number * 8 + 2)),
    ...encode(BigInt(payload.length)),
    ...payload,
  ];
  const file = Uint8Array.from([
    ...field(1, long),
    ...field(2, Uint8Array.of(1, 2)),
    0x18,
    ...encode(2n ** 64n - 1n),
    ...field(4, long),
  ]);
  const scan = new ProtoScan(bufferSource(file, 'x'), 'test');
  const seen: unknown[] = [];
  await scan.walk(scan.whole, 1, async ({ number, wire, at, end, value }) => {
    seen.push([number, wire, end - at, value]);
    if (number === 2) seen.push([...(await scan.bytes({ at, end }))]);
    if (number === 4) seen.push((await scan.bytes({ at, end })).length);
  });
  expect(seen).toEqual([
    [1, 'bytes', 300_000, 0n],
    [2, 'bytes', 2, 0n],
    [1, 2],
    [3, 'varint', 10, 2n ** 64n - 1n],
    [4, 'bytes', 300_000, 0n],
    300_000,
  ]);
});
