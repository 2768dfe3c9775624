import { describe, expect, test } from 'vitest';
import { exactWord, formatFor, isOdd } from './number-format.ts';

describe('floats', () => {
  const small = formatFor('float', 5, [0.0123, -0.0456, 0.09]);
  test('share their places after the point', () => {
    expect([0.0123456, -0.0456, 0.5, 0].map(small.write)).toEqual(['0.012346', '-0.045600', '0.500000', '0']);
  });
  test('never look like zero when they are not', () => {
    expect(small.write(1.5e-9)).toBe('1.5e-9');
    expect(small.write(-0)).toBe('-0');
  });
  test('never are wider than the column', () => {
    for (const value of [1e9, -123456.789, 1e-300, -1.7976931348623157e308, 99999.99]) {
      expect(small.write(value).length, String(value)).toBeLessThanOrEqual(small.width);
    }
  });
  test('one outlier does not take the places from the others', () => {
    const sample = Array.from({ length: 99 }, () => 0.02);
    expect(formatFor('float', 4, [...sample, 1e6]).write(0.0234)).toBe('0.02340');
  });
  test('very small and very large ones are powers of ten', () => {
    expect(formatFor('float', 4, [2e-9, 3e-9]).write(2.3456e-9)).toBe('2.346e-9');
    expect(formatFor('float', 4, [2e12, 3e12]).write(2.3456e12)).toBe('2.346e12');
  });
  test('what is not finite is named', () => {
    const all = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(all.map(small.write)).toEqual(['NaN', 'Inf', '-Inf']);
    expect(all.map(isOdd)).toEqual([true, true, true]);
    expect([0, 1n, [0, Number.NaN] as const].map(isOdd)).toEqual([false, false, true]);
  });
});

test('whole numbers, truths and complex numbers', () => {
  const whole = formatFor('whole', 4);
  expect([-7, 2n ** 63n - 1n].map(whole.write)).toEqual(['-7', '9223372036854775807']);
  expect([0, 1].map(formatFor('truth', 4).write)).toEqual(['False', 'True']);
  const complex = formatFor('complex', 4, [1, 2]);
  expect(complex.write([1.5, -2])).toBe('1.500-2.000j');
  expect(complex.write([0, 0.25])).toBe('0+0.250j');
});

test('one number in full', () => {
  expect(exactWord(Math.fround(0.1), 'float')).toBe('0.10000000149011612');
  expect(exactWord(2n ** 64n - 1n, 'whole')).toBe('18446744073709551615');
  expect(exactWord([1, -0], 'complex')).toBe('1-0j');
  expect(exactWord(1e21, 'float')).toBe('1e21');
});
