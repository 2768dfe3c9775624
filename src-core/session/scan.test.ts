import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeSource, openNodeHandle } from '../bytes/node.ts';
import { countElements, DTYPE_ORDER, type DType, familyOf, isBlockDType, packedBytes } from '../tensor/dtype.ts';
import { quantilesOf, type TensorStats } from '../tensor/stats.ts';
import type { Document } from './document.ts';
import { localPool } from './local-pool.ts';
import { openFiles } from './open.ts';
import { type EntryStats, scanSlice, scanStats } from './scan.ts';
import { scanRows } from './scan-rows.ts';
import { readValues } from './values.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
type Num = number | 'NaN' | 'Infinity' | '-Infinity';

interface Golden {
  readonly of: string;
  readonly entries: readonly {
    readonly key: string;
    readonly stats: Readonly<Record<string, Num>> & { readonly quantiles?: readonly Num[] };
    readonly rows?: Readonly<Record<string, readonly number[]>>;
    readonly slices?: Readonly<Record<string, Record<string, Num> | null>>;
  }[];
}

const goldens = readdirSync(join(FIXTURES, 'stats'))
  .filter((name) => name.endsWith('.json'))
  .map((name): Golden => JSON.parse(readFileSync(join(FIXTURES, 'stats', name), 'utf8')));

async function open(path: string): Promise<Document> {
  const { documents } = await openFiles([{ id: basename(path), source: await nodeSource(join(FIXTURES, path)) }]);
  return documents[0] as Document;
}

async function scanAll(document: Document, workers = 2): Promise<Map<string, EntryStats>> {
  const all = new Map<string, EntryStats>();
  const rows = Array.from({ length: document.state.entries.length }, (_, row) => row);
  await scanStats(document, rows, localPool(openNodeHandle, workers), (stats) => {
    all.set(document.state.entries.at(stats.id).key, stats);
  });
  return all;
}

const dtypeOf = (document: Document, key: string): DType => {
  const { entries } = document.state;
  const value = Array.from({ length: entries.length }, (_, row) => entries.at(row)).find((e) => e.key === key)?.value;
  return value?.type === 'tensor' ? value.dtype : 'other:?';
};

const near = (value: number | undefined, wanted: Num | undefined, relative: number, floor = 0) => {
  const want = Number(wanted);
  if (!Number.isFinite(want)) expect(value).toEqual(want);
  else expect(Math.abs((value ?? Number.NaN) - want)).toBeLessThanOrEqual(Math.abs(want) * relative + floor);
};

function compare(stats: TensorStats, wanted: Golden['entries'][number]['stats'], dtype: DType): void {
  const { exact } = stats.distribution;
  expect({
    count: stats.count,
    nan: stats.nan,
    posinf: stats.posInf,
    neginf: stats.negInf,
    zeros: stats.zeros,
  }).toEqual({
    count: wanted.count,
    nan: wanted.nan,
    posinf: wanted.posinf,
    neginf: wanted.neginf,
    zeros: wanted.zeros,
  });
  near(stats.l1, wanted.l1, 1e-9);
  near(stats.l2, wanted.l2, 1e-9);
  expect('min' in wanted).toBe(stats.min !== undefined);
  if (!('min' in wanted)) return;
  // A magnitude is a square root, which two libraries may round differently.
  const exactly = familyOf(dtype) === 'complex' ? 1e-15 : 0;
  near(stats.min, wanted.min, exactly);
  near(stats.max, wanted.max, exactly);
  near(stats.absmax, wanted.absmax, exactly);
  expect(stats.minDigits).toBe(wanted.minDigits);
  expect(stats.maxDigits).toBe(wanted.maxDigits);
  // NumPy's own sums of doubles are off by some 1e-15 of the largest.
  near(stats.mean, wanted.mean, 1e-14, 1e-9 * Number(wanted.std));
  near(stats.std, wanted.std, 1e-7, 1e-14 * Number(wanted.absmax));
  quantilesOf(stats).forEach((value, i) => {
    const bound = exact ? 0 : dtype === 'f64' || dtype === 'c128' ? 1 / 16 : 1 / 128;
    const want = wanted.quantiles?.[i];
    // Between two elements far apart, interpolation multiplies what is known of each.
    near(value, want, bound, exact ? 0 : 2 ** -133 + (Number(wanted.count) < 1000 ? Number(wanted.absmax) * bound : 0));
  });
}

