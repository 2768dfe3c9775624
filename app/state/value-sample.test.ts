import { expect, test, vi } from 'vitest';
import { engine } from './engine.ts';
import { openBytes, PRIME, placesFile, tensorOf } from './open-fixture.fixture.ts';
import { type Shown, setAxes, showFirst, showSlice } from './shown-slice.ts';
import { sampleAhead, sampleValues, type ValueSample } from './value-sample.ts';

async function sampleAll(shape: readonly number[], shown: Shown): Promise<ValueSample[]> {
  const document = await openBytes(placesFile(shape), 'places.safetensors');
  const { entry, tensor } = await tensorOf(document, 'places');
  const samples: ValueSample[] = [];
  await sampleValues(
    { document, entry, tensor, shown, raw: false },
    (sample) => void samples.push(sample),
    new AbortController().signal,
  );
  return samples;
}

/** Whether number (i, j) of the sample is the one at its place in a matrix of so many columns. */
function expectPlaces(
  { rows, columns, rowStep, columnStep, values }: ValueSample,
  place: (row: number, column: number) => number,
) {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      expect(values[i * columns + j]).toBe(place(i * rowStep, j * columnStep) % PRIME);
    }
  }
}

test('a small sheet is read whole', async () => {
  const [sample, ...more] = await sampleAll([60, 70], showFirst([60, 70]));
  expect(more).toEqual([]);
  expect(sample).toMatchObject({ rows: 60, columns: 70, rowStep: 1, columnStep: 1 });
  expectPlaces(sample!, (row, column) => row * 70 + column);
});

test('a large one ever finer, each number at its place', async () => {
  const samples = await sampleAll([900, 1100], showFirst([900, 1100]));
  expect(samples.length).toBeGreaterThan(1);
  expect(samples.map(({ rowStep }) => rowStep)).toEqual(samples.map((_, i) => samples[0]!.rowStep / 2 ** i));
  for (const sample of samples) expectPlaces(sample, (row, column) => row * 1100 + column);
});

test('turned round it is the same picture turned', async () => {
  const shape = [900, 1100];
  const samples = await sampleAll(shape, setAxes(showFirst(shape), shape, 1, 0));
  for (const sample of samples) expectPlaces(sample, (row, column) => column * 1100 + row);
});

test('a long vector is sampled by its wrapped rows', async () => {
  const samples = await sampleAll([90_050], showSlice('::-1', [90_050]));
  const last = samples.at(-1)!;
  expect(last.columns).toBe(100);
  // The last row is short: what it does not have is no number.
  const there = (row: number, column: number) => 90_049 - (row * 100 + column);
  for (let i = 0; i < last.rows; i++) {
    for (let j = 0; j < 100; j++) {
      const at = there(i * last.rowStep, j);
      expect(last.values[i * 100 + j]).toBe(at < 0 ? Number.NaN : at % PRIME);
    }
  }
});

test('a cancelled picture is not finished', async () => {
  const document = await openBytes(placesFile([900, 1100]), 'places.safetensors');
  const { entry, tensor } = await tensorOf(document, 'places');
  const controller = new AbortController();
  const part = { document, entry, tensor, shown: showFirst(tensor.shape), raw: false };
  await expect(sampleValues(part, () => controller.abort(), controller.signal)).rejects.toMatchObject({
    info: { kind: 'cancelled' },
  });
});

test('what was read ahead is the first picture, once; what was cancelled meanwhile is read again', async () => {
  const shape = [900, 1100];
  const document = await openBytes(placesFile(shape), 'places.safetensors');
  const { entry, tensor } = await tensorOf(document, 'places');
  const part = { document, entry, tensor, shown: showFirst(shape), raw: false };
  const first = () =>
    new Promise<ValueSample>((resolve, reject) => {
      const controller = new AbortController();
      const keep = (sample: ValueSample) => {
        controller.abort();
        resolve(sample);
      };
      sampleValues(part, keep, controller.signal).catch((error) => controller.signal.aborted || reject(error));
    });
  const plain = await first();
  const asked = vi.spyOn(engine(), 'values');
  sampleAhead(part, new AbortController().signal);
  expect(asked).toHaveBeenCalledTimes(1);
  expect(await first()).toEqual(plain);
  expect(asked).toHaveBeenCalledTimes(1);
  expect(await first()).toEqual(plain);
  expect(asked).toHaveBeenCalledTimes(2);
  const gone = new AbortController();
  gone.abort();
  sampleAhead(part, gone.signal);
  await new Promise((resolve) => setTimeout(resolve));
  expect(await first()).toEqual(plain);
  asked.mockRestore();
});
