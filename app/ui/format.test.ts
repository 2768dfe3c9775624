import { expect, test } from 'vitest';
import { bytesText, percentText, shapeText, shortCount } from './format.ts';

test('counts are exact while they are short', () => {
  expect([0, 288, 9999, 10_000, 18_784, 85_056_000, 6_738_415_616].map(shortCount)).toEqual([
    '0',
    '288',
    '9,999',
    '10.0k',
    '18.8k',
    '85.1M',
    '6.74B',
  ]);
  expect(shortCount(Number.POSITIVE_INFINITY)).toBe('∞');
});

test('a value that rounds up to the next unit is written in it', () => {
  expect([999, 1000, 1130, 999_949, 999_950, 13_476_850_688].map(bytesText)).toEqual([
    '999 B',
    '1.00 kB',
    '1.13 kB',
    '999.9 kB',
    '1.00 MB',
    '13.5 GB',
  ]);
});

test('shapes and shares', () => {
  expect(shapeText([])).toBe('scalar');
  expect(shapeText([32, 1, 3, 3])).toBe('32×1×3×3');
  expect([0, 0.0004, 0.125, 1].map(percentText)).toEqual(['0 %', '<0.1 %', '12.5 %', '100 %']);
});
