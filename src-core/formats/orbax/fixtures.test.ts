import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../../base/errors.ts';
import { bufferSource } from '../../bytes/buffer.ts';
import { countingSource } from '../../bytes/counting.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { Entry, StateDict, Storage, TensorValue } from '../../model/state-dict.ts';
import { parseSlice, wholeSlice } from '../../tensor/slice.ts';
import { readSlice } from '../../tensor/view.ts';
import { unpackFolder } from '../fixture-files.fixture.ts';
import { orbax } from './index.ts';

const GOLDENS = new URL('../../fixtures/orbax/', import.meta.url);

interface Golden {
  readonly entries: readonly {
    readonly path: readonly (string | number)[];
    readonly type: string;
    readonly value?: unknown;
    readonly dtype?: string;
    readonly shape?: readonly number[];
    readonly values?: readonly (number | string)[];
  }[];
  readonly stripped?: boolean;
}

const golden = (name: string): Golden => JSON.parse(readFileSync(new URL(`${name}.zip.json`, GOLDENS), 'utf8'));

type Packed = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
const unpack = (name: string): Packed => unpackFolder(`orbax/${name}.zip`);

interface Opened {
  readonly state: StateDict;
  readonly files: ReadonlyMap<string, ReturnType<typeof countingSource>>;
}

async function open(packed: Packed): Promise<Opened> {
  const [set] = orbax.gather?.([...packed.keys()]) ?? [];
  const files = new Map(
    [...packed].map(([id, bytes]) => [id, countingSource(bufferSource(bytes, id.slice(id.lastIndexOf('/') + 1)))]),
  );
  const { read } = await orbax.load();
  const result = await read({ id: set![0]!, source: files.get(set![0]!) as ByteSource, files, set: set! });
  if ('decline' in result) throw new Error(result.decline);
  return { state: result.state, files };
}

const entriesOf = ({ entries }: StateDict): Entry[] =>
  Array.from({ length: entries.length }, (_, row) => entries.at(row));
const byPath = (a: { readonly path: readonly unknown[] }, b: { readonly path: readonly unknown[] }) =>
  JSON.stringify(a.path) < JSON.stringify(b.path) ? -1 : 1;
const storageOf = (state: StateDict, value: TensorValue): Storage => state.storages.get(value.storage!)!;
const find = (state: StateDict, key: string) =>
  entriesOf(state).find((entry) => entry.key === key) as Entry & { readonly value: TensorValue };

const readPart = async ({ state, files }: Opened, key: string, text?: string) => {
  const { value } = find(state, key);
  const slice = text === undefined ? wholeSlice(value.shape) : parseSlice(text, value.shape);
  const options = { name: key, format: 'Orbax' };
  return [...(await readSlice(value, storageOf(state, value), files, slice, options)).values].map((one) =>
    typeof one === 'bigint' ? `${one}` : Number.isNaN(one) ? 'NaN' : one,
  );
};

async function describeEntry(opened: Opened, { path, key, value }: Entry) {
  const base = { path: path.parts, type: value.type };
  if (value.type === 'tensor')
    return { ...base, dtype: value.dtype, shape: value.shape, values: await readPart(opened, key) };
  if (value.type === 'text') return { ...base, value: value.text };
  return value.type === 'empty' ? { ...base, value: value.of } : base;
}

describe('folders that Orbax and TensorStore wrote', () => {
  it.each(['ocdbt', 'ocdbt-zarr3', 'zarr2', 'nnx', 'nnx-pure', 'steps', 'zarr'])(
    '%s holds what is restored of it',
    async (name) => {
      const { entries, stripped } = golden(name);
      const opened = await open(unpack(name));
      const found = await Promise.all(entriesOf(opened.state).map((entry) => describeEntry(opened, entry)));
      expect(found.sort(byPath)).toEqual([...entries].sort(byPath));
      const codes = new Set(opened.state.problems.map(({ code, severity }) => `${severity} ${code}`));
      expect([...codes]).toEqual(stripped ? ['note value-suffix'] : name === 'zarr' ? ['note missing-chunk'] : []);
      expect(opened.state.dialect).toBe(stripped ? 'nnx' : 'generic');
    },
  );

  it('keep positions in a list apart from keys of a dict', async () => {
    const { state } = await open(unpack('ocdbt'));
    expect(find(state, 'list.1.x').path.kinds).toEqual(['key', 'index', 'key']);
    expect(find(state, 'list.1.x').path.parts).toEqual(['list', 1, 'x']);
    const nnx = await open(unpack('nnx'));
    expect(find(nnx.state, 'layers.0.kernel').path.parts).toEqual(['layers', '0', 'kernel']);
  });

  it('say which Variable holds a random key, and how it is made', async () => {
    const { role, roleSource, meta } = find((await open(unpack('nnx'))).state, 'drop.rngs.key');
    expect([role, roleSource]).toEqual([{ role: 'variable', variable: 'RngKey' }, 'file']);
    expect(meta).toContainEqual({
      section: 'orbax',
      key: 'random key',
      value: { kind: 'string', value: 'threefry2x32' },
    });
    expect(meta).toContainEqual({
      section: 'orbax',
      key: 'saved as',
      value: { kind: 'string', value: 'drop.rngs.key.value' },
    });
  });

  it('say how an array lay on its devices', async () => {
    const sharding = find((await open(unpack('ocdbt'))).state, 'params.dense.kernel').meta?.find(
      ({ key }) => key === 'sharding',
    );
    expect(JSON.stringify(sharding?.value)).toContain('NamedSharding');
    expect(JSON.stringify(sharding?.value)).toContain('model');
  });

  it('of a run are one set for each step, the newest first, with what lies beside', () => {
    const names = [...unpack('steps').keys()];
    const sets = orbax.gather?.(names) ?? [];
    expect(sets.map(([primary]) => primary)).toEqual([10, 2, 1].map((step) => `steps/${step}/state/_METADATA`));
    expect(sets.flat().sort()).toEqual(names.sort());
  });
});

