import { beforeEach, expect, test } from 'vitest';
import { clearPalette, keyBeforePalette, typePalette, usePalette } from './palette.ts';

beforeEach(clearPalette);

const press = (...keys: string[]) => keys.map(keyBeforePalette);

test('keys typed before the palette is there are its text', () => {
  expect(press('a', 'b', 'Backspace', '😀', 'Backspace', 'c', 'Shift', 'ArrowDown')).toEqual([
    ...Array(6).fill(true),
    false,
    false,
  ]);
  expect(usePalette.getState()).toEqual({ text: 'ac', enter: false });
});

test('Enter is kept until the text changes', () => {
  press('a', 'Enter');
  expect(usePalette.getState()).toEqual({ text: 'a', enter: true });
  typePalette('ab');
  expect(usePalette.getState()).toEqual({ text: 'ab', enter: false });
});
