import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import { countingSource } from '../../bytes/counting.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { directoryBytes, encodeDirectory, encodeLocal, type NewMember } from '../../bytes/zip-write.ts';
import type { Entry, JsonNode, StateDict, TensorValue } from '../../model/state-dict.ts';
import { wholeSlice } from '../../tensor/slice.ts';
import { readSlice } from '../../tensor/view.ts';
import { npy, npz } from './index.ts';

const FOLDER = new URL('../../fixtures/numpy/', import.meta.url);

interface Golden {
  readonly entries: readonly {
    readonly key: string;
    readonly type: string;
    readonly shape: readonly number[];
    readonly bytes: number;
    readonly dtype?: string;
    readonly values?: readonly (number | string)[];
    readonly text?: unknown;
  }[];
  readonly others?: Readonly<Record<string, number>>;
}

const load = (name: string) => Uint8Array.from(readFileSync(new URL(name, FOLDER)));
const golden = (name: string): Golden => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
const names = readdirSync(FOLDER).filter((name) => !name.endsWith('.json'));

async function open(name: string, bytes = load(name)) {
  const source = countingSource(bufferSource(bytes, name));
  const files = new Map([[name, source]]);
  const { read } = await (name.endsWith('.npz') ? npz : npy).load();
  const result = await read({ id: name, source, files, set: [name] });
  if ('decline' in result) throw new Error(result.decline);
  const read_ = (value: TensorValue) =>
    readSlice(value, result.state.storages.get(value.storage as number), files, wholeSlice(value.shape));
  return { state: result.state, source, read: read_ };
}

const listAll = ({ entries }: StateDict): Entry[] =>
  Array.from({ length: entries.length }, (_, row) => entries.at(row));

const plain = (node: JsonNode): unknown =>
  node.kind === 'array' ? node.items.map(plain) : node.kind === 'string' ? node.value : node;

/** As the golden spells them. */
const spell = (value: number | bigint): number | string => {
  if (typeof value === 'bigint') return value > 2n ** 53n || value < -(2n ** 53n) ? String(value) : Number(value);
  return Number.isFinite(value) ? value : Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
};

it('there are fixtures', () => expect(names.length).toBeGreaterThan(12));

describe.each(names)('%s', (name) => {
  const wanted = golden(name);

  it('lists what NumPy lists, with its values', async () => {
    const { state, read } = await open(name);
    const entries = listAll(state);
    const others = Object.keys(wanted.others ?? {});
    expect(entries.map(({ key }) => key)).toEqual([...wanted.entries.map(({ key }) => key), ...others]);
    const columns = state.entries.columns();
    for (const [row, fact] of wanted.entries.entries()) {
      const { value } = entries[row] as Entry;
      expect(value.type, fact.key).toBe(fact.type);
      if (fact.type !== 'opaque') expect(columns.bytes[row], fact.key).toBe(fact.bytes);
      if (value.type === 'text') expect(value.text).toBe(fact.text);
      if (value.type === 'json') expect(plain(value.json)).toEqual(fact.text);
      if (value.type !== 'tensor') continue;
      expect([fact.key, value.dtype, value.shape]).toEqual([fact.key, fact.dtype, fact.shape]);
      if (!fact.values) continue;
      const found = await read(value);
      const codes = value.dtype === 'f32' || value.dtype === 'c64' ? Math.fround : (x: number) => x;
      expect(Array.from(found.values as ArrayLike<number | bigint>, spell), fact.key).toEqual(
        fact.values.map((one) => (typeof one === 'number' ? codes(one) : one)),
      );
    }
    const isDamaged = state.problems.filter(({ severity }) => severity !== 'note');
    expect(isDamaged).toEqual([]);
  });
});

it('big-endian and Fortran order are views of the bytes as they are', async () => {
  const { state } = await open('orders.npz');
  const find = (key: string) => listAll(state).find((entry) => entry.key === key)?.value as TensorValue;
  expect(find('f32.fortran').strides).toEqual([1, 2]);
  expect(find('deep').strides).toEqual([1, 2, 6]);
  expect(find('thin').strides).toBeUndefined();
  expect(state.storages.get(find('f32.big').storage as number)?.endian).toBe('big');
  expect(state.storages.get(find('f32.fortran').storage as number)?.data.kind).toBe('slices');
});

