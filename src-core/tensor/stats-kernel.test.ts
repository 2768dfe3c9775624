import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KnownDType } from './dtype.ts';
import { takeLoops } from './hot-loops.ts';
import { StatsJoin, type TensorStats } from './stats.ts';
import { CodeKernel } from './stats-codes.ts';
import type { StatsKernel } from './stats-partial.ts';
import { ShortKernel } from './stats-shorts.ts';
import { SingleKernel } from './stats-single.ts';
import { WideKernel } from './stats-wide.ts';

const COUNT = 300_013;
/** Numbers of all sizes, with a few that are not finite late in a piece. */
function makeBytes(): Uint8Array<ArrayBuffer> {
  const values = new Float32Array(COUNT).map((_, i) => Math.sin(i * 12.9898) * 10 ** ((i * 7) % 5));
  values[200_000] = Number.NaN;
  values[200_001] = Number.NEGATIVE_INFINITY;
  values[299_999] = Number.POSITIVE_INFINITY;
  values[5] = -0;
  values[COUNT - 1] = 1e30;
  return new Uint8Array(values.buffer);
}
const singles = makeBytes();
const halves = new Uint8Array(Uint16Array.from(new Uint32Array(singles.buffer), (word) => word >>> 16).buffer);

function statsOf(kernel: StatsKernel, dtype: KnownDType, bytes: Uint8Array<ArrayBuffer>) {
  kernel.add(bytes, bytes.length / 4);
  const join = new StatsJoin({ dtype });
  join.add(kernel.partial());
  return join.finish();
}

test.each([
  ['bf16', {}],
  ['f16', {}],
  ['i16', {}],
  ['u16', {}],
  ['bf16', { negative: true }],
] as const)('%s is the same with the compiled loops and without (%j)', (dtype, more) => {
  const numbers = { dtype, ...more };
  const fast = new ShortKernel(numbers, takeLoops()!);
  const plain = new CodeKernel(numbers);
  for (const kernel of [fast, plain]) kernel.add(halves, COUNT);
  expect(fast.partial()).toEqual(plain.partial());
});

test.each(['bf16', 'f16', 'i16', 'u16', 'bits16'] as const)(
  'any codes of %s are the same with the loops and without',
  (dtype) => {
    // Few codes of many kinds: both zeros, the largest, infinities, NaN, and their neighbours.
    const code = fc.oneof(
      fc.constantFrom(
        0,
        0x8000,
        1,
        0x8001,
        0x7bff,
        0xfbff,
        0x7c00,
        0xfc00,
        0x7c01,
        0x7f7f,
        0xff7f,
        0x7f80,
        0xff80,
        0x7fff,
        0xffff,
      ),
      fc.integer({ min: 0, max: 0xffff }),
    );
    fc.assert(
      fc.property(fc.array(code, { minLength: 1, maxLength: 60 }), fc.boolean(), (codes, negative) => {
        const numbers = { dtype, ...(negative && { negative }) };
        const bytes = new Uint8Array(Uint16Array.from(codes).buffer);
        const [fast, plain] = [new ShortKernel(numbers, takeLoops()!), new CodeKernel(numbers)];
        for (const kernel of [fast, plain]) kernel.add(bytes, codes.length);
        expect(fast.partial()).toEqual(plain.partial());
      }),
    );
  },
);

function expectSame(fast: TensorStats, plain: TensorStats): void {
  const { mean, std, l1, l2, ...exact } = fast;
  expect(plain).toMatchObject(exact);
  for (const [a = 0, b = 0] of [
    [mean, plain.mean],
    [std, plain.std],
    [l1, plain.l1],
    [l2, plain.l2],
  ])
    expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-12 * Math.abs(b) + 1e-14 * (plain.absmax ?? 0));
}

test('f32 is, but for the last digits, the same with the compiled loops and value by value', () => {
  const fast = statsOf(new SingleKernel(takeLoops()!), 'f32', singles);
  expectSame(fast, statsOf(new WideKernel({ dtype: 'f32' }), 'f32', singles));
  expect(fast).toMatchObject({ nan: 1, negInf: 1, posInf: 1, max: Math.fround(1e30), maxAt: COUNT - 1 });
});

test('any f32 are the same with the loops and without, finite or not', () => {
  const value = fc.oneof(
    fc.constantFrom(0, -0, 1, -1, Number.NaN, Infinity, -Infinity),
    fc.integer({ min: -9, max: 9 }),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
      const bytes = new Uint8Array(Float32Array.from(values).buffer);
      const loops = takeLoops()!;
      expectSame(
        statsOf(new SingleKernel(loops), 'f32', bytes),
        statsOf(new WideKernel({ dtype: 'f32' }), 'f32', bytes),
      );
    }),
  );
});

test('loops come back cleared', () => {
  const first = statsOf(new SingleKernel(takeLoops()!), 'f32', singles);
  expect(statsOf(new SingleKernel(takeLoops()!), 'f32', singles)).toEqual(first);
});

test('the compiled loops are those of the source beside them', () => {
  const [source, compiled] = ['hot-loops.wat', 'hot-loops.ts'].map((name) =>
    readFileSync(join(import.meta.dirname, name), 'utf8'),
  );
  const names = [...source!.matchAll(/\(export "(\w+)"\)/g)].map((match) => match[1]);
  const base64 = [...compiled!.matchAll(/^ {2}'([\w+/=]+)'/gm)].map((match) => match[1]).join('');
  const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
  expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(names);
});