describe('what is read', () => {
  it('to list is metadata and the nodes of the database, no chunk', async () => {
    const { files } = await open(unpack('zarr2'));
    for (const [id, source] of files) if (/\/\d[\d.]*$/.test(id)) expect([id, source.bytesRead]).toEqual([id, 0]);
  });

  it('of a slice is the chunks that it touches', async () => {
    const opened = await open(unpack('zarr2'));
    const wanted = golden('zarr2').entries.find(({ path }) => path.join('.') === 'params.dense.kernel')!.values!;
    expect(await readPart(opened, 'params.dense.kernel', '5, 4')).toEqual([wanted[5 * 6 + 4]]);
    const touched = [...opened.files].filter(([id, { bytesRead }]) => /kernel\/\d/.test(id) && bytesRead > 0);
    expect(touched.map(([id]) => id)).toEqual(['zarr2/params.dense.kernel/1.1']);
  });

  it('of a shard is its index and the chunk that is asked for', async () => {
    const opened = await open(unpack('zarr'));
    const wanted = golden('zarr').entries.find(({ path }) => path.join('.') === 'shards.packed')!.values!;
    expect(await readPart(opened, 'shards.packed', '4, 7')).toEqual([wanted[4 * 11 + 7]]);
    const touched = [...opened.files].filter(([id, { bytesRead }]) => /packed\/c/.test(id) && bytesRead > 0);
    expect(touched.map(([id]) => id)).toEqual(['zarr/shards/packed/c/1/1']);
    // An index of four chunks and its check sum, and one chunk of 24 bytes.
    expect(touched[0]![1].bytesRead).toBeLessThan(4 * 16 + 4 + 40);
  });
});

describe('damage', () => {
  const change = (
    packed: Packed,
    ending: string,
    make: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
  ) => {
    const id = [...packed.keys()].find((name) => name.endsWith(ending))!;
    return new Map(packed).set(id, make(packed.get(id)!.slice()));
  };
  const flip = (at: number) => (bytes: Uint8Array<ArrayBuffer>) => {
    bytes[at < 0 ? bytes.length + at : at]! ^= 1;
    return bytes;
  };
  const codesOf = ({ state }: Opened) => [...new Set(state.problems.map(({ code }) => code))];

  it('of a manifest leaves the tree, and says why there are no arrays', async () => {
    const opened = await open(change(unpack('ocdbt'), 'ocdbt/manifest.ocdbt', flip(30)));
    expect(codesOf(opened)).toEqual(['bad-database']);
    expect(opened.state.problems[0]!.message).toMatch(/check sum/);
    expect(entriesOf(opened.state).length).toBe(golden('ocdbt').entries.length);
  });

  it('of a node is found by its check sum', async () => {
    const packed = unpack('ocdbt');
    const root = [...packed.keys()].find((name) => /^ocdbt\/d\//.test(name))!;
    expect(codesOf(await open(change(packed, root, flip(-20))))).toEqual(['bad-database']);
  });

  it('of a data file that did not come along is told of its arrays alone', async () => {
    const packed = new Map(unpack('zarr2'));
    packed.delete('zarr2/params.dense.bias/.zarray');
    const { state } = await open(packed);
    expect(state.problems.map(({ code, message }) => [code, message.slice(0, 18)])).toEqual([
      ['missing-array', 'params.dense.bias '],
    ]);
    expect(find(state, 'params.dense.bias').value.undeclared).toBe(true);
  });

  it('of a chunk is an error where it is read', async () => {
    const opened = await open(change(unpack('zarr2'), 'params.dense.kernel/0.0', (bytes) => bytes.slice(0, -4)));
    await expect(readPart(opened, 'params.dense.kernel', '0, 0')).rejects.toThrow(StateglassError);
    expect((await readPart(opened, 'params.dense.kernel', '7, 5')).length).toBe(1);
  });

  it('of the index of a shard is found by its check sum', async () => {
    const opened = await open(change(unpack('zarr'), 'shards/packed/c/0/0', flip(-1)));
    await expect(readPart(opened, 'shards.packed', '0, 0')).rejects.toThrow(/check sum/);
  });

  it('of an array is a declared size that is refused before anything is made', async () => {
    const huge = (text: string) =>
      change(unpack('zarr'), 'v2/one/.zarray', () => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>);
    const chunk =
      '{"zarr_format":2,"dtype":"<f8","shape":[4000000000,4000000000],"chunks":[4000000000,2],"compressor":null,"fill_value":null,"filters":null,"order":"C"}';
    const opened = await open(huge(chunk));
    expect(codesOf(opened)).toContain('unread-array');
    expect(find(opened.state, 'v2.one').value.undeclared).toBe(true);
    expect(codesOf(await open(huge('{"zarr_format":2}')))).toContain('unread-array');
    expect(codesOf(await open(huge(chunk.replace('null,"filters"', '"blosc","filters"'))))).toContain('unread-array');
  });
});
