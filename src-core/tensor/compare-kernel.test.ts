import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ComparisonJoin, type TensorComparison } from './compare.ts';
import { PairKernel } from './compare-kernel.ts';
import { takeCompareLoops } from './compare-loops.ts';
import { TopCells } from './compare-top.ts';
import { bitsOf, type KnownDType } from './dtype.ts';
import type { Numbers } from './stats-partial.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const widthOf = (dtype: KnownDType): number => (bitsOf(dtype) ?? 8) / 8;

function compare(a: Numbers, b: Numbers, left: Bytes, right: Bytes, loops = takeCompareLoops()): TensorComparison {
  const kernel = new PairKernel(a, b, 0, loops);
  kernel.add(left, right, left.length / widthOf(a.dtype as KnownDType));
  const join = new ComparisonJoin(a, b);
  join.add(kernel.partial());
  return join.finish();
}

/** The same in parts, each by a kernel of its own. */
function compareParts(a: Numbers, b: Numbers, left: Bytes, right: Bytes, step: number): TensorComparison {
  const [wideA, wideB] = [widthOf(a.dtype as KnownDType), widthOf(b.dtype as KnownDType)];
  const join = new ComparisonJoin(a, b);
  for (let from = 0; from * wideA < left.length; from += step) {
    const n = Math.min(step, left.length / wideA - from);
    const kernel = new PairKernel(a, b, from);
    kernel.add(left.slice(from * wideA, (from + n) * wideA), right.slice(from * wideB, (from + n) * wideB), n);
    join.add(kernel.partial());
  }
  return join.finish();
}

const SUMS = ['meanAbs', 'rms', 'relativeL2', 'cosine'] as const;

function expectSame(found: TensorComparison, wanted: TensorComparison): void {
  const { read, ...whole } = found;
  const { l2A, l2B, ...rest } = read!;
  const exact = Object.fromEntries(
    Object.entries(whole).filter(([name]) => !(SUMS as readonly string[]).includes(name)),
  );
  expect(wanted).toMatchObject(exact);
  expect(wanted.read).toMatchObject(rest);
  const sums = SUMS.map((name) => [found[name], wanted[name]] as const);
  for (const [x, y] of [...sums, [l2A, wanted.read!.l2A] as const, [l2B, wanted.read!.l2B] as const]) {
    if (x === undefined || !Number.isFinite(x)) expect(x).toBe(y);
    else expect(Math.abs(x - (y ?? Number.NaN))).toBeLessThanOrEqual(1e-11 * Math.abs(x) + 1e-14);
  }
}

// Codes of all kinds, few enough to meet again on the other side.
const short = fc.oneof(
  fc.constantFrom(0, 0x8000, 1, 0x8001, 0x3c00, 0xbc00, 0x3f80, 0xbf80, 0x7bff, 0x7c00, 0xfc01, 0x7f7f, 0x7f80, 0xff81),
  fc.integer({ min: 0, max: 0xffff }),
);
const single = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 3.4e38, -3.4e38, 1e-45, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -9, max: 9 }),
);
const bytes = fc.integer({ min: 0, max: 255 });
const MAKERS: Partial<Record<KnownDType, fc.Arbitrary<Bytes>>> = {
  bf16: fc
    .array(short, { minLength: 70, maxLength: 70 })
    .map((codes) => new Uint8Array(Uint16Array.from(codes).buffer)),
  f16: fc.array(short, { minLength: 70, maxLength: 70 }).map((codes) => new Uint8Array(Uint16Array.from(codes).buffer)),
  f32: fc.array(single, { minLength: 70, maxLength: 70 }).map((all) => new Uint8Array(Float32Array.from(all).buffer)),
  f64: fc.array(single, { minLength: 70, maxLength: 70 }).map((all) => new Uint8Array(Float64Array.from(all).buffer)),
  i64: fc
    .array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 70, maxLength: 70 })
    .map((all) => new Uint8Array(BigInt64Array.from(all).buffer)),
  f8_e4m3fn: fc.array(bytes, { minLength: 70, maxLength: 70 }).map((all) => Uint8Array.from(all)),
  i8: fc.array(bytes, { minLength: 70, maxLength: 70 }).map((all) => Uint8Array.from(all)),
};
const dtypes = Object.keys(MAKERS) as KnownDType[];

