import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MERGE_STATUSES } from '../model/pair-table.ts';
import { joinSides, joinTwo, MERGE_CONFLICTS, type SideChanges, type ThreeWay } from './three-way.ts';

/** States for tests: an entry is its identity, with a name and a value. */
type State = ReadonlyMap<number, { readonly name: string; readonly value: number }>;

const indexOf = (state: State) => new Map([...state.keys()].map((id, row) => [id, row]));

/** Identities are what pairing finds; what both added goes by its name. */
function changesOf(base: State, side: State): SideChanges {
  const rows = indexOf(side);
  const ids = [...base.keys()];
  const flag = (differs: (id: number) => boolean) =>
    Uint8Array.from(ids, (id) => (side.has(id) && differs(id) ? 1 : 0));
  return {
    rowOf: Int32Array.from(ids, (id) => rows.get(id) ?? -1),
    isChanged: flag((id) => side.get(id)!.value !== base.get(id)!.value),
    isRenamed: flag((id) => side.get(id)!.name !== base.get(id)!.name),
    added: [...side.keys()].filter((id) => !base.has(id)).map((id) => rows.get(id)!),
  };
}

function merge(base: State, a: State, b: State): ThreeWay {
  const [sideA, sideB] = [changesOf(base, a), changesOf(base, b)];
  const [listA, listB] = [[...a.values()], [...b.values()]];
  const rowOfName = new Map(sideB.added.map((row) => [listB[row]!.name, row]));
  return joinSides(sideA, sideB, {
    added: new Map(
      sideA.added.flatMap((row) => {
        const other = rowOfName.get(listA[row]!.name);
        return other === undefined ? [] : [[row, other] as const];
      }),
    ),
    ofValues: (rowA, rowB) => (listA[rowA]!.value === listB[rowB]!.value ? 'both' : 'conflict'),
    isSameName: (rowA, rowB) => listA[rowA]!.name === listB[rowB]!.name,
  });
}

const linesOf = (found: ThreeWay): string[] =>
  Array.from({ length: found.count }, (_, i) =>
    [
      ...[found.rowBase, found.rowA, found.rowB].map((rows) => rows[i]),
      ...[found.status, found.value, found.name].map((codes) => MERGE_STATUSES[codes[i]!]),
      MERGE_CONFLICTS[found.conflict[i]!],
    ].join(' '),
  );

const stateOf = (entries: Readonly<Record<number, readonly [name: string, value: number]>>): State =>
  new Map(Object.entries(entries).map(([id, [name, value]]) => [Number(id), { name, value }]));

test('every way in which two sides can change an entry', () => {
  const base = stateOf({
    0: ['k', 0],
    1: ['l', 0],
    2: ['m', 0],
    3: ['n', 0],
    4: ['o', 0],
    5: ['p', 0],
    6: ['q', 0],
    7: ['r', 0],
    8: ['s', 0],
  });
  const a = stateOf({
    0: ['k', 0],
    1: ['l', 1],
    2: ['m', 1],
    3: ['n', 1],
    4: ['oo', 0],
    6: ['q', 5],
    7: ['ra', 0],
    20: ['x', 1],
    21: ['y', 1],
  });
  const b = stateOf({
    0: ['k', 0],
    1: ['l', 0],
    2: ['m', 1],
    3: ['n', 2],
    4: ['o', 7],
    5: ['p', 3],
    7: ['rb', 0],
    22: ['x', 2],
    23: ['y', 1],
    24: ['z', 0],
  });
  expect(linesOf(merge(base, a, b))).toEqual([
    '0 0 0 unchanged unchanged unchanged none',
    '1 1 1 a a unchanged none',
    '2 2 2 both both unchanged none',
    '3 3 3 conflict conflict unchanged changed',
    '4 4 4 merged b a none',
    '5 -1 5 conflict conflict unchanged deleted-in-a',
    '6 5 -1 conflict conflict unchanged deleted-in-b',
    '7 6 6 conflict unchanged conflict renamed',
    '8 -1 -1 both both unchanged none',
    '-1 7 7 conflict conflict unchanged added',
    '-1 8 8 both both unchanged none',
    '-1 -1 9 b b unchanged none',
  ]);
});

test('without a base all that differs is a conflict', () => {
  const found = joinTwo(
    [
      [0, 0],
      [1, 1],
      [2, -1],
      [-1, 2],
      [3, 3],
    ],
    {
      ofValues: (rowA) => (rowA === 1 ? 'conflict' : 'both'),
      isSameName: (rowA) => rowA !== 3,
    },
  );
  expect(linesOf(found).map((line) => line.split(' ').slice(3).join(' '))).toEqual([
    'unchanged unchanged unchanged none',
    'conflict conflict unchanged differs',
    'conflict conflict unchanged only-in-a',
    'conflict conflict unchanged only-in-b',
    'conflict unchanged conflict renamed',
  ]);
});

const state = fc
  .uniqueArray(fc.nat(7), { maxLength: 8 })
  .chain((ids) =>
    fc
      .tuple(...ids.map((id) => fc.record({ name: fc.constantFrom(`n${id}`, `m${id}`), value: fc.nat(2) })))
      .map((entries): State => new Map(ids.map((id, i) => [id, entries[i]!]))),
  );

test('the sides are told alike', () => {
  const swap: Readonly<Record<string, string>> = {
    a: 'b',
    b: 'a',
    'deleted-in-a': 'deleted-in-b',
    'deleted-in-b': 'deleted-in-a',
  };
  const mirror = (line: string) => {
    const [base, a, b, ...words] = line.split(' ');
    return [base, b, a, ...words.map((word) => swap[word] ?? word)].join(' ');
  };
  fc.assert(
    fc.property(state, state, state, (base, a, b) => {
      expect(linesOf(merge(base, b, a)).sort()).toEqual(
        linesOf(merge(base, a, b))
          .map(mirror)
          .sort(),
      );
    }),
  );
});

test('where one side is the base, the other is the merge', () => {
  fc.assert(
    fc.property(state, state, (base, a) => {
      for (const line of linesOf(merge(base, a, base))) expect(line).toMatch(/ (unchanged|a) \S+ \S+ none$/);
      for (const line of linesOf(merge(base, a, a))) expect(line).toMatch(/ (unchanged|both) \S+ \S+ none$/);
    }),
  );
});