it('fields at whole elements are views of one storage, others are gathered', async () => {
  const { state } = await open('records.npz');
  const find = (key: string) => listAll(state).find((entry) => entry.key === key)?.value as TensorValue;
  expect(find('aligned.a').storage).toBe(find('aligned.b').storage);
  expect(find('aligned.c')).toMatchObject({ offset: 2, shape: [2, 2, 2, 3], strides: [16, 8, 3, 1] });
  expect(state.storages.get(find('packed.x').storage as number)?.data.kind).toBe('derived');
  expect(find('nested.pos.y').strides).toEqual([5]);
});

it('names with slashes are modules', async () => {
  const { state } = await open('slashes.npz');
  expect(listAll(state).map(({ path }) => path.parts)).toEqual([
    ['params', 'Dense_0', 'kernel'],
    ['params', 'Dense_0', 'bias'],
    ['params', 'LayerNorm_0', 'scale'],
    ['cls'],
    ['target', 'decoder', 'layers_0', 'mlp', 'wi.0', 'kernel'],
    ['table', 'rows', 'v'],
    ['table', 'rows', 'w'],
  ]);
});

it('times keep their unit, raw bytes say what they are taken for', async () => {
  const { state } = await open('dtypes.npz');
  const meta = (key: string) =>
    Object.fromEntries(
      listAll(state)
        .find((entry) => entry.key === key)
        ?.meta?.map((item) => [item.key, plain(item.value)]) ?? [],
    );
  expect(meta('instant')).toMatchObject({ type: '<M8[ms]', unit: 'ms' });
  expect(meta('plain_span')).toMatchObject({ unit: 'generic' });
  expect(meta('f32')).toEqual({});
  const narrow = await open('narrow.npz');
  expect(narrow.state.problems).toMatchObject([{ code: 'void-as-bf16', severity: 'note' }]);
  expect(narrow.state.problems[0]?.message).toContain('3 arrays');
});

it('objects are listed and never made', async () => {
  const { state } = await open('objects.npy');
  expect(state.pickle?.globals.map(({ module, name }) => `${module}.${name}`)).toContain('collections.OrderedDict');
  expect(listAll(state)[0]?.value).toMatchObject({ type: 'opaque', typeName: 'numpy.ndarray' });
  expect(listAll(state)[0]?.value).toMatchObject({ text: expect.stringContaining("'deep': (3, 4.5)") });
  const dictionary = await open('dictionary.npy');
  expect(listAll(dictionary.state)[0]?.value).toMatchObject({
    text: expect.stringMatching(/^\{'weight': .*'epoch': 3\}$/),
  });
});

it('reads the directory and the headers of two gigabytes, and no elements', async () => {
  const header = load('fc.weight.npy').subarray(0, 128);
  const text = new TextDecoder('latin1').decode(header).replace('(3, 4), }', '(4096, 4096), }');
  const spelled = Uint8Array.from(`${text.slice(0, 127)}\n`, (char) => char.charCodeAt(0));
  const size = 128 + 4 * 4096 * 4096;
  const pieces: (readonly [number, Uint8Array])[] = [];
  const members: NewMember[] = [];
  let at = 0;
  for (let i = 0; i < 32; i++) {
    const member = { name: new TextEncoder().encode(`layers.${i}.weight.npy`), size, crc: 0, local: at };
    const local = encodeLocal(member);
    pieces.push([at, local], [at + local.length, spelled]);
    members.push(member);
    at += local.length + size;
  }
  pieces.push([at, encodeDirectory(members, at)]);
  const total = at + directoryBytes(members, at);
  expect(total).toBeGreaterThan(2 * 2 ** 30);
  const source = countingSource(sparseSource('large.npz', total, pieces));
  const { read } = await npz.load();
  const result = await read({ id: 'large.npz', source, files: new Map([['large.npz', source]]), set: ['large.npz'] });
  expect('state' in result && result.state.entries.length).toBe(32);
  expect(source.bytesRead).toBeLessThan(110_000);
});

/** Bytes here and there of a file of any size. */
function sparseSource(name: string, size: number, pieces: readonly (readonly [number, Uint8Array])[]): ByteSource {
  return {
    name,
    size,
    handle: { kind: 'path', path: '', name },
    async read(start, end) {
      const out = new Uint8Array(end - start);
      for (const [at, bytes] of pieces) {
        const [from, to] = [Math.max(start, at), Math.min(end, at + bytes.length)];
        if (from < to) out.set(bytes.subarray(from - at, to - at), from - start);
      }
      return out;
    },
  };
}
