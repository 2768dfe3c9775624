import { expect, test } from 'vitest';
import { createEngine } from '../engine/engine.ts';
import { type PairSide, pairSide } from './pair-sides.ts';
import { keyOfNode, nodeAtKey } from './tree-labels.ts';

async function sidesOf(a: object, b: object) {
  const engine = createEngine();
  const open = async (name: string, content: object) => {
    const bytes = new TextEncoder().encode(JSON.stringify(content));
    return (await engine.open({ files: [{ path: name, handle: { kind: 'buffer', name, bytes } }] })).documents[0]!;
  };
  const [left, right] = [await open('a.json', a), await open('b.json', b)];
  const comparison = await engine.compare({ a: left.id, b: right.id });
  const name = (side: PairSide, key: string) => {
    const node = nodeAtKey(comparison.tree, key)!;
    const own = side.nodeOf(node);
    return own === undefined ? undefined : keyOfNode(side.document.tree, own);
  };
  const isElsewhere = (side: PairSide, key: string) => side.isElsewhere(nodeAtKey(comparison.tree, key)!);
  return { name, isElsewhere, comparison, a: pairSide(comparison, left, 'a'), b: pairSide(comparison, right, 'b') };
}

const LONG = 'a text that is long enough to be found by itself';

test('what a side lacks is a gap there, and so is a module of nothing but that', async () => {
  const { a, b, comparison, name } = await sidesOf({ x: { one: 1, two: 2 } }, { x: { one: 1 }, y: { three: 3 } });
  const at = (key: string) => nodeAtKey(comparison.tree, key)!;
  expect(['x', 'x.one', 'x.two', 'y', 'y.three'].map((key) => [a.has(at(key)), b.has(at(key))])).toEqual([
    [true, true],
    [true, true],
    [true, false],
    [false, true],
    [false, true],
  ]);
  expect(name(b, 'x.two')).toBeUndefined();
  expect(name(a, 'y')).toBeUndefined();
  expect(name(b, 'y.three')).toBe('y.three');
});

test('a module of another name stands beside the one its entries went to', async () => {
  const { b, name, isElsewhere } = await sidesOf(
    { old: { deep: { text: LONG, more: `${LONG}!` } } },
    { fresh: { deep: { text: LONG, more: `${LONG}!` } } },
  );
  expect(['old', 'old.deep', 'old.deep.text'].map((key) => name(b, key))).toEqual([
    'fresh',
    'fresh.deep',
    'fresh.deep.text',
  ]);
  expect(isElsewhere(b, 'old.deep.text')).toBe(false);
});

test('an entry that went somewhere by itself says where', async () => {
  const { a, b, name, isElsewhere } = await sidesOf(
    { x: { stays: 1, goes: LONG }, far: { away: { other: 2 } } },
    { x: { stays: 1 }, far: { away: { other: 2, went: LONG } } },
  );
  expect(name(b, 'x.goes')).toBe('far.away.went');
  expect([isElsewhere(b, 'x.goes'), isElsewhere(b, 'x.stays'), isElsewhere(a, 'x.goes')]).toEqual([true, false, false]);
  expect(name(b, 'x')).toBe('x');
});
