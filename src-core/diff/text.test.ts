import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readJsonText } from '../model/json-text.ts';
import { writeJson } from '../model/json-write.ts';
import { diffJson } from './json.ts';
import { diffMetadata } from './metadata.ts';
import { diffSequences } from './myers.ts';
import { diffTexts, diffWords } from './text.ts';

/** The length of the longest common subsequence, by the table. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const item of a) {
    const next = [0];
    for (let j = 0; j < b.length; j++) next.push(item === b[j] ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!));
    row = next;
  }
  return row[b.length]!;
}

test('runs give both sequences again, with as much in common as there is', () => {
  const items = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });
  fc.assert(
    fc.property(items, items, (a, b) => {
      const runs = diffSequences(a, b);
      const [builtA, builtB]: [string[], string[]] = [[], []];
      let common = 0;
      for (const { kind, fromA, toA, fromB, toB } of runs) {
        builtA.push(...a.slice(fromA, toA));
        builtB.push(...b.slice(fromB, toB));
        if (kind !== 'same') continue;
        expect(a.slice(fromA, toA)).toEqual(b.slice(fromB, toB));
        common += toA - fromA;
      }
      expect([builtA, builtB, common]).toEqual([a, b, commonLength(a, b)]);
    }),
    { numRuns: 500 },
  );
});

test('texts that share nothing are told in time', () => {
  const lines = (name: string) => Array.from({ length: 30_000 }, (_, i) => `${name}${i}`);
  const runs = diffSequences(lines('a'), lines('b'));
  expect(runs.map(({ kind }) => kind)).toEqual(['removed', 'added']);
});

describe('texts', () => {
  it('have hunks as patches have them', () => {
    const a = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`).join('\n');
    const b = a.replace('line 2\n', 'line two\n').replace('line 15\n', '').concat('\nmore');
    const { hunks, added, removed } = diffTexts(a, b);
    expect([added, removed]).toEqual([3, 3]);
    expect(hunks.map(({ startA, startB, lines }) => [startA, startB, lines.length])).toEqual([
      [1, 1, 6],
      [12, 12, 11],
    ]);
    expect(hunks[0]?.lines.slice(0, 4)).toEqual([
      { kind: 'same', text: 'line 1' },
      { kind: 'removed', text: 'line 2', spans: [[5, 6]] },
      { kind: 'added', text: 'line two', spans: [[5, 8]] },
      { kind: 'same', text: 'line 3' },
    ]);
  });

  it('that are equal have none, and a last line break is a difference', () => {
    expect(diffTexts('a\nb', 'a\nb')).toEqual({ hunks: [], added: 0, removed: 0 });
    expect(diffTexts('', '').hunks).toEqual([]);
    expect(diffTexts('a', 'a\n').hunks).toHaveLength(1);
    expect(diffTexts('', 'a').hunks).toEqual([{ startA: 1, startB: 1, lines: [{ kind: 'added', text: 'a' }] }]);
  });

  it('words differ only in lines that are alike', () => {
    expect(diffWords('Write one word.', 'Write one short word.')).toEqual({ a: [], b: [[10, 16]] });
    expect(diffWords('abc', 'something else')).toBeUndefined();
  });
});

describe('JSON', () => {
  const diff = (a: string, b: string) =>
    diffJson(readJsonText(a, 'a'), readJsonText(b, 'b')).map(
      ({ path, a: inA, b: inB }) => `${path.join('/')}: ${inA ? writeJson(inA) : '–'} → ${inB ? writeJson(inB) : '–'}`,
    );
  it.each([
    ['{"a": 1, "b": 2}', '{"b": 2, "a": 1}', []],
    ['{"a": 1.0}', '{"a": 1e0}', []],
    ['{"a": 1}', '{"a": 1.0}', ['a: 1 → 1.0']],
    ['{"a": 9007199254740993}', '{"a": 9007199254740992}', ['a: 9007199254740993 → 9007199254740992']],
    ['{"a": {"b": [1, 2]}}', '{"a": {"b": [1, 3]}}', ['a/b/1: 2 → 3']],
    ['[1, 2, 3]', '[0, 1, 2, 3]', ['0: – → 0']],
    ['[1, 2, 3]', '[1, 3]', ['1: 2 → –']],
    ['[{"x": 1}, 5]', '[{"x": 2}, 5]', ['0/x: 1 → 2']],
    ['{"a": 1}', '{"b": 1}', ['a: 1 → –', 'b: – → 1']],
    ['[]', '{}', [': [] → {}']],
  ])('%s and %s', (a, b, expected) => {
    expect(diff(a, b)).toEqual(expected);
  });
});

test('metadata goes by section and key', () => {
  const item = (section: string, key: string, value: string) => ({ section, key, value: readJsonText(value, 'm') });
  const a = [item('s', 'x', '1'), item('s', 'y', '"a"'), item('t', 'x', 'true')];
  const b = [item('t', 'x', 'true'), item('s', 'y', '"b"'), item('s', 'z', 'null')];
  expect(
    diffMetadata(a, b).map(({ section, key, a: inA, b: inB }) => [section, key, Boolean(inA), Boolean(inB)]),
  ).toEqual([
    ['s', 'x', true, false],
    ['s', 'y', true, true],
    ['s', 'z', false, true],
  ]);
});
