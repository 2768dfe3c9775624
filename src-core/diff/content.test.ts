import { expect, test } from 'vitest';
import { type Content, digestValues, sampleBoxes, turnBox } from './content.ts';
import { concordance, matchNoisy } from './match-noisy.ts';
import { openPairing } from './pair.ts';
import { PAIR_FLAG } from './pairing.ts';
import { stateOf } from './states.fixture.ts';

const indexOf = (place: readonly number[], shape: readonly number[]) =>
  place.reduce((index, at, axis) => index * shape[axis]! + at, 0);

test('a box is turned as NumPy turns it', () => {
  // np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1).ravel()
  const turned = [0, 4, 8, 12, 16, 20, 1, 5, 9, 13, 17, 21, 2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19, 23];
  expect([
    ...turnBox(
      Float64Array.from({ length: 24 }, (_, i) => i),
      [2, 3, 4],
      [2, 0, 1],
      1,
    ),
  ]).toEqual(turned);
  // Pairs of numbers stay together.
  expect([...turnBox(Float64Array.of(0, 1, 2, 3, 4, 5, 6, 7), [2, 2], [1, 0], 2)]).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
});

test('boxes hold the same elements whatever the order of axes', () => {
  const shape = [96, 40, 5];
  const axes = [2, 0, 1];
  const elementsOf = (dims: readonly number[], back: (place: readonly number[]) => readonly number[]) =>
    sampleBoxes(dims, 512)
      .flatMap((box) => {
        const places: number[] = [];
        for (let i = 0; i < box[0]!.count; i++)
          for (let j = 0; j < box[1]!.count; j++)
            for (let k = 0; k < box[2]!.count; k++)
              places.push(indexOf(back([box[0]!.start + i, box[1]!.start + j, box[2]!.start + k]), shape));
        return places;
      })
      .sort((a, b) => a - b);
  const own = elementsOf(shape, (place) => place);
  const turned = elementsOf(
    axes.map((axis) => shape[axis]!),
    (place) => {
      const back: number[] = [];
      for (const [i, axis] of axes.entries()) back[axis] = place[i]!;
      return back;
    },
  );
  expect(turned).toEqual(own);
  expect(own.length).toBe(512);
});

test('digests tell values, signs of zero and order apart', () => {
  const lists = [[1, 2], [2, 1], [0, 1], [-0, 1], [1, 0], [1, 2, 0], [Number.NaN, 1], []];
  expect(new Set(lists.map((list) => digestValues(Float64Array.from(list)))).size).toBe(lists.length);
});

test('concordance is 1 for equal, 0 for unrelated, and less for another scale or mean', () => {
  const a = Float64Array.of(1, 2, 3, 4);
  expect(concordance(a, a)).toBe(1);
  // 2 cov / (var + var + (difference of means)²) = 5 / (1.25 + 5 + 6.25)
  expect(concordance(a, Float64Array.of(2, 4, 6, 8))).toBeCloseTo(0.4, 12);
  expect(concordance(a, Float64Array.of(1, -1, -1, 1))).toBe(0);
  expect(concordance(Float64Array.of(1, 1), Float64Array.of(1, 1))).toBe(0);
});

/** Numbers that look random and are the same every time (mulberry32), spread about 0. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

test('fifteen hundred tensors of one shape find themselves after noise, without comparing all with all', () => {
  const count = 1500;
  const keys = (name: string) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i}`, [8, 8]]));
  const [a, b] = [stateOf(keys('a')), stateOf(keys('b'))];
  const next = numbers(5);
  const contentOf = (row: number, values: Float64Array): Content => ({
    row,
    group: 'float 8,8',
    isWhole: true,
    readings: [{ shape: [8, 8], values, digest: digestValues(values) }],
  });
  const drawn = Array.from({ length: count }, () => Float64Array.from({ length: 64 }, next));
  const inA = drawn.map((values, row) => contentOf(row, values));
  // Order says nothing: 7 and 1500 share no factor, so every row of A is somewhere in B.
  const inB = drawn.map((_, row) =>
    contentOf(
      row,
      drawn[(row * 7) % count]!.map((value) => value + 0.02 * next()),
    ),
  );
  const open = openPairing(a, b);
  const start = process.cpuUsage();
  matchNoisy(open, inA, inB);
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(20_000);
  const right = open.matches.filter(({ rowA, rowB }) => (rowB * 7) % count === rowA).length;
  expect(right / open.matches.length).toBeGreaterThanOrEqual(0.98);
  expect(right / count).toBeGreaterThanOrEqual(0.95);
});

test('values that have nothing to do with one another are not paired, however few they are', () => {
  const next = numbers(9);
  const sizes = [2, 3, 4, 8, 16, 24, 64, 512];
  const letters = 'abcdefghijklmnopqrst';
  const names = (side: 'p' | 'q') =>
    sizes.flatMap((size, at) =>
      [...letters].map((letter) => [`${side}${letters[at]}${side}${letter}`, [size]] as const),
    );
  const [a, b] = [stateOf(Object.fromEntries(names('p'))), stateOf(Object.fromEntries(names('q')))];
  const contentsOf = (list: ReturnType<typeof names>) =>
    list.map(([, [size]], row): Content => {
      const values = Float64Array.from({ length: size! }, next);
      return { row, group: `float ${size}`, isWhole: true, readings: [{ shape: [size!], values, digest: '' }] };
    });
  const open = openPairing(a, b, { mappings: false });
  matchNoisy(open, contentsOf(names('p')), contentsOf(names('q')));
  const sure = open.matches.filter(({ flags }) => !((flags ?? 0) & PAIR_FLAG.uncertain));
  expect(sure).toEqual([]);
  expect(open.matches.length).toBeLessThanOrEqual(8);
});