describe.each(goldens.map((golden) => [golden.of, golden] as const))('%s', (path, golden) => {
  test('statistics are those of NumPy, torch and ml_dtypes in f64', async () => {
    const document = await open(path);
    const scanned = await scanAll(document);
    for (const { key, stats } of golden.entries) {
      const dtype = dtypeOf(document, key);
      const found = scanned.get(key);
      expect(found?.error, key).toBeUndefined();
      try {
        compare(found?.stats as TensorStats, stats, dtype);
      } catch (error) {
        throw new Error(`${key} (${dtype}): ${(error as Error).message}`, { cause: error });
      }
    }
  });
});

describe.each(goldens.map((golden) => [golden.of, golden] as const))('slices of %s', (path, { entries }) => {
  test('have the statistics of what NumPy takes', async () => {
    const document = await open(path);
    const pool = localPool(openNodeHandle, 2);
    for (const { key, slices = {} } of entries) {
      const { id } = document.state.entries.at(rowOf(document, key));
      for (const [text, wanted] of Object.entries(slices)) {
        const scan = scanSlice(document, id, text, pool);
        try {
          if (wanted === null) await expect(scan).rejects.toMatchObject({ info: { kind: 'bad-input' } });
          else compare((await scan).stats as TensorStats, wanted, dtypeOf(document, key));
        } catch (error) {
          throw new Error(`${key}[${text}]: ${(error as Error).message}`, { cause: error });
        }
      }
    }
  });
});

const withRows = goldens.flatMap(({ of, entries }) =>
  entries.flatMap(({ key, rows }) => (rows ? [[of, key, rows] as const] : [])),
);
test.each(withRows)('statistics of rows of %s: %s', async (path, key, wanted) => {
  const document = await open(path);
  const { stats } = await scanRows(document, rowOf(document, key), localPool(openNodeHandle, 2));
  for (const name of ['min', 'max', 'mean', 'std', 'l2', 'zeros'] as const) {
    expect(stats[name].length).toBe(wanted[name]?.length);
    wanted[name]?.forEach((want, i) => void near(stats[name][i], want, /min|max/.test(name) ? 0 : 1e-7, 1e-12));
  }
});

const rowOf = (document: Document, key: string): number => {
  const { entries } = document.state;
  return Array.from({ length: entries.length }, (_, row) => row).find((row) => entries.at(row).key === key) as number;
};

test('every type that has numbers is compared', async () => {
  const compared = new Set<DType>();
  for (const { of, entries } of goldens) {
    const document = await open(of);
    for (const { key } of entries) compared.add(dtypeOf(document, key));
  }
  // Blocks are f32 by the time they are counted.
  const others = DTYPE_ORDER.filter((dtype) => !compared.has(dtype) && !isBlockDType(dtype));
  // Six bits are refused; nobody writes 2- and 4-bit integers as tensors of their own yet; torch cannot convert the last.
  expect(others).toEqual(['u4', 'i4', 'u2', 'i2', 'f6_e2m3', 'f6_e3m2', 'quint2x4']);
});

test('dead, constant and duplicate channels are found', async () => {
  const document = await open('stats/numbers.safetensors');
  for (const key of ['channels.f32', 'channels.bf16']) {
    const rows = await scanRows(document, rowOf(document, key), localPool(openNodeHandle));
    expect(rows).toMatchObject({ rowLength: 50, dead: [3, 9], constant: [11], duplicates: [[5, 17, 21]] });
  }
});

test('places of extremes are those of the first such element', async () => {
  const document = await open('stats/numbers.safetensors');
  const scanned = await scanAll(document);
  expect(scanned.get('ramp.i32')?.stats).toMatchObject({ minAt: 0, maxAt: 40_000 });
  expect(scanned.get('negative-zero.f32')?.stats).toMatchObject({ minAt: 0, maxAt: 2, zeros: 3 });
  expect(scanned.get('constant.f32')?.stats).toMatchObject({ minAt: 0, maxAt: 0, std: 0 });
  const bytes = readFileSync(join(FIXTURES, 'stats/numbers.safetensors'));
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerBytes).toString());
  for (const key of ['special.f32', 'sparse.f32']) {
    const [from, to] = header[key].data_offsets as [number, number];
    const values = new Float32Array(bytes.buffer.slice(8 + headerBytes + from, 8 + headerBytes + to));
    const finite = values.filter(Number.isFinite);
    const stats = scanned.get(key)?.stats;
    expect(stats?.minAt).toBe(values.indexOf(finite.reduce((a, b) => Math.min(a, b))));
    expect(stats?.maxAt).toBe(values.indexOf(finite.reduce((a, b) => Math.max(a, b))));
  }
});

