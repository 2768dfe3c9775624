import { expect, test } from 'vitest';
import { linearTicks, logHeight, logTicks, valueText } from './chart-scale.ts';

test('ticks are round numbers inside the axis', () => {
  expect(linearTicks(-0.5, 0.41, 5).map((tick) => tick.text)).toEqual(['-0.4', '-0.2', '0', '0.2', '0.4']);
  expect(linearTicks(0, 6, 3)).toEqual([
    { at: 0, text: '0' },
    { at: 1 / 3, text: '2' },
    { at: 2 / 3, text: '4' },
    { at: 1, text: '6' },
  ]);
  expect(linearTicks(3, 3, 5)).toEqual([{ at: 0.5, text: '3' }]);
});

test('on a logarithmic axis one is visible, none is not, and ten times is always as far', () => {
  expect(logHeight(0, 1000)).toBe(0);
  expect(logHeight(1, 1e9)).toBeGreaterThan(0.02);
  expect(logHeight(1000, 1000)).toBe(1);
  expect(logHeight(100, 1e4) - logHeight(10, 1e4)).toBeCloseTo(logHeight(1e4, 1e4) - logHeight(1e3, 1e4), 10);
  expect(logTicks(5000, 5).map((tick) => tick.text)).toEqual(['0', '1', '10', '100', '1,000']);
});

test('numbers are as short as they can be compared', () => {
  expect(
    [0, -0.0057053123, 288, 1234567, 0.5, 12345678.9, 0.00001234, -3.65556, 1e-30].map((x) => valueText(x)),
  ).toEqual(['0', '-0.0057053', '288', '1,234,567', '0.5', '1.235e7', '1.234e-5', '-3.6556', '1e-30']);
  expect([Number.NaN, Number.NEGATIVE_INFINITY].map((x) => valueText(x))).toEqual(['NaN', '-∞']);
});
