import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { nodeSource, openNodeHandle } from '../bytes/node.ts';
import { openHandle } from '../bytes/open-handle.ts';
import type { SourceHandle } from '../bytes/source.ts';
import { GRID_BYTES } from '../compute/plan.ts';
import type { TensorComparison } from '../tensor/compare.ts';
import { comparePairs, compareValues, matchPairs, type PairComparison, type RowPair } from './compare-values.ts';
import type { Document } from './document.ts';
import { localPool } from './local-pool.ts';
import { openFiles } from './open.ts';
import type { Pool } from './ports.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/compare');
type Num = number | 'NaN' | 'Infinity' | '-Infinity';
type Three = readonly [onlyA: number, onlyB: number, both: number];

interface Golden {
  readonly entries: readonly (Readonly<Record<string, Num>> & {
    readonly a: string;
    readonly b: string;
    readonly axes?: readonly number[];
    readonly nan: Three;
    readonly notFinite: Three;
    readonly octaves?: Readonly<Record<string, number>>;
    readonly top: readonly number[];
  })[];
}
type Wanted = Golden['entries'][number];

const readGolden = (name: string): Golden => JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8'));

async function open(name: string): Promise<Document> {
  const { documents } = await openFiles([{ id: basename(name), source: await nodeSource(join(FIXTURES, name)) }]);
  return documents[0] as Document;
}

const pool = localPool(openNodeHandle, 2);

function rowsOf({ state: { entries } }: Document): ReadonlyMap<string, number> {
  return new Map(Array.from({ length: entries.length }, (_, row) => [entries.at(row).key, row]));
}

function pairsOf(golden: Golden, a: Document, b: Document): readonly RowPair[] {
  const [left, right] = [rowsOf(a), rowsOf(b)];
  return golden.entries.map(({ a: keyA, b: keyB, axes }) => ({
    a: left.get(keyA) ?? -1,
    b: right.get(keyB) ?? -1,
    ...(axes && { axes }),
  }));
}

async function compareAll(a: Document, b: Document, pairs: readonly RowPair[]): Promise<readonly PairComparison[]> {
  const all: PairComparison[] = [];
  await comparePairs(a, b, pairs, pool, (result) => {
    all[result.pair] = result;
  });
  return all;
}

const near = (value: number | undefined, wanted: Num | undefined, relative: number): void => {
  const want = Number(wanted);
  if (!Number.isFinite(want)) expect(value).toEqual(want);
  else
    expect(Math.abs((value ?? Number.NaN) - want), `${value} for ${want}`).toBeLessThanOrEqual(
      Math.abs(want) * relative,
    );
};

const three = ({ onlyA, onlyB, both }: { onlyA: number; onlyB: number; both: number }): Three => [onlyA, onlyB, both];

function check(found: TensorComparison, wanted: Wanted): void {
  const { read, top } = found;
  expect({
    count: found.count,
    changed: found.changed,
    signFlips: found.signFlips,
    maxAbsAt: found.maxAbsAt,
    finite: read?.finite,
    nan: read && three(read.nan),
    notFinite: read && three(read.notFinite),
    notFiniteAt: read?.notFiniteAt,
    minAt: read?.minAt,
    maxAt: read?.maxAt,
    top: top.slice(0, wanted.top.length).map(({ at }) => at),
  }).toEqual({
    count: wanted.count,
    changed: wanted.changed,
    signFlips: wanted.signFlips,
    maxAbsAt: wanted.maxAbsAt,
    finite: wanted.finite,
    nan: wanted.nan,
    notFinite: wanted.notFinite,
    notFiniteAt: wanted.notFiniteAt,
    minAt: wanted.minAt,
    maxAt: wanted.maxAt,
    top: wanted.top,
  });
  expect(found.equal).toBe(wanted.changed === 0);
  // Magnitudes of complex numbers are square roots, which two libraries may round differently.
  near(found.maxAbs, wanted.maxAbs, 1e-15);
  for (const name of ['meanAbs', 'rms', 'relativeL2'] as const) near(found[name], wanted[name], 1e-12);
  near(read?.l2A, wanted.l2A, 1e-12);
  near(read?.l2B, wanted.l2B, 1e-12);
  expect('cosine' in wanted).toBe(found.cosine !== undefined);
  // A sum of products of both signs loses what cancels.
  if (found.cosine !== undefined) expect(Math.abs(found.cosine - Number(wanted.cosine))).toBeLessThan(1e-12);
  expect('min' in wanted).toBe(read?.min !== undefined);
  if (read?.min === undefined) return;
  near(read.min, wanted.min, 1e-15);
  near(read.max, wanted.max, 1e-15);
  expect(octavesOf(found)).toEqual(wanted.octaves);
}

