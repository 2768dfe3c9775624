import { expect, it } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import { Cursor } from './cursor.ts';

const cursor = (...bytes: number[]) => new Cursor(Uint8Array.from(bytes), { file: 'x', format: 'f', base: 100 });

it('reads both byte orders', () => {
  const c = cursor(1, 2, 0, 0, 0, 1, 2, 0xff, 0xff, 0xff, 0xff);
  expect([c.u8(), c.u32(), c.u16be(), c.i32()]).toEqual([1, 2, 0x0102, -1]);
  expect(c.left).toBe(0);
});

it('fails where bytes run out, by the offset in the file, and stays there', () => {
  const c = cursor(1, 2, 3);
  c.skip(2);
  expect(() => c.u16()).toThrow('at byte 102');
  expect(() => c.take(-1)).toThrow(StateglassError);
  expect(c.u8()).toBe(3);
});

it('refuses numbers it cannot count exactly', () => {
  expect(cursor(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0).u64()).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => cursor(0, 0, 0, 0, 0, 0, 0x20, 0).u64()).toThrow('past what can be counted');
  expect(cursor(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).i64()).toBe(-1);
});
