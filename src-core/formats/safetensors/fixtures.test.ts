import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { Entry } from '../../model/state-dict.ts';
import { safetensors } from './index.ts';

const FOLDER = new URL('../../fixtures/safetensors/', import.meta.url);

interface Golden {
  readonly expect?: string;
  readonly entries: readonly {
    readonly key: string;
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly params: number;
    readonly bytes: number;
    readonly file?: string;
  }[];
  readonly offsetKeys?: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

const load = (path: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(new URL(path, FOLDER)));
const golden = (path: string): Golden => JSON.parse(readFileSync(new URL(`${path}.json`, FOLDER), 'utf8'));
const singles = readdirSync(FOLDER).filter((name) => name.endsWith('.safetensors'));

async function open(files: readonly (readonly [string, Uint8Array<ArrayBuffer>])[]) {
  const sources = new Map<string, ByteSource>(
    files.map(([id, bytes]) => [id, bufferSource(bytes, id.slice(id.lastIndexOf('/') + 1))]),
  );
  const id = files[0]![0];
  const { read } = await safetensors.load();
  const result = await read({ id, source: sources.get(id)!, files: sources, set: [...sources.keys()] });
  if ('decline' in result) throw new Error(result.decline);
  return result;
}

const describeEntry = (entry: Entry) => {
  if (entry.value.type !== 'tensor') throw new Error(`${entry.key} is no tensor`);
  return { key: entry.key, dtype: entry.value.dtype, shape: entry.value.shape };
};
const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

describe('files written by the library', () => {
  it('are there', () => expect(singles.length).toBeGreaterThan(8));

  it.each(singles)('%s lists what the library lists', async (name) => {
    const wanted = golden(name);
    const { state, used } = await open([[name, load(name)]]);
    const entries = Array.from({ length: state.entries.length }, (_, row) => state.entries.at(row));
    expect(used).toEqual([name]);
    expect(entries.map(describeEntry).sort(byKey)).toEqual(
      wanted.entries.map(({ key, dtype, shape }) => ({ key, dtype, shape })).sort(byKey),
    );
    if (wanted.offsetKeys) expect(entries.map((entry) => entry.key)).toEqual(wanted.offsetKeys);
    const columns = state.entries.columns();
    const facts = new Map(wanted.entries.map((entry) => [entry.key, entry]));
    for (const [row, entry] of entries.entries()) {
      const { params, bytes, dtype, shape } = facts.get(entry.key)!;
      expect(columns.params[row]).toBe(params);
      expect(columns.bytes[row]).toBe(bytes);
      expect(columns.dtypes[columns.dtype[row]! - 1]).toBe(dtype);
      expect(columns.shapes[columns.shape[row]!]).toEqual(shape);
    }
    expect(
      Object.fromEntries(state.metadata.map(({ key, value }) => [key, value.kind === 'string' && value.value])),
    ).toEqual(wanted.metadata);
    expect(state.problems.map((problem) => problem.code)).toEqual(wanted.expect ? [expect.any(String)] : []);
  });
});

describe('a sharded model', () => {
  const index = 'sharded/model.safetensors.index.json';
  const wanted = golden(index);
  const shards = readdirSync(new URL('sharded/', FOLDER))
    .filter((name) => name.endsWith('.safetensors'))
    .map((name) => `sharded/${name}`);

  it('is what the library says of its shards, in shard order', async () => {
    const { state, used } = await open([index, ...shards].map((name) => [name, load(name)]));
    const entries = Array.from({ length: state.entries.length }, (_, row) => state.entries.at(row));
    expect(entries.map(describeEntry).sort(byKey)).toEqual(
      wanted.entries.map(({ key, dtype, shape }) => ({ key, dtype, shape })).sort(byKey),
    );
    const fileOf = new Map(wanted.entries.map((entry) => [entry.key, `sharded/${entry.file}`]));
    const files = entries.map((_, row) => {
      const storage = state.storages.get(row)!;
      return storage.data.kind === 'slices' ? storage.data.slices[0]!.file : '';
    });
    expect(files).toEqual(entries.map((entry) => fileOf.get(entry.key)));
    expect(files).toEqual([...files].sort());
    expect(state.problems).toEqual([]);
    expect([...used].sort()).toEqual([index, ...shards].sort());
    expect(state.files.map((file) => file.part)).toEqual(['index', 'model', 'model', 'model', 'model']);
  });
});
