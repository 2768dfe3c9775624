import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../base/limits.ts';
import { bufferSource } from '../../bytes/buffer.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { ROW_FLAG, type StateDict } from '../../model/state-dict.ts';
import { pytorch } from './index.ts';

const FOLDER = new URL('../../fixtures/pytorch/sharded/', import.meta.url);
const HOSTILE = new URL('../../fixtures/hostile/', import.meta.url);
const INDEX = 'pytorch_model.bin.index.json';
const shard = (number: number, total = 3) => `pytorch_model-0000${number}-of-0000${total}.bin`;
const SHARDS = [shard(1), shard(2), shard(3)];
const KEYS = [
  ['wte.weight', 'h.0.attn.weight', 'h.0.ln.weight'],
  ['h.1.attn.weight', 'h.1.ln.weight', 'h.2.attn.weight', 'h.2.ln.weight'],
  ['lm_head.weight', 'steps', 'tied.weight'],
] as const;

interface Golden {
  readonly entries: readonly {
    readonly key: string;
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly bytes: number;
    readonly file: string;
    readonly sharedWith?: readonly string[];
  }[];
  readonly values?: Readonly<Record<string, readonly number[]>>;
  readonly globals: readonly { readonly module: string; readonly name: string }[];
}

const load = (name: string, folder = FOLDER): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(new URL(name, folder)));
const golden = (name: string): Golden => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
const index = (map: Readonly<Record<string, string>>, total?: number) =>
  new TextEncoder().encode(
    JSON.stringify({ metadata: total === undefined ? {} : { total_size: total }, weight_map: map }),
  );
const MAP: Readonly<Record<string, string>> = Object.fromEntries(
  KEYS.flatMap((keys, i) => keys.map((key) => [key, shard(i + 1)])),
);

/** Opens these files as the set that `gather` makes of them. */
async function openAll(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>, folder = 'm/') {
  const sources = new Map<string, ByteSource>(
    Object.entries(files).map(([name, bytes]) => [folder + name, bufferSource(bytes, name)]),
  );
  const ids = [...sources.keys()];
  const set = pytorch.gather?.(ids)[0] ?? ids.slice(0, 1);
  const { read } = await pytorch.load();
  const result = await read({ id: set[0]!, source: sources.get(set[0]!)!, files: sources, set });
  if ('decline' in result) throw new Error(`declined: ${result.decline}`);
  return { ...result, sources };
}

const here = (...numbers: readonly number[]) => Object.fromEntries(numbers.map((n) => [shard(n), load(shard(n))]));
const entriesOf = ({ entries }: StateDict) => Array.from({ length: entries.length }, (_, row) => entries.at(row));
const keysOf = (state: StateDict) => entriesOf(state).map((entry) => entry.key);
const codesOf = (state: StateDict) => state.problems.map((problem) => problem.code);
const flagged = (state: StateDict, flag: number) =>
  keysOf(state).filter((_, row) => (state.entries.columns().flags[row]! & flag) !== 0);

