import { describe, expect, it } from 'vitest';
import { StateglassError } from '../../base/errors.ts';
import { resolveShard, shardNaming } from '../../model/shards/shard-names.ts';
import { ROW_FLAG } from '../../model/state-dict.ts';
import { codesOf, f32, fileOf, headerOf, keysOf, openAll } from './make-file.fixture.ts';

const INDEX = 'm/model.safetensors.index.json';
const shard = (number: number, total = 3) => `model-0000${number}-of-0000${total}.safetensors`;
const file = (tensors: Readonly<Record<string, unknown>>, data: number) => fileOf(headerOf(tensors), data);
const index = (map: Readonly<Record<string, string>>, total?: number) =>
  JSON.stringify({ metadata: total === undefined ? {} : { total_size: total }, weight_map: map });

const ONE = file({ b: f32(0, 4), a: f32(4, 8) }, 8);
const TWO = file({ c: f32(0, 12) }, 12);
const MAP = { a: shard(1), b: shard(1), c: shard(2), d: shard(3), e: shard(3) };

describe('an index with its shards', () => {
  it('lists them in shard order, whatever the order of the map', async () => {
    const { state, used } = await openAll({
      [INDEX]: index({ c: shard(2), a: shard(1), b: shard(1) }, 20),
      [`m/${shard(2)}`]: TWO,
      [`m/${shard(1)}`]: ONE,
    });
    expect([keysOf(state), codesOf(state)]).toEqual([['b', 'a', 'c'], []]);
    expect([...used].sort()).toEqual([`m/${shard(1)}`, `m/${shard(2)}`, INDEX]);
    expect(state.storages.get(2)!.data).toMatchObject({ slices: [{ file: `m/${shard(2)}`, length: 12 }] });
    expect(state.metadata).toMatchObject([{ section: 'index', key: 'total_size' }]);
  });

  it('names what is in a missing shard, in its place', async () => {
    const { state, used } = await openAll({
      [INDEX]: index({ z: shard(1), ...MAP, a: shard(2), b: shard(2) }),
      [`m/${shard(2)}`]: ONE,
    });
    expect(keysOf(state)).toEqual(['z', 'b', 'a', 'd', 'e', 'c']);
    expect(codesOf(state)).toEqual(['missing-shard', 'missing-shard', 'weight-map']);
    const columns = state.entries.columns();
    expect([...columns.flags].map((bits) => (bits & ROW_FLAG.absent) !== 0)).toEqual([
      true,
      false,
      false,
      true,
      true,
      true,
    ]);
    expect([columns.params[0], columns.bytes[0], columns.dtype[0]]).toEqual([0, 0, 0]);
    expect(state.storages.get(0)!.data).toEqual({ kind: 'absent', why: `${shard(1)} is not open` });
    expect(state.entries.at(0).value).toMatchObject({ type: 'tensor', storage: 0, undeclared: true });
    expect(state.files.map((f) => f.part)).toEqual(['index', 'missing', 'model', 'missing']);
    expect(used).toEqual([INDEX, `m/${shard(2)}`]);
  });

  it('says where the map and the shards disagree', async () => {
    const { state } = await openAll({
      [INDEX]: index({ a: shard(2), b: shard(1), gone: shard(2) }, 21),
      [`m/${shard(1)}`]: ONE,
      [`m/${shard(2)}`]: TWO,
    });
    expect(keysOf(state)).toEqual(['b', 'a', 'c', 'gone']);
    expect(state.problems).toMatchObject([
      { code: 'total-size' },
      { code: 'weight-map', entry: 1 },
      { code: 'not-in-index', entry: 2 },
      { code: 'weight-map', entry: 3 },
    ]);
    expect(state.storages.get(3)!.data).toEqual({ kind: 'absent', why: `${shard(2)} does not hold it` });
    // A note marks nothing.
    expect([...state.entries.columns().flags].map((flags) => flags & ROW_FLAG.problem)).toEqual([0, 4, 0, 4]);
  });

  it('marks a name that two shards have', async () => {
    const { state } = await openAll({
      [INDEX]: index({ a: shard(1), b: shard(1), c: shard(2) }),
      [`m/${shard(1)}`]: ONE,
      [`m/${shard(2)}`]: file({ c: f32(0, 4), a: f32(4, 8) }, 8),
    });
    expect(state.problems).toMatchObject([{ code: 'two-shards', entry: 3 }]);
  });

  it.each([
    '/etc/x.safetensors',
    '../x.safetensors',
    'a/../../x',
    'https://h/x.safetensors',
    'C:\\x',
    'a\\b',
    '',
    'a//b',
  ])('never looks for %j', async (name) => {
    expect(resolveShard(INDEX, name)).toBeUndefined();
    const { state, used } = await openAll({ [INDEX]: index({ a: name }), x: ONE, [name || 'y']: ONE }, [INDEX]);
    expect([codesOf(state), used]).toEqual([['unsafe-name'], [INDEX]]);
  });

  it('finds shards in a folder below, and by two spellings of one name only once', async () => {
    expect(resolveShard(INDEX, './sub/a.safetensors')).toBe('m/sub/a.safetensors');
    const { state } = await openAll({
      [INDEX]: index({ a: 'sub/x.safetensors', b: './sub/x.safetensors' }),
      'm/sub/x.safetensors': ONE,
    });
    expect([keysOf(state), codesOf(state)]).toEqual([['b', 'a'], []]);
  });

  it('opens without a shard that is damaged', async () => {
    const { state } = await openAll({
      [INDEX]: index({ a: shard(1), b: shard(1), c: shard(2) }),
      [`m/${shard(1)}`]: fileOf('{"a":{"dtype":"Q","shape":[],"data_offsets":[0,1]},"oops"', 8),
      [`m/${shard(2)}`]: TWO,
    });
    expect([keysOf(state), codesOf(state)]).toEqual([['a', 'b', 'c'], ['bad-shard']]);
    expect([...state.entries.columns().flags].map((bits) => (bits & ROW_FLAG.absent) !== 0)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('keeps metadata in which shards differ', async () => {
    const { state } = await openAll({
      [INDEX]: index({ a: shard(1), b: shard(2) }),
      [`m/${shard(1)}`]: file({ __metadata__: { format: 'pt', n: '1' }, a: f32(0, 4) }, 4),
      [`m/${shard(2)}`]: file({ __metadata__: { format: 'pt', n: '2' }, b: f32(0, 4) }, 4),
    });
    expect(state.metadata.map(({ section, key }) => `${section}: ${key}`)).toEqual([
      '__metadata__: format',
      '__metadata__: n',
      `__metadata__ of ${shard(2)}: n`,
    ]);
    expect(state.dialect).toBe('torch');
  });

  it('reads no more than eight shards at a time', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `s${i}.safetensors`);
    const files = Object.fromEntries(names.map((name, i) => [`m/${name}`, file({ [`k${i}`]: f32(0, 4) }, 4)]));
    const map = Object.fromEntries(names.map((name, i) => [`k${i}`, name]));
    let running = 0;
    let most = 0;
    const { safetensors } = await import('./index.ts');
    const { sources } = await openAll({ [INDEX]: index(map), ...files });
    const slow = new Map(
      [...sources].map(([id, source]) => [
        id,
        {
          ...source,
          async read(start: number, end: number) {
            most = Math.max(most, ++running);
            await new Promise((resolve) => setTimeout(resolve, 2));
            running--;
            return source.read(start, end);
          },
        },
      ]),
    );
    const { read } = await safetensors.load();
    const result = await read({ id: INDEX, source: slow.get(INDEX)!, files: slow, set: [INDEX] });
    if ('decline' in result) throw new Error(result.decline);
    expect(most).toBe(8);
    expect(keysOf(result.state)).toEqual(names.map((_, i) => `k${i}`));
  });

  it.each([
    ['no map', '{"metadata":{}}'],
    ['a list for a map', '{"weight_map":[]}'],
    ['a number for a file', '{"weight_map":{"a":1}}'],
    ['text behind it', '{"weight_map":{}} x'],
  ])('refuses %s', async (_, text) => {
    await expect(openAll({ [INDEX]: text })).rejects.toMatchObject({ info: { kind: 'malformed' } });
  });
});

describe('shards without an index', () => {
  it('make one document', async () => {
    const { state, used } = await openAll({ [shard(1, 2)]: ONE, [shard(2, 2)]: TWO });
    expect([keysOf(state), codesOf(state), state.formatVersion]).toEqual([['b', 'a', 'c'], [], '2 shards']);
    expect(used).toEqual([shard(1, 2), shard(2, 2)]);
  });

  it('say which are missing, one alone too', async () => {
    const { state } = await openAll({ [shard(2)]: TWO });
    expect(state.problems).toMatchObject([{ code: 'missing-shard', message: expect.stringContaining(shard(3)) }]);
    expect(state.files.map((f) => [f.name, f.part])).toEqual([
      [shard(2), 'model'],
      [shard(1), 'missing'],
      [shard(3), 'missing'],
    ]);
  });

  it('that cannot be read at all are an error', async () => {
    await expect(openAll({ [shard(1, 2)]: new Uint8Array(3), [shard(2, 2)]: new Uint8Array(2) })).rejects.toThrow(
      StateglassError,
    );
  });
});

describe('gathering names', () => {
  it.each<[string, readonly string[], readonly (readonly string[])[]]>([
    ['unrelated files', ['a.safetensors', 'b.safetensors'], []],
    ['one shard alone', [shard(1)], []],
    ['numbered shards, in order', [shard(2), 'x.safetensors', shard(1)], [[shard(1), shard(2)]]],
    [
      'two models in one folder',
      [shard(1, 2), 'o-1-of-2.safetensors', shard(2, 2), 'o-2-of-2.safetensors'],
      [
        [shard(1, 2), shard(2, 2)],
        ['o-1-of-2.safetensors', 'o-2-of-2.safetensors'],
      ],
    ],
    ['the same name in two folders', [`a/${shard(1, 2)}`, `b/${shard(2, 2)}`], []],
    [
      'an index and its shards',
      [INDEX, `m/${shard(1)}`, 'm/adapter.safetensors', shard(1)],
      [[INDEX, `m/${shard(1)}`]],
    ],
    [
      'an index whose shards have other names',
      [INDEX, 'm/x.safetensors', 'y.safetensors'],
      [[INDEX, 'm/x.safetensors']],
    ],
    [
      'a variant beside the model',
      [INDEX, 'm/model.safetensors.index.fp16.json', 'm/model.fp16-00001-of-00001.safetensors', `m/${shard(1)}`],
      [
        [INDEX, `m/${shard(1)}`],
        ['m/model.safetensors.index.fp16.json', 'm/model.fp16-00001-of-00001.safetensors'],
      ],
    ],
    ['an index alone', [INDEX], [[INDEX]]],
    [
      'ten after nine',
      ['m-10-of-11.safetensors', 'm-9-of-11.safetensors'],
      [['m-9-of-11.safetensors', 'm-10-of-11.safetensors']],
    ],
  ])('%s', (_, names, sets) => expect(shardNaming('safetensors').gather(names)).toEqual(sets));
});
