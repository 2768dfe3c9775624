import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import { bufferSource } from '../bytes/buffer.ts';
import { nodeSource } from '../bytes/node.ts';
import type { Entry, StateDict, TensorValue } from '../model/state-dict.ts';
import { bitsOf } from '../tensor/dtype.ts';
import type { Document } from './document.ts';
import { openFiles } from './open.ts';
import { type EntryValues, readStoredBytes, readValues } from './values.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
type GoldenNumber = number | string | boolean | readonly [GoldenNumber, GoldenNumber];
interface Golden {
  readonly entries?: readonly { key: string; dtype?: string; shape?: number[]; quant?: { scheme: string } }[];
  readonly values?: Readonly<Record<string, readonly GoldenNumber[] | null>>;
  readonly slices?: Readonly<
    Record<string, Readonly<Record<string, { shape: number[]; values: GoldenNumber[] } | null>>>
  >;
  readonly quantised?: Readonly<Record<string, { codes: number[]; values: number[] }>>;
}
const readGolden = (path: string): Golden => JSON.parse(readFileSync(join(FIXTURES, `${path}.json`), 'utf8'));

async function open(path: string): Promise<Document> {
  const { documents, failures } = await openFiles([{ id: path, source: await nodeSource(join(FIXTURES, path)) }]);
  expect(failures).toEqual([]);
  return documents[0]!;
}

const entriesOf = ({ entries }: StateDict): Entry[] =>
  Array.from({ length: entries.length }, (_, row) => entries.at(row));

function idOf(document: Document, key: string): number {
  const entry = entriesOf(document.state).find((one) => one.key === key);
  if (!entry) throw new Error(`${document.name} has no ${key}`);
  return entry.id;
}

/** Goldens write what JSON has no number for as text, and integers past 2^53 too. */
function wanted(value: GoldenNumber, wide: boolean): number | bigint {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (wide) return BigInt(value as number | string);
  if (typeof value !== 'string') return value as number;
  return value === 'nan' ? Number.NaN : Number(value.replace('inf', 'Infinity'));
}

function expectValues(got: EntryValues, numbers: readonly GoldenNumber[], what: string): void {
  const wide = !(got.values instanceof Float64Array);
  const flat = numbers.flatMap((value) => (Array.isArray(value) ? value : [value])) as GoldenNumber[];
  const want = flat.map((value) => wanted(value, wide));
  // `toEqual` on the arrays tells -0 from 0.
  expect([...got.values], what).toEqual(want);
}

const fixtures = ['safetensors', 'pytorch', 'pytorch/sharded', 'safetensors/sharded'].flatMap((folder) =>
  readdirSync(join(FIXTURES, folder))
    .map((name) => `${folder}/${name}`)
    .filter((path) => existsSync(join(FIXTURES, `${path}.json`)) && readGolden(path).values),
);

/** The numbers of a packed float4, by hand: goldens hold its bytes. */
const FLOAT4 = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6];

describe('every value of the fixtures', () => {
  it('is looked at', () => expect(fixtures.length).toBeGreaterThan(20));

  it.each(fixtures)('%s', async (path) => {
    const document = await open(path);
    const golden = readGolden(path);
    for (const [key, numbers] of Object.entries(golden.values ?? {})) {
      const id = idOf(document, key);
      const { value } = document.state.entries.at(id);
      if (value.type !== 'tensor') throw new Error(`${key} is no tensor`);
      if (numbers === null) {
        await expect(readValues(document, id)).rejects.toMatchObject({ info: { kind: 'not-found' } });
        continue;
      }
      if (bitsOf(value.dtype) === undefined) {
        await expect(readValues(document, id), key).rejects.toMatchObject({ info: { kind: 'unsupported' } });
        continue;
      }
      const got = await readValues(document, id, undefined, undefined, true);
      if (value.dtype === 'f4' || value.dtype.startsWith('bits')) {
        const bytes = numbers.map((hex) => Number.parseInt(hex as string, 16));
        const pairs = new Uint16Array(Uint8Array.from(bytes).slice(0, bytes.length & ~1).buffer);
        if (value.dtype === 'f4')
          expectValues(
            got,
            bytes.flatMap((b) => [FLOAT4[b & 15]!, FLOAT4[b >> 4]!]),
            key,
          );
        else expectValues(got, value.dtype === 'bits16' ? [...pairs] : bytes, key);
        continue;
      }
      if (value.dtype === 'quint4x2') continue;
      expectValues(got, numbers, `${path} ${key}`);
      expect(got).toMatchObject({ key, dtype: value.dtype, shape: value.shape, tensorShape: value.shape });
    }
  });
});

