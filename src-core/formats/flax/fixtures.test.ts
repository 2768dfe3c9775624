import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import { countingSource } from '../../bytes/counting.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { Entry, StateDict } from '../../model/state-dict.ts';
import { wholeSlice } from '../../tensor/slice.ts';
import { readSlice } from '../../tensor/view.ts';
import { encodeArrayHead, encodeMapHeader, encodeText } from './encode.ts';
import { flax } from './index.ts';

const FOLDER = new URL('../../fixtures/flax/', import.meta.url);

interface GoldenEntry {
  readonly path: readonly (string | number)[];
  readonly type: string;
  readonly dtype?: string;
  readonly shape?: readonly number[];
  readonly values?: readonly (number | string)[];
  readonly value?: unknown;
}

const load = (path: string) => bufferSource(Uint8Array.from(readFileSync(new URL(path, FOLDER))), path);
const golden = (path: string): { readonly entries: readonly GoldenEntry[] } =>
  JSON.parse(readFileSync(new URL(`${path}.json`, FOLDER), 'utf8'));
const singles = readdirSync(FOLDER).filter((name) => name.endsWith('.msgpack'));

async function open(
  ...names: readonly string[]
): Promise<{ state: StateDict; files: ReadonlyMap<string, ByteSource> }> {
  const files = new Map(names.map((name) => [name, load(name)] as const));
  const id = names[0]!;
  const { read } = await flax.load();
  const result = await read({ id, source: files.get(id)!, files, set: names });
  if ('decline' in result) throw new Error(result.decline);
  return { state: result.state, files };
}

async function describeEntry({ path, value }: Entry, state: StateDict, files: ReadonlyMap<string, ByteSource>) {
  const base = { path: path.parts, type: value.type };
  switch (value.type) {
    case 'tensor': {
      const { dtype, shape } = value;
      if (dtype.startsWith('other:')) return { ...base, dtype, shape };
      const storage = state.storages.get(value.storage!);
      const { values } = await readSlice(value, storage, files, wholeSlice(shape), { name: 'x', format: 'Flax' });
      return { ...base, dtype, shape, values: [...values].map((one) => (typeof one === 'bigint' ? `${one}` : one)) };
    }
    case 'bytes': {
      const data = state.storages.get(value.storage)!.data;
      const slice = data.kind === 'slices' ? data.slices[0]! : undefined;
      const bytes = await files.get(slice!.file)!.read(slice!.offset, slice!.offset + slice!.length);
      return { ...base, value: Buffer.from(bytes).toString('hex') };
    }
    case 'int':
      return { ...base, value: value.digits };
    case 'text':
      return { ...base, value: value.text };
    case 'complex':
      return { ...base, value: [value.re, value.im] };
    case 'empty':
      return { ...base, value: value.of };
    case 'float':
    case 'bool':
      return { ...base, value: value.value };
    default:
      return base;
  }
}

const entriesOf = ({ entries }: StateDict): Entry[] =>
  Array.from({ length: entries.length }, (_, row) => entries.at(row));

describe('files written by flax', () => {
  it('are there', () => expect(singles.length).toBeGreaterThan(6));

  it.each(singles)('%s lists what msgpack_restore makes of it', async (name) => {
    const { state, files } = await open(name);
    const found = await Promise.all(entriesOf(state).map((entry) => describeEntry(entry, state, files)));
    const wanted = golden(name).entries.map((entry) => ({ ...entry, path: [...entry.path] }));
    expect(found.map((entry) => JSON.parse(JSON.stringify(entry)))).toEqual(wanted);
    expect(state.problems).toEqual([]);
  });

  it('tells integer keys from texts, and says which file is of flax.nnx', async () => {
    expect((await open('keys.msgpack')).state.dialect).toBe('nnx');
    expect((await open('nnx-pure.msgpack')).state.dialect).toBe('nnx');
    expect((await open('linen.msgpack')).state.dialect).toBe('generic');
    const parts = entriesOf((await open('keys.msgpack')).state).map(({ path }) => path.parts[1]);
    expect(parts.slice(0, 3)).toEqual([0, 1, '0']);
  });

  it('gives arrays above the size that flax packs at once as one tensor of several slices', async () => {
    const { state } = await open('chunked.msgpack');
    const data = state.storages.get(0)!.data;
    expect(data.kind === 'slices' && data.slices.length).toBe(4);
    expect(entriesOf(state).map(({ key }) => key)).toEqual(['embed', 'half', 'small']);
  });
});

describe('shards', () => {
  const index = 'sharded/flax_model.msgpack.index.json';
  const shards = [1, 2].map((n) => `sharded/flax_model-0000${n}-of-00002.msgpack`);

  it('of an index are one document', async () => {
    expect(flax.gather?.([...shards, index])).toEqual([[index, ...shards]]);
    const { state, files } = await open(index, ...shards);
    const found = await Promise.all(entriesOf(state).map((entry) => describeEntry(entry, state, files)));
    const byFile = golden(index).entries.map((entry) => {
      const { path, type, dtype, shape, values } = entry;
      return { path, type, dtype, shape, values };
    });
    expect(found).toEqual(byFile);
    expect(state.files.map(({ part }) => part)).toEqual(['index', 'model', 'model']);
    expect(state.problems).toEqual([]);
  });

  it('that are not here are listed by name', async () => {
    const { state } = await open(index, shards[0]!);
    const absent = entriesOf(state).filter(({ value }) => value.type === 'tensor' && value.undeclared);
    expect(absent.map(({ path }) => path.parts)).toEqual([
      ['transformer', 'h', '1', 'kernel'],
      ['transformer', 'ln_f', 'scale'],
    ]);
    expect(state.problems.map(({ code }) => code)).toEqual(['missing-shard']);
  });
});

it('reads headers only: what lies between a hundred arrays of a megabyte is some kilobytes each', async () => {
  const count = 100;
  const length = 2 ** 20;
  const head = (i: number) => [
    encodeText(`layer_${i}`),
    encodeArrayHead({ code: 1, shape: [length / 4], dtype: 'float32', length }),
  ];
  const size = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(
    1 + 2 + Array.from({ length: count }, (_, i) => size(head(i)) + length).reduce((a, b) => a + b),
  );
  let at = 0;
  const put = (part: Uint8Array) => {
    bytes.set(part, at);
    at += part.length;
  };
  put(encodeMapHeader(count));
  for (let i = 0; i < count; i++) {
    for (const part of head(i)) put(part);
    at += length;
  }
  const source = countingSource(bufferSource(bytes.subarray(0, at), 'large.msgpack'));
  const { read } = await flax.load();
  const result = await read({ id: 'a', source, files: new Map([['a', source]]), set: ['a'] });
  expect('state' in result && result.state.entries.length).toBe(count);
  expect(source.bytesRead).toBeLessThan((count + 2) * 8192);
});
