import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { engine, replaceEngine } from './engine.ts';
import { openBytes, openFixture, PRIME, placesFile, tensorOf } from './open-fixture.fixture.ts';
import { readBlock } from './read-block.ts';
import { indexOfCell, type Shown, setAxes, sheetOf, showFirst, showSlice } from './shown-slice.ts';
import { type CellValue, type ShownPart, valueTiles } from './value-tiles.ts';

type GoldenNumber = number | string | boolean | readonly [number, number];
const TENSORS = 'src-core/fixtures/slices/tensors.pt';
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../..', `${TENSORS}.json`), 'utf8')) as {
  slices: Record<string, Record<string, { shape: number[]; values: GoldenNumber[] } | null>>;
};

/** As the golden writes it: what JSON has no number for as text. */
function plain(value: CellValue | undefined): unknown {
  if (typeof value === 'object') return value.map(plain);
  const number = Number(value);
  if (typeof value === 'bigint' && !Number.isSafeInteger(number)) return String(value);
  if (Object.is(number, -0)) return '-0';
  return Number.isFinite(number) ? number : Number.isNaN(number) ? 'nan' : number > 0 ? 'inf' : '-inf';
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

async function partOf(document: number, key: string, show: (shape: readonly number[]) => Shown): Promise<ShownPart> {
  const { entry, tensor } = await tensorOf(document, key);
  return { document, entry, tensor, shown: show(tensor.shape), raw: false };
}

describe('every cell is the number that torch has there', () => {
  let document = 0;
  beforeAll(async () => {
    document = await openFixture(TENSORS);
  });

  test.each(Object.keys(golden.slices))('%s', async (key) => {
    const whole = golden.slices[key]?.[''];
    if (!whole || whole.values.length === 0) return;
    const shows = [showFirst];
    if (whole.shape.length > 1) shows.push((shape) => setAxes(showFirst(shape), shape, 0, shape.length - 1));
    if (whole.shape.length > 1) shows.push((shape) => setAxes(showFirst(shape), shape, shape.length - 1, 0));
    for (const show of shows) {
      const part = await partOf(document, key, show);
      const tiles = valueTiles(part);
      const sheet = sheetOf(part.shown);
      tiles.want({ from: 0, to: sheet.rows }, { from: 0, to: sheet.columns });
      await settled();
      for (let at = 0; at < sheet.count; at++) {
        const [row, column] = [Math.floor(at / sheet.columns), at % sheet.columns];
        const flat = indexOfCell(part.shown, row, column).reduce((sum, i, axis) => sum * whole.shape[axis]! + i, 0);
        const wanted = whole.values[flat];
        const found = plain(tiles.valueAt(row, column));
        expect(found, `${key} ${row} ${column}`).toEqual(typeof wanted === 'boolean' ? Number(wanted) : wanted);
      }
    }
  });
});

describe('a large matrix', () => {
  let document = 0;
  const asked: string[] = [];
  beforeAll(async () => {
    document = await openBytes(placesFile([500, 700]), 'places.safetensors');
    const real = engine();
    replaceEngine({
      ...real,
      values: (request, call) => {
        asked.push(request.slice ?? '');
        return real.values(request, call);
      },
    });
  });

  test('only what is in sight is read first', async () => {
    asked.length = 0;
    const tiles = valueTiles(await partOf(document, 'places', showFirst));
    tiles.want({ from: 100, to: 120 }, { from: 300, to: 308 });
    expect(asked).toEqual(['96:128,256:384']);
    await settled();
    expect(tiles.valueAt(110, 305)).toBe((110 * 700 + 305) % PRIME);
    expect(tiles.valueAt(0, 0)).toBeUndefined();
  });

  test('turned round, tiles keep to the way the storage runs', async () => {
    asked.length = 0;
    const part = await partOf(document, 'places', (shape) => setAxes(showFirst(shape), shape, 1, 0));
    const tiles = valueTiles(part);
    tiles.want({ from: 699, to: 700 }, { from: 499, to: 500 });
    expect(asked).toEqual(['480:500,640:700']);
    await settled();
    expect(tiles.valueAt(699, 499)).toBe((499 * 700 + 699) % PRIME);
  });

  test('a part asked for again finds what was read', async () => {
    const tiles = valueTiles(await partOf(document, 'places', () => showSlice('7:9, :', [500, 700])));
    tiles.want({ from: 0, to: 2 }, { from: 0, to: 4 });
    await settled();
    const again = valueTiles(await partOf(document, 'places', () => showSlice('7:9, :', [500, 700])));
    expect(again.valueAt(1, 3)).toBe(8 * 700 + 3);
  });

  test('a block is copied by rows, also turned round', async () => {
    const part = await partOf(document, 'places', showFirst);
    expect(await readBlock(part, { from: 1, to: 3 }, { from: 4, to: 6 })).toEqual([
      [704, 705],
      [1404, 1405],
    ]);
    const turned = await partOf(document, 'places', (shape) => setAxes(showFirst(shape), shape, 1, 0));
    expect(await readBlock(turned, { from: 4, to: 6 }, { from: 1, to: 3 })).toEqual([
      [704, 1404],
      [705, 1405],
    ]);
    const line = await partOf(document, 'places', () => showSlice('1, :', [500, 700]));
    expect(await readBlock(line, { from: 0, to: 2 }, { from: 98, to: 100 })).toEqual([
      [798, 799],
      [898, 899],
    ]);
  });
});