/** How many differences lie in each power of two: bins are parts of one. */
function octavesOf({ read }: TensorComparison): Readonly<Record<string, number>> {
  const octaves: Record<string, number> = {};
  const { low, high, counts } = read!.distribution;
  counts.forEach((count, i) => {
    const size = Math.min(Math.abs(low[i]!), Math.abs(high[i]!));
    const key = size === 0 ? '0' : `${low[i]! < 0 ? '-' : '+'}${Math.floor(Math.log2(size))}`;
    octaves[key] = (octaves[key] ?? 0) + count;
  });
  return octaves;
}

describe.each([
  ['types-a.safetensors', 'types-b.safetensors'],
  ['views.pt', 'views.pt'],
])('%s beside %s', (nameA, nameB) => {
  test('is what NumPy finds in f64', async () => {
    const golden = readGolden(nameA);
    const [a, b] = [await open(nameA), await open(nameB)];
    const found = await compareAll(a, b, pairsOf(golden, a, b));
    const failed: string[] = [];
    golden.entries.forEach((wanted, i) => {
      const { comparison, error } = found[i]!;
      try {
        expect(error).toBeUndefined();
        check(comparison!, wanted);
      } catch (problem) {
        failed.push(`${wanted.a} beside ${wanted.b}: ${(problem as Error).message}`);
      }
    });
    expect(failed).toEqual([]);
  });

  test('are the same, or not, by the quick way too', async () => {
    const golden = readGolden(nameA);
    const [a, b] = [await open(nameA), await open(nameB)];
    const told: (boolean | undefined)[] = [];
    await matchPairs(a, b, pairsOf(golden, a, b), pool, ({ pair, equal }) => {
      told[pair] = equal;
    });
    expect(told).toEqual(golden.entries.map(({ changed }) => changed === 0));
  });
});

/** A pool that says what was asked of it. */
function watchPool(open = openHandle): Pool & { readonly asked: number } {
  let asked = 0;
  const inner = localPool(open, 2);
  return {
    size: 2,
    get asked() {
      return asked;
    },
    run(task, signal, onProgress) {
      asked++;
      return inner.run(task, signal, onProgress);
    },
  };
}

/** A safetensors file in memory, of tensors over one buffer. */
async function openTensors(
  tensors: Readonly<Record<string, { dtype: string; shape: readonly number[]; from: number; bytes: number }>>,
  data: Uint8Array,
): Promise<Document> {
  const header = JSON.stringify(
    Object.fromEntries(
      Object.entries(tensors).map(([key, { dtype, shape, from, bytes }]) => [
        key,
        { dtype, shape, data_offsets: [from, from + bytes] },
      ]),
    ),
  );
  const text = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  const { documents } = await openFiles([{ id: 'w.safetensors', source: bufferSource(bytes, 'w.safetensors') }]);
  return documents[0] as Document;
}

const SIZE = 2 * GRID_BYTES + 4096;
const noise = (seed: number): Uint8Array<ArrayBuffer> => {
  const words = new Uint32Array(SIZE / 4);
  let state = seed;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // Small bf16 and f32 of all sizes, and few that are not finite.
    words[i] = i % 100_003 === 0 ? 0x7fc0_7f80 : state & 0x3fff_bfff;
  }
  return new Uint8Array(words.buffer);
};

