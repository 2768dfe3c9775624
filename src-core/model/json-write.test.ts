import { expect, test } from 'vitest';
import { indentJson, writeJson } from './json-write.ts';
import type { JsonNode } from './state-dict.ts';

const number = (lexeme: string): JsonNode => ({ kind: 'number', lexeme });
const node: JsonNode = {
  kind: 'object',
  members: [
    ['b', { kind: 'array', items: [number('1.0'), number('12345678901234567890')] }],
    ['a"', { kind: 'literal', lexeme: '1979-05-27', what: 'date' }],
    ['b', { kind: 'object', members: [] }],
  ],
};

test('order, repeated keys and the text of numbers stay', () => {
  expect(writeJson(node)).toBe('{"b":[1.0,12345678901234567890],"a\\"":"1979-05-27","b":{}}');
  expect(writeJson(node, { gap: ' ', bareLiterals: true, number: (lexeme) => `<${lexeme}>` })).toBe(
    '{"b": [<1.0>, <12345678901234567890>], "a\\"": 1979-05-27, "b": {}}',
  );
});

test('what fits in the width stays on its line; without one, only what has no parts', () => {
  const wide = '{\n  "b": [1.0, 12345678901234567890],\n  "a\\"": 1979-05-27,\n  "b": {}\n}';
  expect(indentJson(node, 40)).toBe(wide);
  expect(indentJson(node)).toBe(
    wide.replace('[1.0, 12345678901234567890]', '[\n    1.0,\n    12345678901234567890\n  ]'),
  );
});