/** Two runs of 70 elements, of which some stretches are equal where the types are. */
const pair = fc
  .tuple(fc.constantFrom(...dtypes), fc.constantFrom(...dtypes))
  .chain(([a, b]) => fc.tuple(fc.constant(a), fc.constant(b), MAKERS[a]!, MAKERS[b]!, fc.integer({ min: 0, max: 70 })))
  .map(([a, b, left, right, equal]) => {
    if (a === b) right.set(left.subarray(0, equal * widthOf(a)));
    return { a: { dtype: a }, b: { dtype: b }, left, right };
  });

test('any pair is the same with the compiled loops and value by value', () => {
  fc.assert(
    fc.property(pair, fc.boolean(), ({ a, b, left, right }, negative) => {
      const numbers = { ...a, ...(negative && { negative }) };
      const plain = new PairKernel(numbers, b, 0, null);
      plain.add(left, right, 70);
      const join = new ComparisonJoin(numbers, b);
      join.add(plain.partial());
      expectSame(compare(numbers, b, left, right), join.finish());
    }),
    { numRuns: 250 },
  );
});

test('parts join to the whole, wherever they are cut', () => {
  fc.assert(
    fc.property(pair, fc.integer({ min: 1, max: 69 }), ({ a, b, left, right }, step) => {
      expectSame(compareParts(a, b, left, right, step), compare(a, b, left, right));
    }),
    { numRuns: 60 },
  );
});

test('the other way round it is the mirror image', () => {
  fc.assert(
    fc.property(pair, ({ a, b, left, right }) => {
      const [there, back] = [compare(a, b, left, right), compare(b, a, right, left)];
      const turn = ({ onlyA, onlyB, both }: { onlyA: number; onlyB: number; both: number }) => ({
        onlyA: onlyB,
        onlyB: onlyA,
        both,
      });
      const { read, top, relativeL2, ...whole } = there;
      const { read: readBack, relativeL2: _, top: topBack, cosine, ...wholeBack } = back;
      expect(wholeBack).toEqual({ ...whole, cosine: undefined });
      if (whole.cosine !== undefined) expect(Math.abs(whole.cosine - (cosine ?? 9))).toBeLessThan(1e-12);
      expect(readBack).toMatchObject({
        finite: read!.finite,
        nan: turn(read!.nan),
        notFinite: turn(read!.notFinite),
        l2A: read!.l2B,
        l2B: read!.l2A,
        ...(read!.min !== undefined && {
          min: 0 - read!.max!,
          max: 0 - read!.min,
          minAt: read!.maxAt,
          maxAt: read!.minAt,
        }),
      });
      expect(topBack).toEqual(top.map(({ at, a: x, b: y, delta }) => ({ at, a: y, b: x, delta: -delta })));
      expect(relativeL2 === 0).toBe(back.relativeL2 === 0);
    }),
    { numRuns: 150 },
  );
});

test('a tensor beside itself differs in nothing', () => {
  fc.assert(
    fc.property(pair, ({ a, left }) => {
      const found = compare(a, a, left, left.slice());
      const none = {
        changed: 0,
        equal: true,
        maxAbs: 0,
        meanAbs: 0,
        rms: 0,
        relativeL2: 0,
        cosine: 1,
        signFlips: 0,
        top: [],
      };
      expect(found).toMatchObject(none);
      expect(found.maxAbsAt).toBeUndefined();
      const { notFinite, finite, distribution } = found.read!;
      expect(notFinite).toMatchObject({ onlyA: 0, onlyB: 0, both: 70 - finite });
      expect([...distribution.counts]).toEqual(finite > 0 ? [finite] : []);
    }),
    { numRuns: 80 },
  );
});

