import { describe, expect, it } from 'vitest';
import { LIMITS } from '../base/limits.ts';
import { columnsOf } from './columns.fixture.ts';
import { collectNodes } from './tree-nodes.ts';

/** Keys of 256 parts that share nothing: what a hostile header holds a hundred thousand of. */
const deep = (count: number) =>
  columnsOf(Array.from({ length: count }, (_, i) => ({ key: `${i}${'.a'.repeat(LIMITS.keyParts - 1)}`, shape: [1] })));

describe('the number of nodes', () => {
  it('may be as large as the limit and no larger', () => {
    const nodes = 1 + 3 * LIMITS.keyParts;
    expect(collectNodes(deep(3), 'x', nodes).count).toBe(nodes);
    expect(() => collectNodes(deep(3), 'x.safetensors', nodes - 1)).toThrow(
      expect.objectContaining({
        info: expect.objectContaining({ kind: 'limit', limit: 'treeNodes', file: 'x.safetensors', max: nodes - 1 }),
      }),
    );
  });

  it('counts repeated keys', () => {
    const columns = columnsOf(Array.from({ length: 10 }, () => ({ key: 'a' })));
    expect(collectNodes(columns, 'x', 11).count).toBe(11);
    expect(() => collectNodes(columns, 'x', 10)).toThrow(/treeNodes/);
  });

  it('has room for as many entries as a document may have, and a module for every two', () => {
    expect(LIMITS.treeNodes).toBeGreaterThanOrEqual(LIMITS.entries * 1.5);
  });
});