test('what is found does not depend on workers, on who is done first, or on how tasks are joined', async () => {
  const whole = { w: { dtype: 'BF16', shape: [SIZE / 2], from: 0, bytes: SIZE } };
  const [a, b] = [await openTensors(whole, noise(1)), await openTensors(whole, noise(2))];
  let wait = 40;
  const openLate = async (handle: SourceHandle) => {
    wait = Math.max(0, wait - 15);
    await new Promise((resolve) => setTimeout(resolve, wait));
    return openHandle(handle);
  };
  const pools = [localPool(openHandle, 1), localPool(openLate, 3), { ...localPool(openHandle, 1), size: 0.1 }];
  const [one, ...others] = await Promise.all(
    pools.map((each) => compareValues(a, 0, b, 0, each).then(({ comparison }) => comparison)),
  );
  expect(one).toMatchObject({ count: SIZE / 2 });
  expect(one?.read?.notFinite).toMatchObject({ onlyA: 0, both: 168 });
  for (const other of others) expect(other).toEqual(one);
});

test('tied pairs are computed once, and told each with the others', async () => {
  const part = { dtype: 'F32', shape: [16], from: 0, bytes: 64 };
  const a = await openTensors({ x: part }, noise(1).subarray(0, 64));
  const b = await openTensors({ y: part, z: { ...part, shape: [4, 4] } }, noise(2).subarray(0, 64));
  const watched = watchPool();
  const told: PairComparison[] = [];
  const same = { a: 0, b: 0 };
  await comparePairs(a, b, [same, { a: 0, b: 1 }, same], watched, (result) => told.push(result));
  expect(told.map(({ pair, sameAs, error }) => [pair, sameAs, error?.kind])).toEqual([
    [0, [2], undefined],
    [2, [0], undefined],
    [1, [], 'bad-input'],
  ]);
  expect(told[0]?.comparison).toEqual(told[1]?.comparison);
  expect(watched.asked).toBe(1);
});

test('the same bytes of the same file are not read', async () => {
  const a = await openTensors({ x: { dtype: 'F32', shape: [16], from: 0, bytes: 64 } }, noise(1).subarray(0, 64));
  const watched = watchPool();
  const { comparison } = await compareValues(a, 0, a, 0, watched);
  expect(comparison).toMatchObject({ count: 16, equal: true, changed: 0, relativeL2: 0, cosine: 1 });
  expect(comparison.read).toBeUndefined();
  await matchPairs(a, a, [{ a: 0, b: 0 }], watched, ({ equal }) => expect(equal).toBe(true));
  expect(watched.asked).toBe(0);
});

test('progress is of the bytes of both sides, and a pair that differs early is not read to its end', async () => {
  const [narrow, wide] = [
    { w: { dtype: 'U8', shape: [SIZE / 4], from: 0, bytes: SIZE / 4 } },
    { w: { dtype: 'F32', shape: [SIZE / 4], from: 0, bytes: SIZE } },
  ];
  const [a, b] = [await openTensors(narrow, noise(1).subarray(0, SIZE / 4)), await openTensors(wide, noise(2))];
  let last: readonly number[] = [];
  const onProgress = (done: number, total: number) => {
    last = [done, total];
  };
  await compareValues(a, 0, b, 0, localPool(openHandle), { onProgress });
  expect(last).toEqual([SIZE * 1.25, SIZE * 1.25]);
  await matchPairs(a, b, [{ a: 0, b: 0 }], localPool(openHandle), ({ equal }) => expect(equal).toBe(false), {
    onProgress,
  });
  expect(last[0]).toBeLessThan(SIZE / 10);
});

test('a comparison is cancelled', async () => {
  const whole = { w: { dtype: 'BF16', shape: [SIZE / 2], from: 0, bytes: SIZE } };
  const [a, b] = [await openTensors(whole, noise(1)), await openTensors(whole, noise(2))];
  const stop = new AbortController();
  const run = compareValues(a, 0, b, 0, localPool(openHandle), {
    signal: stop.signal,
    onProgress: (done) => done > 0 && stop.abort(),
  });
  await expect(run).rejects.toMatchObject({ info: { kind: 'cancelled' } });
});

test('axes that are not those of the tensor are refused', async () => {
  const a = await openTensors({ x: { dtype: 'F32', shape: [4, 4], from: 0, bytes: 64 } }, noise(1).subarray(0, 64));
  for (const axes of [[0], [0, 0], [0, 2]]) {
    await expect(compareValues(a, 0, a, 0, pool, { axes })).rejects.toMatchObject({ info: { kind: 'bad-input' } });
  }
});
