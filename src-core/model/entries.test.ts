import { describe, expect, it } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import { listEntries, valueBytes } from './entries.ts';
import type { PathPart } from './keys/key.ts';
import { type Entry, NO_SHAPE, ROLE_ORDER, ROW_FLAG, VALUE_ORDER, type Value } from './state-dict.ts';
import { listStorages } from './storages.ts';
import { undeclaredTensor } from './value.ts';

const entry = (id: number, parts: readonly PathPart[], value: Value, over: Partial<Entry> = {}): Entry => ({
  id,
  path: { parts, kinds: parts.map(() => 'key'), raw: null },
  key: parts.join('.'),
  value,
  role: { role: 'parameter' },
  roleSource: 'file',
  ...over,
});
const tensor = (shape: readonly number[], storage?: number): Value =>
  storage === undefined
    ? { type: 'tensor', dtype: 'f32', shape, offset: 0 }
    : { type: 'tensor', dtype: 'f32', shape, offset: 0, storage };
const storages = listStorages([
  { id: 0, byteLength: 24, endian: 'little', data: { kind: 'inline', bytes: new Uint8Array(24) } },
  { id: 1, byteLength: 8, endian: 'little', data: { kind: 'absent', why: 'shard is not open' } },
]);

describe('listEntries', () => {
  it('writes paths as tagged parts, so that 0 and "0" differ', () => {
    const columns = listEntries([
      entry(0, ['a', 0], { type: 'null' }),
      entry(1, ['a', '0'], { type: 'null' }),
      entry(2, [], { type: 'null' }),
      entry(3, ['wé😀'], { type: 'null' }),
    ]).columns();
    const path = (row: number) => [...columns.paths.slice(columns.pathStart[row], columns.pathStart[row + 1])];
    expect(path(0)).toEqual([0xff, 0x61, 0xfe, 0x30]);
    expect(path(1)).toEqual([0xff, 0x61, 0xff, 0x30]);
    expect(path(2)).toEqual([]);
    expect(path(3)).toEqual([0xff, ...new TextEncoder().encode('wé😀')]);
  });

  it('keeps long paths whole when the buffer grows', () => {
    const long = 'ж'.repeat(5000);
    const columns = listEntries([entry(0, [long], { type: 'null' })]).columns();
    expect(new TextDecoder().decode(columns.paths.subarray(1))).toBe(long);
  });

  it('counts elements and bytes, interning dtypes and shapes', () => {
    const columns = listEntries(
      [
        entry(0, ['a'], tensor([2, 3], 0)),
        entry(1, ['b'], { type: 'text', text: 'né' }),
        entry(2, ['c'], tensor([2, 3], 0)),
        entry(3, ['d'], { ...tensor([], 0), dtype: 'i64' } as Value),
      ],
      { storages },
    ).columns();
    expect([...columns.params]).toEqual([6, 0, 6, 1]);
    expect([...columns.bytes]).toEqual([24, 3, 24, 8]);
    expect([...columns.shape]).toEqual([0, NO_SHAPE, 0, 1]);
    expect(columns.shapes).toEqual([[2, 3], []]);
    expect([...columns.dtype].map((code) => columns.dtypes[code - 1])).toEqual(['f32', undefined, 'f32', 'i64']);
    expect([...columns.types].map((code) => VALUE_ORDER[code])).toEqual(['tensor', 'text', 'tensor', 'tensor']);
  });

  it('marks no entry for a note', () => {
    const note = { code: 'x', severity: 'note', message: 'x', entry: 0 } as const;
    const { flags } = listEntries([entry(0, ['a'], { type: 'null' })], { problems: [note] }).columns();
    expect(flags[0]).toBe(0);
  });

  it('gives a tensor that nobody declared neither dtype, shape nor elements', () => {
    const columns = listEntries([entry(0, ['a'], undeclaredTensor(1))], { storages }).columns();
    expect([columns.dtype[0], columns.shape[0], columns.params[0], columns.bytes[0]]).toEqual([0, NO_SHAPE, 0, 0]);
    expect([columns.dtypes, columns.shapes, columns.flags[0]]).toEqual([[], [], ROW_FLAG.absent]);
  });

  it('marks aliases, owners, problems, guesses and absent bytes', () => {
    const columns = listEntries(
      [
        entry(10, ['a'], tensor([6], 0)),
        entry(11, ['b'], tensor([6], 0), { roleSource: 'heuristic', role: { role: 'buffer' } }),
        entry(12, ['c'], tensor([2], 1)),
        entry(13, ['d'], tensor([2])),
        entry(14, ['e'], tensor([2])),
      ],
      {
        storages,
        shares: [{ kind: 'same-storage', owner: 10, aliases: [11, 14] }],
        problems: [{ code: 'x', severity: 'error', message: 'x', entry: 13 }],
        isSecret: (e) => e.key === 'c',
        bytesOf: (e) => (e.key === 'e' ? 12 : undefined),
        countedApart: new Set([14]),
      },
    ).columns();
    expect([...columns.flags]).toEqual([
      ROW_FLAG.tied,
      ROW_FLAG.tied | ROW_FLAG.alias | ROW_FLAG.guessedRole,
      ROW_FLAG.absent | ROW_FLAG.secret,
      ROW_FLAG.absent | ROW_FLAG.problem,
      ROW_FLAG.tied,
    ]);
    expect(columns.bytes[4]).toBe(12);
    expect([...columns.roles].map((code) => ROLE_ORDER[code])).toEqual([
      'parameter',
      'buffer',
      'parameter',
      'parameter',
      'parameter',
    ]);
  });

  it('gives every caller columns of its own and refuses rows that are not there', () => {
    const list = listEntries([entry(0, ['a'], { type: 'null' })]);
    structuredClone(list.columns(), { transfer: [list.columns().paths.buffer] });
    expect(list.columns().paths.length).toBe(2);
    expect(() => list.at(1)).toThrow(StateglassError);
    expect(list.at(0).key).toBe('a');
  });
});

describe('valueBytes', () => {
  it('never counts an expanded view as more than its storage', () => {
    expect(valueBytes({ ...tensor([1000, 1000], 0), strides: [0, 0] } as Value, storages)).toBe(24);
  });
  it('counts nothing for bytes that are not here', () => {
    expect(valueBytes(tensor([2], 1), storages)).toBe(0);
    expect(valueBytes(tensor([2]), storages)).toBe(0);
  });
  it('measures JSON as it would be written', () => {
    const json = {
      kind: 'object',
      members: [['a', { kind: 'array', items: [{ kind: 'null' }, { kind: 'number', lexeme: '12' }] }]],
    } as const;
    expect(valueBytes({ type: 'json', json })).toBe('{"a":[null,12]}'.length);
  });
});

describe('listStorages', () => {
  it('finds by id whether or not ids are positions', () => {
    const storage = { byteLength: 0, endian: 'little', data: { kind: 'absent', why: 'x' } } as const;
    const sparse = listStorages([
      { ...storage, id: 7 },
      { ...storage, id: 3 },
    ]);
    expect(sparse.get(3)?.id).toBe(3);
    expect(sparse.get(0)).toBeUndefined();
    expect(storages.get(1)?.byteLength).toBe(8);
  });
});
