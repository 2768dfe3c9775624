import { expect, test } from 'vitest';
import type { GraphNodeInfo } from '../../../src-core/index.ts';
import { findNodes, sortNodes } from './find-nodes.ts';

const node = (op: string, name: string, inputs: readonly string[]): GraphNodeInfo => ({
  op,
  domain: '',
  name,
  within: '',
  inputs: inputs.map((input) => ({ name: input })),
  outputs: [`${name}_output_0`],
  attributes: 0,
});
const NODES = [
  node('MatMul', '/layers.10/MatMul', ['x', 'w10']),
  node('Add', '/layers.2/Add', ['w2', 'y']),
  node('MatMul', '/layers.2/MatMul', ['y', 'w2']),
];

test('every word is looked for in all that is said of a node', () => {
  expect(findNodes(NODES, '')).toEqual([0, 1, 2]);
  expect(findNodes(NODES, 'matmul layers.2')).toEqual([2]);
  expect(findNodes(NODES, 'W2')).toEqual([1, 2]);
  expect(findNodes(NODES, 'conv')).toEqual([]);
});

test('names are sorted by their numbers, and the order of the file is kept where they are alike', () => {
  const all = [0, 1, 2];
  expect(sortNodes(NODES, all, { column: 'node-name', descending: false })).toEqual([1, 2, 0]);
  expect(sortNodes(NODES, all, { column: 'node-op', descending: true })).toEqual([0, 2, 1]);
  expect(sortNodes(NODES, all, null)).toEqual(all);
});
