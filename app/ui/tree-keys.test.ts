import { describe, expect, test } from 'vitest';
import { parentIndex, type TreePlace, treeAct } from './tree-keys.ts';

const place = (at: Partial<TreePlace> = {}): TreePlace => ({
  index: 5,
  count: 100,
  page: 20,
  expandable: false,
  expanded: false,
  parent: () => 2,
  ...at,
});
const press = (key: string, at?: Partial<TreePlace>, held: Partial<{ ctrlKey: boolean; altKey: boolean }> = {}) =>
  treeAct({ key, ctrlKey: false, metaKey: false, altKey: false, ...held }, place(at));

describe('keys of a tree grid', () => {
  test('moves stay inside the rows', () => {
    expect(press('ArrowDown')).toEqual({ act: 'move', to: 6 });
    expect(press('ArrowDown', { index: 99 })).toEqual({ act: 'move', to: 99 });
    expect(press('ArrowUp', { index: 0 })).toEqual({ act: 'move', to: 0 });
    expect(press('PageDown', { index: 90 })).toEqual({ act: 'move', to: 99 });
    expect(press('PageUp')).toEqual({ act: 'move', to: 0 });
    expect(press('Home')).toEqual({ act: 'move', to: 0 });
    expect(press('End')).toEqual({ act: 'move', to: 99 });
  });

  test('the first key goes to the first row', () => {
    expect(press('ArrowDown', { index: -1 })).toEqual({ act: 'move', to: 0 });
    expect(press('ArrowRight', { index: -1 })).toBeUndefined();
    expect(press('ArrowDown', { index: -1, count: 0 })).toBeUndefined();
  });

  test('right opens, then goes in; left closes, then goes out', () => {
    expect(press('ArrowRight', { expandable: true })).toEqual({ act: 'expand', open: true });
    expect(press('ArrowRight', { expandable: true, expanded: true })).toEqual({ act: 'move', to: 6 });
    expect(press('ArrowRight')).toBeUndefined();
    expect(press('ArrowLeft', { expandable: true, expanded: true })).toEqual({ act: 'expand', open: false });
    expect(press('ArrowLeft', { expandable: true })).toEqual({ act: 'move', to: 2 });
    expect(press('ArrowLeft', { parent: () => -1 })).toBeUndefined();
  });

  test('space opens and closes a module and brings an entry forward; letters look for a name', () => {
    expect(press(' ', { expandable: true, expanded: true })).toEqual({ act: 'expand', open: false });
    expect(press(' ')).toEqual({ act: 'open' });
    expect(press('Enter')).toEqual({ act: 'open' });
    expect(press('*')).toEqual({ act: 'expand-siblings' });
    expect(press('w')).toEqual({ act: 'type', letter: 'w' });
  });

  test('keys of the browser and the page are left alone', () => {
    expect(press('k', {}, { ctrlKey: true })).toBeUndefined();
    expect(press('ArrowLeft', {}, { altKey: true })).toBeUndefined();
    expect(press('F5')).toBeUndefined();
    expect(press('Tab')).toBeUndefined();
  });
});

test('the parent is the nearest row above with a smaller level', () => {
  const levels = [1, 2, 3, 3, 2, 1];
  expect(levels.map((_, i) => parentIndex(levels, i))).toEqual([-1, 0, 1, 1, 0, -1]);
});
