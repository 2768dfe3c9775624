import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listEntries } from '../../model/entries.ts';
import type { Entry, StateDict, Value } from '../../model/state-dict.ts';
import type { DType } from '../../tensor/dtype.ts';
import { write } from './write.ts';

const entry = (id: number, key: string, value: Value): Entry => ({
  id,
  key,
  path: { parts: [key], kinds: ['unknown'], raw: key },
  value,
  role: { role: 'unknown' },
  roleSource: 'heuristic',
});
const tensor = (storage: number, dtype: DType, ...shape: number[]): Value => ({
  type: 'tensor',
  dtype,
  shape,
  offset: 0,
  storage,
});
const stateOf = (values: Record<string, Value>): StateDict => ({
  format: 'safetensors',
  dialect: 'generic',
  layout: 'flat',
  entries: listEntries(Object.entries(values).map(([key, value], row) => entry(row, key, value))),
  storages: { size: 0, get: () => undefined },
  nodes: new Map(),
  shares: [],
  metadata: [],
  problems: [],
  files: [],
});

it('numbers that need 64 bits stand where torch has them', () => {
  const { size, head, tail } = JSON.parse(
    readFileSync(new URL('../../fixtures/export/large.json', import.meta.url), 'utf8'),
  );
  const large = 5 * 2 ** 30;
  const plan = write(stateOf({ large: tensor(0, 'u8', large), past: tensor(1, 'u8', 10), empty: tensor(2, 'f32', 0) }));
  expect(plan.size).toBe(size);
  // The file without its large tensor; the parts before and behind it are put down as they come.
  const file = Buffer.alloc(8192);
  const placeOf = (at: number) => (at < large ? at : at - large + 4096);
  const late: [number, () => Uint8Array][] = [];
  let at = 0;
  for (const part of plan.parts()) {
    if (part.kind === 'bytes') file.set(part.bytes, placeOf(at));
    if (part.kind === 'late') late.push([placeOf(at), part.make]);
    at += part.kind === 'bytes' ? part.bytes.length : part.kind === 'text' ? 0 : part.length;
  }
  for (const [place, make] of late) file.set(make(), place);
  expect(file.subarray(0, head.length / 2).toString('hex')).toBe(head);
  // Torch's hash of the names, and the check sums of it, are another.
  const ours = file.subarray(file.indexOf('PK\x07\x08', 4096), placeOf(at));
  const masked = (bytes: Uint8Array) => {
    const text = Buffer.from(bytes);
    const id = /\d{40}PK/.exec(text.toString('latin1'))!.index;
    text.fill(0, id, id + 20).fill(0, id + 44, id + 48);
    const last = text.lastIndexOf('PK\x01\x02');
    return text.fill(0, last + 16, last + 20).toString('hex');
  };
  expect(masked(ours)).toBe(masked(Buffer.from(tail, 'hex')));
});

describe('what cannot be held', () => {
  it.each<[string, Value, RegExp]>([
    ['a type torch does not have', tensor(1, 'u4', 2), /no element type u4/],
    ['half a pair', tensor(1, 'f4', 2, 5), /do not fill whole bytes|last dimension is odd/],
    ['half a pair in whole bytes', tensor(1, 'f4', 2, 1), /last dimension is odd/],
  ])('%s is refused', (_, value, why) => {
    expect(() => write(stateOf({ fine: tensor(0, 'f32', 1), other: value }))).toThrow(why);
  });

  it('objects and byte strings are left out, and told', () => {
    const { losses } = write(
      stateOf({
        fine: tensor(0, 'f32', 1),
        thing: { type: 'opaque', text: 'a.B()', typeName: 'a.B' },
        when: { type: 'json', json: { kind: 'literal', lexeme: '1979-05-27', what: 'date' } },
      }),
    );
    expect(losses.map(({ message }) => message)).toEqual([
      '2 entries are no tensors and are left out: thing (opaque), when (json).',
    ]);
  });

  it('a name for a value and for what holds others is refused', () => {
    const state = stateOf({});
    const nested = (id: number, ...parts: string[]): Entry => ({
      ...entry(id, parts.join('.'), tensor(id, 'f32', 1)),
      path: { parts, kinds: parts.map(() => 'key'), raw: null },
    });
    const entries = listEntries([nested(0, 'a'), nested(1, 'a', 'b')]);
    expect(() => write({ ...state, layout: 'nested', entries })).toThrow(/a.b is an entry, and something else/);
  });
});
