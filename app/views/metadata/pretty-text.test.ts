import { expect, test } from 'vitest';
import { prettyText } from './pretty-text.ts';

test('JSON gets lines, other text stays', () => {
  expect(prettyText('{"a":[1,"b c"]}')).toEqual({ shown: '{\n  "a": [\n    1,\n    "b c"\n  ]\n}', left: 0 });
  expect(prettyText('# a: 1\n')).toEqual({ shown: '# a: 1\n', left: 0 });
});

test('numbers that would change, and keys that would be lost, keep the text as it is', () => {
  for (const text of ['{"seed":12345678901234567890}', '{"eps":1e-05}', '{"a":1,"a":2}']) {
    expect(prettyText(text).shown).toBe(text);
  }
});

test('long text is cut, and says by how much', () => {
  expect(prettyText('abcdef', 4)).toEqual({ shown: 'abcd', left: 2 });
});
