import { expect, test } from 'vitest';
import { prettyText } from './pretty-text.ts';

test('JSON gets lines, other text stays', () => {
  expect(prettyText('{"a":[1,"b c"]}')).toEqual({ shown: '{\n  "a": [\n    1,\n    "b c"\n  ]\n}', left: 0 });
  expect(prettyText('# a: 1\n')).toEqual({ shown: '# a: 1\n', left: 0 });
});

test('is what JSON.stringify writes, wherever that loses nothing', () => {
  for (const value of [
    {},
    [],
    '{"a": [1, 2]}',
    { a: { b: [{}, [], [[]], 'x,]y"{', '\\'] }, c: null },
    [1, true, { d: '' }],
  ]) {
    expect(prettyText(JSON.stringify(value)).shown).toBe(JSON.stringify(value, null, 2));
  }
});

test('numbers stay as written, and keys that repeat stay', () => {
  expect(prettyText('{"seed":12345678901234567890,"eps":1e-05,"theta":10000.0,"theta":2}').shown).toBe(
    '{\n  "seed": 12345678901234567890,\n  "eps": 1e-05,\n  "theta": 10000.0,\n  "theta": 2\n}',
  );
});

test('long text is cut, and says by how much', () => {
  expect(prettyText('abcdef', 4)).toEqual({ shown: 'abcd', left: 2 });
});
