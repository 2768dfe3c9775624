import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import { countingSource } from '../../bytes/counting.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { readMetaList } from '../../model/meta-list.ts';
import type { JsonNode, MetaItem, StateDict } from '../../model/state-dict.ts';
import { gguf } from './index.ts';

const FOLDER = new URL('../../fixtures/gguf/', import.meta.url);

interface Golden {
  readonly entries: readonly {
    readonly key: string;
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly params: number;
    readonly bytes: number;
    readonly offset: number;
  }[];
  readonly metadata: readonly { readonly key: string; readonly type: string; readonly value: unknown }[];
}

const load = (path: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(new URL(path, FOLDER)));
const golden = (path: string): Golden => JSON.parse(readFileSync(new URL(`${path}.json`, FOLDER), 'utf8'));
const singles = readdirSync(FOLDER).filter((name) => name.endsWith('.gguf'));

async function open(names: readonly string[]) {
  const sources = new Map<string, ByteSource>(
    names.map((name) => [name, countingSource(bufferSource(load(name), name.slice(name.lastIndexOf('/') + 1)))]),
  );
  const id = names[0] as string;
  const { read } = await gguf.load();
  const result = await read({ id, source: sources.get(id) as ByteSource, files: sources, set: [...sources.keys()] });
  if ('decline' in result) throw new Error(result.decline);
  return { ...result, sources };
}

function tell(state: StateDict) {
  const columns = state.entries.columns();
  return Array.from({ length: state.entries.length }, (_, row) => {
    const { key, value } = state.entries.at(row);
    const storage = state.storages.get(row);
    if (value.type !== 'tensor' || storage?.data.kind !== 'slices') throw new Error(`${key} has no bytes`);
    const { offset, length } = storage.data.slices[0]!;
    return { key, dtype: value.dtype, shape: value.shape, params: columns.params[row], bytes: length, offset };
  });
}

const wantedRows = ({ entries }: Golden) =>
  entries.map(({ key, dtype, shape, params, bytes, offset }) => ({ key, dtype, shape, params, bytes, offset }));

/** As Python has it: what JSON has no exact number for is compared as the f32 or integer that it is. */
function plain(node: JsonNode, type: string): unknown {
  if (node.kind === 'number') return /u64|i64/.test(type) ? BigInt(node.lexeme) : rounded(Number(node.lexeme), type);
  if (node.kind === 'array') return node.items.map((item) => plain(item, type));
  return node.kind === 'string' || node.kind === 'bool' ? node.value : node;
}
function wantedValue(value: unknown, type: string): unknown {
  if (Array.isArray(value)) return value.map((item) => wantedValue(item, type));
  if (typeof value !== 'number') return value;
  return /u64|i64/.test(type) ? BigInt(value) : rounded(value, type);
}
const rounded = (value: number, type: string): number => (type.includes('f32') ? Math.fround(value) : value);
/** Integers past 2^53 would be rounded by JSON.parse. */
const SIXTY_FOUR: Readonly<Record<string, unknown>> = {
  'every.u64': 2n ** 64n - 1n,
  'every.i64': -(2n ** 63n),
  'every.list.u64': [2n ** 64n - 1n, 0n],
};

async function checkMetadata(
  items: readonly MetaItem[],
  wanted: Golden['metadata'],
  sources: ReadonlyMap<string, ByteSource>,
) {
  expect(items.map(({ key, type }) => [key, type])).toEqual(wanted.map(({ key, type }) => [key, type]));
  for (const [i, { key, type, value }] of wanted.entries()) {
    const { list, value: found } = items[i]!;
    if (!list) {
      expect(plain(found, type), key).toEqual(SIXTY_FOUR[key] ?? wantedValue(value, type));
      continue;
    }
    const { count, items: some } = value as { count: number; items: Readonly<Record<string, unknown>> };
    expect(list.count).toBe(count);
    const source = sources.get(list.bytes.file)!;
    for (const [at, item] of Object.entries(some)) {
      const [node] = await readMetaList(list, (start, end) => source.read(start, end), Number(at), 1);
      expect(plain(node!, type), `${key}[${at}]`).toEqual(wantedValue(item, type));
    }
  }
}

describe('files written by the library', () => {
  it('are there', () => expect(singles.length).toBeGreaterThan(5));

  it.each(singles)('%s lists what the library lists', async (name) => {
    const wanted = golden(name);
    const { state, used, sources } = await open([name]);
    expect(used).toEqual([name]);
    expect(tell(state)).toEqual(wantedRows(wanted));
    await checkMetadata(state.metadata, wanted.metadata, sources);
    expect(state.problems).toEqual([]);
  });

  it('shows dimensions in the order they are stored in, too', async () => {
    const { state } = await open(['tiny.gguf']);
    const { value, meta } = state.entries.at(3);
    expect(value).toMatchObject({ dtype: 'q4_0', shape: [2, 3, 32] });
    expect(meta?.map(({ key, value: said }) => [key, said.kind === 'string' && said.value])).toEqual([
      ['dimensions as stored', '32 × 3 × 2, fastest first'],
      ['type in the file', '2 (Q4_0)'],
    ]);
  });

  it('says which version and byte order they are of', async () => {
    const versionOf = async (name: string) => (await open([name])).state.formatVersion;
    expect(await versionOf('v1.gguf')).toBe('version 1');
    expect(await versionOf('big-endian.gguf')).toBe('version 3, big-endian');
  });
});

describe('a split model', () => {
  const files = readdirSync(new URL('split/', FOLDER))
    .filter((name) => name.endsWith('.gguf'))
    .map((name) => `split/${name}`);

  it('is one set by its names', () => {
    expect(gguf.gather?.(['a.gguf', ...files.toReversed()])).toEqual([files]);
  });

  it('is all its files in their order', async () => {
    const { state, used } = await open(files);
    expect(used).toEqual(files);
    expect(tell(state)).toEqual(files.flatMap((file) => wantedRows(golden(file))));
    expect(state.problems).toEqual([]);
    expect(state.formatVersion).toBe('version 3, 3 shards');
    expect(state.metadata.filter(({ key }) => key === 'split.no').map(({ section }) => section)).toEqual([
      'metadata',
      'metadata of model-00002-of-00003.gguf',
      'metadata of model-00003-of-00003.gguf',
    ]);
  });

  it('says which of its files are not open', async () => {
    const { state } = await open(files.slice(1, 2));
    expect(state.problems.map(({ code }) => code)).toEqual(['missing-shard']);
    expect(state.files.map(({ part }) => part)).toEqual(['model', 'missing', 'missing']);
  });
});
