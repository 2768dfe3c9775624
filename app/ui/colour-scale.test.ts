import { describe, expect, test } from 'vitest';
import { anchorsOf, LEVELS, rampPixels } from './colour-ramps.ts';
import { levelOf, scaleFor, tintOf } from './colour-scale.ts';

const hundred = Float64Array.from({ length: 101 }, (_, i) => i - 20);

describe('scale', () => {
  test('diverges where there are both signs, with 0 in the middle', () => {
    const scale = scaleFor(hundred, { ramp: 'auto', range: 'full' });
    expect(scale).toEqual({ ramp: 'diverging', low: -20, high: 80 });
    expect(levelOf(scale, 0)).toBe(levelOf({ ramp: 'diverging', low: -80, high: 80 }, 0));
    expect([levelOf(scale, -20), levelOf(scale, 80), levelOf(scale, 1e9)]).toEqual([0, LEVELS - 1, LEVELS - 1]);
  });
  test('runs from low to high otherwise', () => {
    expect(scaleFor(Float64Array.of(1, 5), { ramp: 'auto', range: 'percentile' })).toEqual({
      ramp: 'sequential',
      low: 1,
      high: 5,
    });
  });
  test('leaves the outer one percent out, and is as far down as up', () => {
    expect(scaleFor(hundred, { ramp: 'auto', range: 'percentile' })).toEqual({ ramp: 'diverging', low: -79, high: 79 });
    expect(scaleFor(hundred, { ramp: 'sequential', range: 'percentile' })).toEqual({
      ramp: 'sequential',
      low: -19,
      high: 79,
    });
    expect(scaleFor(hundred, { ramp: 'auto', range: 'symmetric' })).toEqual({ ramp: 'diverging', low: -80, high: 80 });
  });
  test('what is not finite has its own colour and no part in the ends', () => {
    const scale = scaleFor(Float64Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY, 2), {
      ramp: 'auto',
      range: 'full',
    });
    expect(scale).toMatchObject({ low: 1, high: 2 });
    expect([levelOf(scale, Number.NaN), levelOf(scale, Number.NEGATIVE_INFINITY)]).toEqual([LEVELS, LEVELS]);
  });
  test('a constant sheet and an empty sample have a colour', () => {
    expect(levelOf(scaleFor(Float64Array.of(3, 3), { ramp: 'auto', range: 'full' }), 3)).toBe(128);
    expect(levelOf(scaleFor(new Float64Array(), { ramp: 'auto', range: 'percentile' }), 0)).toBe(128);
  });
});

type Rgb = readonly [number, number, number];
const hex = (text: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as unknown as Rgb;
const luminance = (rgb: Rgb): number => {
  const [r, g, b] = rgb.map((c) =>
    c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
  ) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

test('lightness of the sequential ramp only grows; that of the diverging ones turns once, at the middle', () => {
  const rises = (anchors: readonly string[]) =>
    anchors.slice(1).map((a, i) => luminance(hex(a)) > luminance(hex(anchors[i]!)));
  expect(rises(anchorsOf('sequential', false))).toEqual(new Array(8).fill(true));
  expect(rises(anchorsOf('diverging', false))).toEqual([...new Array(4).fill(true), ...new Array(4).fill(false)]);
  expect(rises(anchorsOf('diverging', true))).toEqual([...new Array(4).fill(false), ...new Array(4).fill(true)]);
});

test('pixels run from the first anchor to the last', () => {
  const pixels = new Uint8Array(rampPixels('sequential', false).buffer);
  expect([...pixels.subarray(0, 4)]).toEqual([0x44, 0x01, 0x54, 255]);
  expect([...pixels.subarray(4 * (LEVELS - 1), 4 * LEVELS)]).toEqual([0xfd, 0xe7, 0x25, 255]);
});

test('text on a coloured cell is legible, light and dark', () => {
  const themes = [
    { text: hex('#1b1b1e'), panel: hex('#ffffff') },
    { text: hex('#ecedef'), panel: hex('#17181b') },
  ];
  const scales = [
    { ramp: 'diverging' as const, low: -1, high: 1 },
    { ramp: 'sequential' as const, low: -1, high: 1 },
  ];
  for (const { text, panel } of themes) {
    for (const scale of scales) {
      for (const value of [-1, -0.5, 0.5, 1]) {
        const [, r, g, b, a] = /rgb\((\d+) (\d+) (\d+) \/ ([\d.]+)\)/.exec(tintOf(scale, value) ?? '') ?? [];
        const alpha = Number(a ?? 0);
        const mixed = panel.map((c, i) => c + (Number([r, g, b][i] ?? 0) - c) * alpha) as unknown as Rgb;
        const [hi, lo] = [luminance(text), luminance(mixed)].sort((x, y) => y - x) as [number, number];
        expect((hi + 0.05) / (lo + 0.05)).toBeGreaterThan(4.5);
      }
    }
  }
});
