import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { nodeSource } from '../bytes/node.ts';
import { methodOf, PAIR_FLAG } from '../diff/pairing.ts';
import { invertAxes } from '../diff/states.fixture.ts';
import type { Entry } from '../model/state-dict.ts';
import { type CompareOptions, compareDocuments } from './compare.ts';
import { entriesOfPair } from './compared-entry.ts';
import type { Document } from './document.ts';
import { forecastContents } from './match-contents.ts';
import { openFiles } from './open.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/renames');
/** Of each file, by Hugging Face's name, the name that it has there. */
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(
  readFileSync(join(FOLDER, 'renames.json'), 'utf8'),
).names;

async function open(name: string): Promise<Document> {
  const path = join(FOLDER, `${name}.safetensors`);
  return (await openFiles([{ id: path, source: await nodeSource(path) }])).documents[0]!;
}

interface Found {
  readonly keyA: string;
  readonly keyB: string;
  readonly how: string;
  readonly confidence: number;
  readonly isRight: boolean;
  readonly isAmbiguous: boolean;
  readonly isUncertain: boolean;
  readonly axes: readonly number[] | undefined;
}

/** Pairs that were found from A to B, where `names` are B's. */
async function findPairs(
  nameA: string,
  nameB: string,
  names: Readonly<Record<string, string>>,
  options: CompareOptions = {},
): Promise<Found[]> {
  const [a, b] = [await open(nameA), await open(nameB)];
  const comparison = await compareDocuments(a, b, { contents: true, ...options });
  const { pairing } = comparison;
  return Array.from(pairing.how, (how, i) => ({ how, i })).flatMap(({ how, i }) => {
    const [inA, inB] = entriesOfPair(comparison, a, b, i);
    if (how === 0 || !inA || !inB) return [];
    return {
      keyA: inA.key,
      keyB: inB.key,
      how: methodOf(pairing, i),
      confidence: pairing.confidence[i]!,
      isRight: names[inA.key] === inB.key,
      isAmbiguous: (pairing.flags[i]! & PAIR_FLAG.ambiguous) !== 0,
      isUncertain: (pairing.flags[i]! & PAIR_FLAG.uncertain) !== 0,
      axes: pairing.layouts[pairing.layout[i]! - 1],
    };
  });
}

const shareOf = (found: readonly Found[], of: number) => found.filter(({ isRight }) => isRight).length / of;
const COUNT = Object.keys(NAMES.plain!).length;

describe('contents that are equal and unique: precision 1, recall 1', () => {
  it.each([
    ['plain', {}],
    ['opaque', {}],
    ['gguf', {}],
    ['gguf', { mappings: false }],
    ['flax', {}],
    ['flax', { mappings: false }],
    ['ddp', {}],
    ['ddp', { mappings: false }],
    ['compile', {}],
    ['both', {}],
  ] as const)('hf to %s, %o', async (name, options) => {
    const found = await findPairs('hf', name, NAMES[name]!, options);
    expect([shareOf(found, found.length), shareOf(found, COUNT)]).toEqual([1, 1]);
    expect(found.filter(({ isAmbiguous, isUncertain }) => isAmbiguous || isUncertain)).toEqual([]);
    expect(Math.min(...found.map(({ confidence }) => confidence))).toBeGreaterThanOrEqual(0.97);
  });
});

test('without reading, known names are enough and others are not told as sure', async () => {
  for (const name of ['gguf', 'flax', 'ddp', 'compile', 'both'] as const) {
    const found = await findPairs('hf', name, NAMES[name]!, { contents: false });
    expect([name, shareOf(found, found.length), shareOf(found, COUNT)]).toEqual([name, 1, 1]);
  }
  for (const name of ['plain', 'opaque'] as const) {
    const found = await findPairs('hf', name, NAMES[name]!, { contents: false });
    expect(found.filter(({ isUncertain }) => !isUncertain)).toEqual([]);
    process.stdout.write(
      `names alone, hf to ${name}: ${found.filter(({ isRight }) => isRight).length} of ${found.length} right\n`,
    );
  }
});

test('a tensor whose bytes are cut off is left alone, and the others are found', async () => {
  const [a, whole] = [await open('hf'), await open('opaque')];
  const { entries } = whole.state;
  const damaged = 't000';
  const at = (row: number): Entry => {
    const entry = entries.at(row);
    if (entry.key !== damaged || entry.value.type !== 'tensor') return entry;
    return { ...entry, value: { ...entry.value, offset: entry.value.offset + 1 } };
  };
  const columns = () => entries.columns();
  const b = { ...whole, state: { ...whole.state, entries: { length: entries.length, at, columns } } };
  const { summary } = await compareDocuments(a, b, { contents: true, guess: false });
  expect(summary).toEqual({ same: 0, changed: 0, added: 1, removed: 1, renamed: COUNT - 1 });
});

