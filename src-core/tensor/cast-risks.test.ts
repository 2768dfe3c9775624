import { expect, test } from 'vitest';
import { castElements } from './cast.ts';
import { listCastRisks } from './cast-risks.ts';
import { codeTable, decodeElements } from './decode.ts';
import type { DType } from './dtype.ts';
import { encodeElements } from './encode.ts';

const SMALL = ['bool', 'u8', 'i8', 'u16', 'i16', 'f16', 'bf16', 'f8_e4m3fn', 'f8_e5m2', 'f8_e4m3fnuz', 'f8_e5m2fnuz'];
const ALL = [...SMALL, 'f8_e8m0', 'u32', 'i32', 'f32', 'f64'];
const pairs = SMALL.flatMap((from) => ALL.filter((to) => to !== from).map((to) => [from, to] as [DType, DType]));

test.each(pairs)('%s to %s: a risk is told where a number becomes another, and only there', (from, to) => {
  const numbers = codeTable(from)!.filter(Number.isFinite);
  const cast = castElements(from, to, encodeElements(from, numbers), numbers.length);
  const after = new Float64Array(numbers.length);
  decodeElements(to, cast, 'little', numbers.length, after);
  const changed = numbers.filter((number, i) => number !== after[i]);
  expect(listCastRisks(from, to).length > 0, `${changed.length} changed, first ${changed[0]}`).toBe(changed.length > 0);
});

test('the ends of what is kept are said', () => {
  expect(listCastRisks('f32', 'f16')).toEqual([
    'Values may round: f16 keeps 11 bits of significand, of up to 24.',
    'What is past ±65504 becomes infinite.',
    'What is nearest to 0 rounds to steps of 6.0e-8.',
  ]);
  expect(listCastRisks('f32', 'bf16')[0]).toMatch(/bf16 keeps 8 bits/);
  expect(listCastRisks('bf16', 'f8_e4m3fn')[1]).toBe('What is past ±448 becomes ±448.');
  expect(listCastRisks('c64', 'f32')).toEqual(['Imaginary parts are dropped.']);
  expect(listCastRisks('i64', 'u8')).toEqual(['Of numbers outside 0 to 255 only the low 8 bits stay.']);
  expect(listCastRisks('f32', 'f64')).toEqual([]);
});