describe('slices', () => {
  const golden = readGolden('slices/tensors.pt').slices!;
  it.each(Object.keys(golden))('of %s are those of NumPy', async (key) => {
    const document = await open('slices/tensors.pt');
    const id = idOf(document, key);
    for (const [text, taken] of Object.entries(golden[key]!)) {
      if (!taken) {
        await expect(readValues(document, id, text), text).rejects.toMatchObject({ info: { kind: 'bad-input' } });
        continue;
      }
      const got = await readValues(document, id, text);
      expect(got.shape, text).toEqual(taken.shape);
      expectValues(got, taken.values, `${key}[${text}]`);
      expectValues(await readValues(document, id, got.sliceText), taken.values, `${key}[${got.sliceText}]`);
    }
  });

  it('of packed storages are unpacked', async () => {
    const document = await open('pytorch/repacked-deflated.pt');
    const [[key, numbers]] = Object.entries(readGolden('pytorch/repacked-deflated.pt').values!) as [[string, number[]]];
    const id = idOf(document, key);
    const { value } = document.state.entries.at(id);
    const storage = document.state.storages.get(value.type === 'tensor' ? value.storage! : -1)!;
    expect(storage.data).toMatchObject({ slices: [{ codec: 'deflate' }] });
    expectValues(await readValues(document, id), numbers, key);
    expectValues(
      await readValues(document, id, '-1'),
      numbers.slice(-numbers.length / ((value as TensorValue).shape[0] ?? 1)),
      key,
    );
  });
});

describe('quantised tensors', () => {
  const golden = readGolden('slices/quantised.pt').quantised!;
  it.each(Object.keys(golden))('%s', async (key) => {
    const document = await open('slices/quantised.pt');
    const id = idOf(document, key);
    const raw = await readValues(document, id, undefined, undefined, true);
    expect(raw.raw).toBe(true);
    expectValues(raw, golden[key]!.codes, key);
    const got = await readValues(document, id);
    expect(got.raw).toBe(false);
    expectValues(got, golden[key]!.values, key);
  });

  it('by channel have the scale of their own channel in every slice', async () => {
    const document = await open('slices/quantised.pt');
    const id = idOf(document, 'channels');
    const rows = (at: number) => golden.channels!.values.slice(6 * at, 6 * at + 6);
    expectValues(await readValues(document, id, '::-2'), [...rows(3), ...rows(1)], '::-2');
    expectValues(await readValues(document, id, '2, 1:3'), rows(2).slice(1, 3), '2, 1:3');
    const torch = await open('pytorch/quantised.pt');
    const codes = await readValues(torch, idOf(torch, 'per_channel_quint8_axis1'), undefined, undefined, true);
    const got = await readValues(torch, idOf(torch, 'per_channel_quint8_axis1'), '1:, ::-1');
    const want = [...codes.values].map((code, i) => Math.fround((Number(code) - (i % 3)) * [0.1, 0.2, 0.3][i % 3]!));
    expect([...got.values]).toEqual([1, 2, 3].flatMap((row) => want.slice(3 * row, 3 * row + 3).reverse()));
  });

  it('keep their scales in a model of several files', async () => {
    const shards: readonly [string, string][] = [
      ['pytorch_model-00001-of-00002.bin', 'pytorch/tiny.pt'],
      ['pytorch_model-00002-of-00002.bin', 'slices/quantised.pt'],
    ];
    const index = JSON.stringify({ weight_map: { weight: shards[0]![0], channels: shards[1]![0] } });
    const sources = [bufferSource(new TextEncoder().encode(index), 'pytorch_model.bin.index.json')];
    for (const [name, path] of shards)
      sources.push(bufferSource(Uint8Array.from(readFileSync(join(FIXTURES, path))), name));
    const { documents } = await openFiles(sources.map((source) => ({ id: source.name, source })));
    const document = documents.find(({ state }) => entriesOf(state).some(({ key }) => key === 'channels'))!;
    const { value } = document.state.entries.at(idOf(document, 'channels'));
    expect((value as TensorValue).storage).toBeGreaterThan(4);
    expectValues(await readValues(document, idOf(document, 'channels')), golden.channels!.values, 'channels');
  });

  it('of four bits', async () => {
    const document = await open('pytorch/quantised.pt');
    const key = 'per_channel_quint4x2';
    const numbers = readGolden('pytorch/quantised.pt').values![key] as number[];
    expectValues(await readValues(document, idOf(document, key)), numbers, key);
    const codes = numbers.map(
      (value, i) => Math.round(value / [0.1, 0.2, 0.3][Math.floor(i / 4)]!) + Math.floor(i / 4),
    );
    const raw = await readValues(document, idOf(document, key), undefined, undefined, true);
    expect([...raw.values]).toEqual(codes);
  });
});

