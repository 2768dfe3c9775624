import { expect, test } from 'vitest';
import { dtypeOf, nameOf } from './dtypes.ts';

test('a name is a type of its own or one that nobody knows, whatever JavaScript calls by it', () => {
  expect(['float32', 'bfloat16', 'int4', 'float9', 'constructor', '__proto__'].map(dtypeOf)).toEqual([
    'f32',
    'bf16',
    'i8',
    'other:float9',
    'other:constructor',
    'other:__proto__',
  ]);
  // What takes a byte an element is written by the name that it had.
  expect([nameOf('i8'), nameOf('i8', 'int4'), nameOf('q4_0')]).toEqual(['int8', 'int4', undefined]);
});