describe('a sharded model of the library', () => {
  it('has the fixtures this is about', () => {
    expect(readdirSync(FOLDER).filter((name) => name.endsWith('.bin'))).toEqual(SHARDS);
    expect(golden(INDEX).entries.map(({ key }) => key)).toEqual(KEYS.flat());
  });

  it.each([
    ['with its index', { [INDEX]: load(INDEX), ...here(3, 1, 2) }],
    ['without it', here(2, 3, 1)],
  ])('is one document %s', async (_, files) => {
    const { state, used, sources } = await openAll(files);
    const wanted = golden(INDEX).entries;
    const found = entriesOf(state).map(({ key, value }) => {
      if (value.type !== 'tensor') throw new Error(`${key} is no tensor`);
      const data = state.storages.get(value.storage!)!.data;
      const file = data.kind === 'slices' ? data.slices[0]!.file : '';
      return { key, dtype: value.dtype, shape: value.shape, file };
    });
    expect(found).toEqual(wanted.map(({ key, dtype, shape, file }) => ({ key, dtype, shape, file: `m/${file}` })));
    expect([...state.entries.columns().bytes]).toEqual(wanted.map(({ bytes }) => bytes));
    expect(codesOf(state)).toEqual([]);
    expect([...used].sort()).toEqual([...sources.keys()].sort());
    expect(state.formatVersion).toMatch(/^3 shards, zip \d+, protocol 2$/);
    expect(entriesOf(state).map((entry) => entry.id)).toEqual(wanted.map((_, row) => row));
  });

  it('points at the bytes of the right shard', async () => {
    const { state, sources } = await openAll({ [INDEX]: load(INDEX), ...here(1, 2, 3) });
    const values = Object.assign({}, ...SHARDS.map((name) => golden(name).values)) as Record<string, number[]>;
    for (const { key, value } of entriesOf(state)) {
      if (value.type !== 'tensor' || value.dtype !== 'f32') continue;
      const { data } = state.storages.get(value.storage!)!;
      if (data.kind !== 'slices') throw new Error(`${key} is not here`);
      const { file, offset, length } = data.slices[0]!;
      const bytes = await sources.get(file)!.read(offset, offset + length);
      expect([...new Float32Array(bytes.buffer)]).toEqual(values[key]);
    }
  });

  it('keeps ties, the index and one report of all pickles', async () => {
    const { state } = await openAll({ [INDEX]: load(INDEX), ...here(1, 2, 3) });
    expect(state.shares).toEqual([{ kind: 'same-storage', owner: 7, aliases: [9] }]);
    expect(state.files.map(({ name, part }) => [name, part])).toEqual([
      [INDEX, 'index'],
      ...SHARDS.map((name) => [name, 'model']),
    ]);
    expect(state.metadata.map(({ section, key }) => `${section} ${key}`)).toEqual([
      'index total_size',
      'archive byteorder',
      'archive version',
    ]);
    const names = new Set(SHARDS.flatMap((name) => golden(name).globals.map((g) => `${g.module} ${g.name}`)));
    expect(new Set(state.pickle?.globals.map((g) => `${g.module} ${g.name}`))).toEqual(names);
    expect(state.pickle?.globals).toHaveLength(names.size);
    const rebuilds = state.pickle!.globals.find((g) => g.name === '_rebuild_tensor_v2')!;
    expect(rebuilds.uses).toBeGreaterThanOrEqual(3);
    expect(state.pickle?.weightsOnly.accepted).toBe(true);
  });
});

describe('shards that are not all here', () => {
  it('are listed by name, in their place', async () => {
    const { state, used } = await openAll({ [INDEX]: load(INDEX), ...here(1, 3) });
    expect(keysOf(state)).toEqual(KEYS.flat());
    expect(flagged(state, ROW_FLAG.absent)).toEqual(KEYS[1]);
    expect(state.problems).toMatchObject([{ code: 'missing-shard', file: `m/${shard(2)}` }]);
    expect(used).toEqual([`m/${INDEX}`, `m/${shard(1)}`, `m/${shard(3)}`]);
    expect(state.files.map((file) => file.part)).toEqual(['index', 'model', 'missing', 'model']);
    const { value } = state.entries.at(3);
    expect(value).toMatchObject({ type: 'tensor', undeclared: true });
    const storage = value.type === 'tensor' ? state.storages.get(value.storage!) : undefined;
    expect(storage?.data).toEqual({ kind: 'absent', why: `${shard(2)} is not open` });
    const columns = state.entries.columns();
    expect([columns.dtype[3], columns.params[3], columns.bytes[3]]).toEqual([0, 0, 0]);
    // Ties of a later shard keep pointing at their own rows.
    expect(state.shares).toEqual([{ kind: 'same-storage', owner: 7, aliases: [9] }]);
  });

  it('are named by number where no index is', async () => {
    for (const files of [here(2), here(2, 3)]) {
      const { state } = await openAll(files);
      expect(state.problems).toMatchObject([{ code: 'missing-shard', message: expect.stringContaining(shard(1)) }]);
      expect(state.files.filter((file) => file.part === 'missing').map((file) => file.id)).toContain(`m/${shard(1)}`);
      expect(flagged(state, ROW_FLAG.absent)).toEqual([]);
    }
  });

  it('leave an index that can be read alone', async () => {
    const { state } = await openAll({ [INDEX]: load(INDEX) });
    expect(keysOf(state)).toEqual(KEYS.flat());
    expect([codesOf(state), state.pickle]).toEqual([['missing-shard', 'missing-shard', 'missing-shard'], undefined]);
  });

  it('opens without a shard that is damaged', async () => {
    const damaged = { ...here(1, 2, 3), [shard(2)]: load(shard(2)).subarray(0, 1000).slice() };
    const { state } = await openAll({ [INDEX]: load(INDEX), ...damaged });
    expect([keysOf(state), codesOf(state)]).toEqual([KEYS.flat(), ['bad-shard']]);
    expect(flagged(state, ROW_FLAG.absent)).toEqual(KEYS[1]);
    const numbered = await openAll({ ...damaged, [shard(3)]: new TextEncoder().encode('<html>') });
    expect([keysOf(numbered.state), codesOf(numbered.state)]).toEqual([KEYS[0], ['bad-shard', 'bad-shard']]);
  });

  it('are no PyTorch model when none is PyTorch', async () => {
    const text = new TextEncoder().encode('something else entirely');
    await expect(openAll({ [shard(1, 2)]: text, [shard(2, 2)]: text })).rejects.toThrow('declined');
  });

  it('fail with the error of the first when none can be read', async () => {
    const cut = load(shard(1)).subarray(0, 900).slice();
    await expect(openAll({ [shard(1, 2)]: cut, [shard(2, 2)]: cut })).rejects.toMatchObject({
      info: { kind: 'malformed', file: shard(1, 2) },
    });
  });
});

