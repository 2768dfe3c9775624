import type { Graph } from '../../graph/graph.ts';

const ONE = { name: 'x', dtype: 'f32', shape: [1] } as const;
/** A graph that gives what it is given: it is started to make a runtime ready. */
export const NOTHING: Graph = {
  inputs: [{ ...ONE, meaning: 'features' }],
  outputs: [{ ...ONE, name: 'y', label: 'y' }],
  weights: [],
  constants: [],
  nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'], attributes: {}, path: '' }],
  taps: [],
  caches: [],
  values: new Map(),
};