test('tied tensors are read once and told of each other', async () => {
  const document = await open('pytorch/tied.bin');
  const scanned = await scanAll(document);
  const tied = [...scanned.values()].filter((stats) => stats.sameAs.length > 0);
  expect(tied.length).toBeGreaterThanOrEqual(2);
  const totals: number[] = [];
  const rows = tied.map((stats) => stats.id);
  await scanStats(document, rows, localPool(openNodeHandle), () => undefined, {
    onProgress: (done, total) => totals.push(done, total),
  });
  const groups = tied.filter((stats) => stats.sameAs.every((other) => other > stats.id));
  const bytes = groups.map(({ id }) => {
    const { value } = document.state.entries.at(id);
    return value.type === 'tensor' ? (packedBytes(value.dtype, countElements(value.shape)) ?? 0) : 0;
  });
  expect(totals.at(-1)).toBe(totals.at(-2));
  expect(totals.at(-1)).toBe(bytes.reduce((a, b) => a + b, 0));
  expect(groups.length).toBeLessThan(tied.length);
});

test('what has no numbers is told as its error, and stops no other', async () => {
  const document = await open('safetensors/every-tag.safetensors');
  const scanned = await scanAll(document);
  expect(scanned.get('f6_e2m3')).toMatchObject({ error: { kind: 'unsupported' } });
  expect([...scanned.values()].filter((stats) => stats.stats).length).toBe(scanned.size - 2);
});

test('a scan that is cancelled ends so, and one of a file that is cut says where', async () => {
  const document = await open('stats/numbers.safetensors');
  const signal = AbortSignal.abort();
  const pool = localPool(openNodeHandle);
  const scan = scanStats(document, [0, 1, 2], pool, () => undefined, { signal });
  await expect(scan).rejects.toMatchObject({ info: { kind: 'cancelled' } });
});

test('statistics by another axis are those of its columns', async () => {
  const document = await open('stats/numbers.safetensors');
  const row = rowOf(document, 'channels.f32');
  const { values, shape } = await readValues(document, row);
  const [rows, columns] = shape as [number, number];
  const found = await scanRows(document, row, localPool(openNodeHandle), { axis: 1 });
  expect(found).toMatchObject({ rowLength: rows, stats: { rows: columns } });
  for (const column of [0, 7, columns - 1]) {
    const numbers = Array.from({ length: rows }, (_, i) => Number(values[i * columns + column]));
    expect(found.stats.min[column]).toBe(Math.min(...numbers));
    expect(found.stats.max[column]).toBe(Math.max(...numbers));
    expect(found.stats.mean[column]).toBeCloseTo(numbers.reduce((a, b) => a + b) / rows, 12);
  }
  await expect(scanRows(document, row, localPool(openNodeHandle), { axis: 2 })).rejects.toThrow('there is no axis 2');
});

test.each(['per_channel_qint8', 'per_channel_quint8_axis1', 'per_channel_quint4x2'])(
  'rows and columns of %s are of what its integers stand for',
  async (key) => {
    const document = await open('pytorch/quantised.pt');
    const row = rowOf(document, key);
    const { values, shape } = await readValues(document, document.state.entries.at(row).id);
    const [rows, columns] = shape as [number, number];
    for (const axis of [0, 1]) {
      const { stats } = await scanRows(document, row, localPool(openNodeHandle), { axis });
      const wanted = Array.from({ length: axis === 0 ? rows : columns }, (_, i) =>
        Math.max(
          ...[...values].map(Number).filter((_, at) => (axis === 0 ? Math.floor(at / columns) : at % columns) === i),
        ),
      );
      expect([...stats.max]).toEqual(wanted);
    }
  },
);