describe('an index and shards that disagree', () => {
  it('says which names are elsewhere, nowhere and unlisted', async () => {
    const { steps: _, ...map }: Record<string, string> = { ...MAP, 'wte.weight': shard(2), gone: shard(3) };
    const { state } = await openAll({ [INDEX]: index(map), ...here(1, 2, 3) });
    expect(keysOf(state)).toEqual([...KEYS.flat(), 'gone']);
    expect(state.problems).toMatchObject([
      { code: 'weight-map', entry: 0, severity: 'warning' },
      { code: 'not-in-index', entry: 8, severity: 'note' },
      { code: 'weight-map', entry: 10, file: `m/${shard(3)}` },
    ]);
    expect(flagged(state, ROW_FLAG.problem)).toEqual(['wte.weight', 'gone']);
    expect(flagged(state, ROW_FLAG.absent)).toEqual(['gone']);
  });

  it.each([
    ['ties once', 1592, []],
    ['ties each time', 1592 + 384, []],
    ['neither', 1591, ['total-size']],
  ])('takes a total_size that counts %s', async (_, total, codes) => {
    expect(codesOf((await openAll({ [INDEX]: index(MAP, total), ...here(1, 2, 3) })).state)).toEqual(codes);
  });

  it('marks names that two shards have', async () => {
    const files = { ...here(1, 2), [shard(3)]: load(shard(1)) };
    const { state } = await openAll({ [INDEX]: index({ ...MAP, 'wte.weight': shard(3) }), ...files });
    expect(codesOf(state)).toEqual(['two-shards', 'two-shards', 'two-shards', ...KEYS[2].map(() => 'weight-map')]);
    expect(state.problems.slice(0, 3).map((problem) => problem.entry)).toEqual([7, 8, 9]);
  });

  it.each(['/etc/x.bin', '../x.bin', 'https://h/x.bin', 'C:\\x.bin'])('never looks for %j', async (name) => {
    const { state, used } = await openAll({ [INDEX]: index({ a: name }), 'x.bin': load(shard(1)) });
    expect([codesOf(state), used, keysOf(state)]).toEqual([['unsafe-name'], [`m/${INDEX}`], ['a']]);
  });

  it('says in which shard something would run', async () => {
    const { state } = await openAll({ [INDEX]: index(MAP), ...here(1, 3), [shard(2)]: load('eval.pt', HOSTILE) });
    expect(state.problems).toContainEqual(expect.objectContaining({ code: 'unsafe-pickle', file: `m/${shard(2)}` }));
    expect(state.pickle?.weightsOnly).toMatchObject({ accepted: false, why: expect.stringContaining(shard(2)) });
    expect(state.pickle?.globals.some((global) => global.risk === 'code')).toBe(true);
  });
});

describe('the index itself', () => {
  it('is told from that of safetensors and from other JSON by what it holds', () => {
    const head = load(INDEX);
    expect([pytorch.probe(head, INDEX), pytorch.probe(head, 'unknown')]).toEqual(['yes', 'yes']);
    expect(pytorch.probe(index({ a: 'x.safetensors' }), 'model.json')).toBe('no');
    expect(pytorch.probe(new TextEncoder().encode('{"a": 1}'), 'config.json')).toBe('no');
  });

  it('is refused when it has no map, or is longer than any', async () => {
    const text = new TextEncoder().encode('{"metadata":{}}');
    await expect(openAll({ [INDEX]: text })).rejects.toMatchObject({ info: { kind: 'malformed', format: 'PyTorch' } });
    const long = new Uint8Array(LIMITS.pytorchIndexBytes + 1).fill(0x20);
    long[0] = 0x7b;
    await expect(openAll({ [INDEX]: long })).rejects.toMatchObject({ info: { limit: 'pytorchIndexBytes' } });
  });
});