describe('what has no values', () => {
  it('says so', async () => {
    const document = await open('pytorch/leaves.pt');
    const state: StateDict = document.state;
    const text = entriesOf(state).find((entry) => entry.value.type === 'text')!;
    await expect(readValues(document, text.id)).rejects.toMatchObject({ info: { kind: 'bad-input' } });
    await expect(readValues(document, 1e9)).rejects.toMatchObject({ info: { kind: 'not-found' } });
    await expect(readValues(document, -1)).rejects.toMatchObject({ info: { kind: 'not-found' } });
  });

  it('sparse tensors and meta tensors', async () => {
    const sparse = await open('pytorch/sparse-layouts.pt');
    await expect(readValues(sparse, idOf(sparse, 'batched'))).rejects.toMatchObject({ info: { kind: 'unsupported' } });
    const golden = readGolden('pytorch/sparse-layouts.pt').values!;
    const part = await readValues(sparse, idOf(sparse, 'bsc'), '1:3, 2:5');
    const wanted = [1, 2].flatMap((row) => golden.bsc!.slice(row * 6 + 2, row * 6 + 5));
    expect([...part.values]).toEqual(wanted);
    const meta = await open('pytorch/meta.pt');
    await expect(readValues(meta, idOf(meta, 'meta'))).rejects.toMatchObject({ info: { kind: 'not-found' } });
  });

  it('six-bit and unknown types', async () => {
    const tags = await open('safetensors/every-tag.safetensors');
    await expect(readValues(tags, idOf(tags, 'f6_e2m3'))).rejects.toMatchObject({ info: { kind: 'unsupported' } });
    const unknown = await open('safetensors/unknown-dtype.safetensors');
    const odd = entriesOf(unknown.state).find(
      ({ value }) => value.type === 'tensor' && value.dtype.startsWith('other:'),
    )!;
    await expect(readValues(unknown, odd.id)).rejects.toMatchObject({ info: { kind: 'unsupported' } });
  });
});

describe('stored bytes', () => {
  it('are those of the file', async () => {
    const document = await open('slices/tensors.pt');
    const bytes = await readStoredBytes(document, idOf(document, 'uint16'), 2, 8);
    expect([...bytes]).toEqual([3, 0, 6, 0, 9, 0]);
    await expect(readStoredBytes(document, idOf(document, 'uint16'), 40, 60)).rejects.toMatchObject({
      info: { kind: 'bad-input' },
    });
  });
});

it('reads of a truncated file what is left of it', async () => {
  const path = 'safetensors/dtypes.safetensors';
  const whole = Uint8Array.from(readFileSync(join(FIXTURES, path)));
  const source = bufferSource(whole.slice(0, whole.length - 3), 'cut.safetensors');
  const { documents } = await openFiles([{ id: 'cut.safetensors', source }]);
  const lost: string[] = [];
  for (const { id, key } of entriesOf(documents[0]!.state)) {
    const got = await readValues(documents[0]!, id).catch((error: unknown) => error);
    if (got instanceof StateglassError) {
      expect(got.info).toMatchObject({ kind: 'not-found', what: key });
      lost.push(key);
    } else if (key !== 'f4') expectValues(got as EntryValues, readGolden(path).values![key]!, key);
  }
  expect(lost).toHaveLength(1);
});

const hostile = readdirSync(join(FIXTURES, 'hostile')).filter((name) =>
  existsSync(join(FIXTURES, 'hostile', `${name}.json`)),
);

describe('hostile files', () => {
  it.each(hostile)('%s: every tensor has values or a reason', async (name) => {
    const path = join(FIXTURES, 'hostile', name);
    const { documents } = await openFiles([{ id: name, source: await nodeSource(path) }]);
    for (const document of documents) {
      const tensors = entriesOf(document.state).filter(({ value }) => value.type === 'tensor');
      for (const { id } of tensors.slice(0, 50)) {
        const { shape } = document.state.entries.at(id).value as TensorValue;
        const text = shape.map(() => ':5').join(',');
        const got = await readValues(document, id, text).catch((error: unknown) => error);
        if (!(got instanceof Error)) continue;
        expect(got).toBeInstanceOf(StateglassError);
        expect((got as StateglassError).info.kind).not.toBe('internal');
      }
    }
  });
});