test('transposed weights are told, square ones too', async () => {
  const found = await findPairs('hf', 'plain', NAMES.plain!);
  const turned = found.filter(({ axes }) => axes !== undefined);
  expect(turned.map(({ keyA }) => keyA.split('.').slice(-2).join('.'))).toEqual(
    found.map(({ keyA }) => keyA.split('.').slice(-2).join('.')).filter((key) => /^c_.*weight$/.test(key)),
  );
});

test('kernels of convolutions are found in the other order of axes', async () => {
  const found = await findPairs('conv', 'conv-flax', NAMES['conv-flax']!);
  expect(found.map(({ isRight, how, axes }) => [isRight, how, axes?.join()])).toEqual([
    [true, 'content', '3,2,0,1'],
    [true, 'content', '3,2,0,1'],
    [true, 'content', '2,1,0'],
    [true, 'content', '2,1,0'],
  ]);
});

test('a model as it is initialised: ones and zeros go by names, and are marked', async () => {
  const found = await findPairs('fresh', 'fresh-plain', NAMES.plain!);
  const isConstant = ({ keyA }: Found) => /ln_|bias$/.test(keyA);
  expect(found.filter(isConstant).every(({ isAmbiguous }) => isAmbiguous)).toBe(true);
  expect(found.filter((one) => !isConstant(one)).every(({ isAmbiguous, isRight }) => !isAmbiguous && isRight)).toBe(
    true,
  );
  // Each bias goes with its weight; of the norms, which have neither, most are told by their numbers and likeness.
  process.stdout.write(
    `ambiguous: ${found.filter((one) => isConstant(one) && one.isRight).length} of ${found.filter(isConstant).length} right by names\n`,
  );
  expect(shareOf(found.filter(isConstant), COUNT - found.filter((one) => !isConstant(one)).length)).toBeGreaterThan(
    0.9,
  );

  const opaque = await findPairs('fresh', 'fresh-opaque', NAMES.opaque!);
  expect(opaque.filter(({ isAmbiguous, isRight }) => !isAmbiguous && !isRight)).toEqual([]);
  expect(opaque.filter(({ isAmbiguous }) => isAmbiguous).every(({ confidence }) => confidence < 0.6)).toBe(true);
});

test.each([
  ['hf', 'tuned-hard-plain'],
  ['hf', 'flax'],
  ['conv', 'conv-flax'],
  ['fresh', 'fresh-plain'],
])('%s to %s and back are the same pairs, with axes that lead back', async (nameA, nameB) => {
  const there = await findPairs(nameA, nameB, {});
  const back = await findPairs(nameB, nameA, {});
  const show = (keyA: string, keyB: string, { how, confidence, axes }: Found) =>
    [keyA, keyB, how, confidence.toFixed(6), axes].join(' ');
  expect(
    back.map((found) => show(found.keyB, found.keyA, { ...found, axes: found.axes && invertAxes(found.axes) })).sort(),
  ).toEqual(there.map((found) => show(found.keyA, found.keyB, found)).sort());
});

describe('after fine-tuning', () => {
  it.each([
    ['tuned-plain', NAMES.plain!],
    ['tuned-opaque', NAMES.opaque!],
    ['tuned-hard-plain', NAMES.plain!],
    ['tuned-hard-opaque', NAMES.opaque!],
  ])('%s', async (name, names) => {
    const found = await findPairs('hf', name, names);
    const sure = found.filter(({ isUncertain }) => !isUncertain);
    process.stdout.write(
      `${name}: precision ${shareOf(found, found.length).toFixed(3)}, of what is sure ${shareOf(sure, sure.length).toFixed(3)}, recall ${shareOf(found, COUNT).toFixed(3)}\n`,
    );
    expect(shareOf(sure, sure.length)).toBe(1);
    expect(shareOf(found, found.length)).toBeGreaterThanOrEqual(0.98);
    expect(shareOf(found, COUNT)).toBeGreaterThanOrEqual(0.95);
    expect(sure.every(({ how, confidence }) => how === 'content' && confidence < 1)).toBe(true);
  });
});

test('what a look into tensors reads is known before, and told while it is read', async () => {
  const [nameA, nameB] = Object.keys(NAMES) as [string, string];
  const [a, b] = [await open(nameA), await open(nameB)];
  const options = { mappings: false };
  const forecast = forecastContents(a, b, options);
  const told: (readonly [number, number])[] = [];
  const onContents = (done: number, total: number) => told.push([done, total]);
  await compareDocuments(a, b, { ...options, contents: true, onContents });
  expect(told).toHaveLength(forecast.tensors);
  expect(told.at(-1)).toEqual([forecast.bytes, forecast.bytes]);
  const all = [a, b].flatMap(({ state }) =>
    Array.from({ length: state.storages.size }, (_, i) => state.storages.get(i)),
  );
  expect(forecast.bytes).toBeLessThanOrEqual(all.reduce((sum, storage) => sum + (storage?.byteLength ?? 0), 0));
  expect(forecastContents(a, a)).toEqual({ tensors: 0, bytes: 0 });
});