describe('over many blocks', () => {
  const COUNT = 40_003;
  const make = (seed: number) =>
    new Float32Array(COUNT).map((_, i) => Math.fround(Math.sin(i * 12.9898 + seed) * 0.02));
  const halve = (values: Float32Array): Bytes =>
    new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (word) => word >>> 16).buffer);

  test.each(['f32', 'bf16'] as const)('%s: places, ties and cells are found across blocks', (dtype) => {
    const [x, y] = [make(1), make(1)];
    // Two equal extremes, the first of which is told, and a NaN between them.
    for (const at of [9000, 9001, 30_000]) y[at] = at === 9001 ? -2 : 2;
    for (const at of [9000, 9001, 30_000]) x[at] = 0;
    x[20_000] = Number.NaN;
    const toBytes = dtype === 'f32' ? (all: Float32Array<ArrayBuffer>) => new Uint8Array(all.buffer) : halve;
    const found = compare({ dtype }, { dtype }, toBytes(x), toBytes(y));
    expect(found).toMatchObject({ count: COUNT, changed: 4, maxAbs: 2, maxAbsAt: 9000 });
    expect(found.top.map(({ at, delta }) => [at, delta])).toEqual([
      [9000, 2],
      [9001, -2],
      [30_000, 2],
    ]);
    expect(found.read).toMatchObject({
      min: -2,
      max: 2,
      minAt: 9001,
      maxAt: 9000,
      notFiniteAt: 20_000,
      finite: COUNT - 1,
    });
  });

  test('of many changed cells the largest are kept, of equal ones the first', () => {
    const [x, y] = [make(1), make(1)];
    for (let i = 0; i < COUNT; i++) y[i] = x[i]! + 1;
    for (let i = 0; i < COUNT; i++) x[i] = y[i]! - 1;
    const { top } = compare(
      { dtype: 'f64' },
      { dtype: 'f64' },
      ...([x, y].map((all) => new Uint8Array(Float64Array.from(all, (value) => Math.round(value * 50)).buffer)) as [
        Bytes,
        Bytes,
      ]),
    );
    const deltas = [...x].map((value, i) => Math.abs(Math.round(y[i]! * 50) - Math.round(value * 50)));
    const wanted = deltas.map((delta, at) => ({ delta, at })).sort((p, q) => q.delta - p.delta || p.at - q.at);
    expect(top.map(({ at }) => at)).toEqual(wanted.slice(0, 32).map(({ at }) => at));
  });

  test('loops come back cleared', () => {
    const [x, y] = [halve(make(1)), halve(make(2))];
    const first = compare({ dtype: 'bf16' }, { dtype: 'bf16' }, x, y);
    expect(compare({ dtype: 'bf16' }, { dtype: 'bf16' }, x, y)).toEqual(first);
  });
});

test('cells offered in any grouping are the same', () => {
  const cells = Array.from({ length: 200 }, (_, at) => ({ at, a: 0, b: 0, delta: ((at * 37) % 23) - 11 }));
  const whole = new TopCells();
  for (const cell of cells) whole.offer(cell);
  const joined = new TopCells();
  for (const from of [0, 50, 120]) {
    const part = new TopCells();
    for (const cell of cells.slice(from, from === 0 ? 50 : from === 50 ? 120 : 200)) part.offer(cell);
    for (const cell of part.list()) joined.offer(cell);
  }
  expect(joined.list()).toEqual(whole.list());
});

test('the compiled loops are those of the source beside them', () => {
  const [source, compiled] = ['compare-loops.wat', 'compare-loops.ts'].map((name) =>
    readFileSync(join(import.meta.dirname, name), 'utf8'),
  );
  const names = [...source!.matchAll(/\(export "(\w+)"\)/g)].map((match) => match[1]);
  const base64 = [...compiled!.matchAll(/^ {2}'([\w+/=]+)'/gm)].map((match) => match[1]).join('');
  const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
  expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(names);
});
