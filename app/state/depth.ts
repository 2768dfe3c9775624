import {
  countColumns,
  type EntryStats,
  type ModuleTree,
  packedBytes,
  type TensorStats,
  VALUE_ORDER,
} from '../../src-core/index.ts';
import type { OpenedDocument } from '../engine/api.ts';
import { type Computation, computationKey, compute, useComputation } from './computations.ts';
import { engine } from './engine.ts';
import { labelOf } from './tree-labels.ts';

/** The same tensor of every block of a run: `h.*.attn.c_attn.weight`. */
export interface DepthSeries {
  /** Its place, `*` standing for the block. */
  readonly pattern: string;
  /** A node for each block, first to last. */
  readonly nodes: readonly number[];
  /** Labels of the blocks. */
  readonly labels: readonly string[];
}

/** Tensors of one block that are offered; a block of experts may have thousands. */
const OFFERED = 200;

/** What can be followed across blocks from a node: the tensor itself or the tensors below it; of a module that holds a run, those of its blocks. */
export function listSeries(tree: ModuleTree, node: number): readonly DepthSeries[] {
  const series: DepthSeries[] = [];
  for (let block = node; block > 0; block = tree.parent[block]!) {
    const run = runAround(tree, block);
    if (run.length > 0) addSeries(tree, run, block, node, series);
  }
  if (series.length > 0) return series;
  const end = tree.end[node]!;
  for (let at = node + 1; at < end && series.length < OFFERED; ) {
    const run = tree.repeat[at]! > 1 ? blocksOf(tree, at) : [];
    if (run.length > 0) addSeries(tree, run, at, at, series);
    at = run.length > 0 ? tree.end[run[run.length - 1]!]! : at + 1;
  }
  return series;
}

/** The blocks of a run, from its head. */
function blocksOf(tree: ModuleTree, head: number): number[] {
  const blocks: number[] = [];
  for (let at = head; blocks.length < tree.repeat[head]!; at = tree.end[at]!) blocks.push(at);
  return blocks;
}

/** The run a node is a block of; empty when it is none. */
function runAround(tree: ModuleTree, node: number): number[] {
  for (let at = tree.parent[node]! + 1; at <= node; at = tree.end[at]!) {
    if (tree.repeat[at]! < 2) continue;
    const blocks = blocksOf(tree, at);
    if (blocks.includes(node)) return blocks;
    at = blocks[blocks.length - 1]!;
  }
  return [];
}

/** Adds a series for every tensor at and below `from`, which lies in `block` of the run. */
function addSeries(tree: ModuleTree, run: readonly number[], block: number, from: number, into: DepthSeries[]): void {
  const tensor = VALUE_ORDER.indexOf('tensor');
  const labels = run.map((one) => labelOf(tree, one));
  for (let at = from; at < tree.end[from]! && into.length < OFFERED; at++) {
    if (tree.type[at] !== tensor) continue;
    const path: number[] = [];
    for (let up = at; up !== block; up = tree.parent[up]!) path.unshift(tree.label[up]!);
    const nodes = run.map((one) => descend(tree, one, path));
    if (nodes.some((found) => found < 0)) continue;
    into.push({ pattern: patternOf(tree, at, block), nodes, labels });
  }
}

/** The node below `node` along labels; -1 when there is none. Blocks of a run may have their children in any order. */
function descend(tree: ModuleTree, node: number, path: readonly number[]): number {
  let at = node;
  for (const label of path) {
    const end = tree.end[at]!;
    let child = at + 1;
    while (child < end && tree.label[child] !== label) child = tree.end[child]!;
    if (child >= end) return -1;
    at = child;
  }
  return at;
}

function patternOf(tree: ModuleTree, node: number, block: number): string {
  const parts: string[] = [];
  for (let at = node; at > 0; at = tree.parent[at]!) parts.unshift(at === block ? '*' : labelOf(tree, at));
  return parts.join('.');
}

/** One block's tensor, and the middle of its distribution. */
export interface DepthPoint {
  readonly stats: Omit<TensorStats, 'distribution'>;
  readonly from: number;
  readonly to: number;
  readonly counts: Float64Array;
}

const SKETCH_COLUMNS = 48;
/** What lies farther out is told by the extremes. */
const SKETCH_STDS = 4;

function sketch({ distribution, ...stats }: TensorStats): DepthPoint {
  const { min = 0, max = 0, mean = 0, std = 0 } = stats;
  const [from, to] = [Math.max(min, mean - SKETCH_STDS * std), Math.min(max, mean + SKETCH_STDS * std)];
  return { stats, from, to, counts: countColumns(distribution, from, to, SKETCH_COLUMNS) };
}

export function bytesOfSeries({ tree }: OpenedDocument, { nodes }: DepthSeries): number {
  return nodes.reduce((sum, node) => {
    const elements = (tree.shapes[tree.shape[node]!] ?? []).reduce((n, dim) => n * dim, 1);
    const dtype = tree.dtypes[tree.dtype[node]! - 1];
    return sum + ((dtype && packedBytes(dtype, elements)) ?? tree.bytes[node]!);
  }, 0);
}

export const depthKey = (document: OpenedDocument, { pattern, nodes }: DepthSeries): string =>
  computationKey(document.id, `depth/${nodes[0]}/${pattern}`);

/** Points by block; those not read yet are undefined. */
export type DepthPoints = readonly (DepthPoint | undefined)[];

export const useDepth = (key: string): Computation<DepthPoints> | undefined => useComputation(key);

/** Statistics of one tensor over all blocks, told as they come. */
export function computeDepth(document: OpenedDocument, series: DepthSeries, asked: boolean): Promise<void> {
  const { nodes, pattern } = series;
  const rows = nodes.map((node) => document.tree.entry[node]!);
  return compute<DepthPoints>({
    key: depthKey(document, series),
    title: `${pattern} over depth`,
    asked,
    async run(call, tell) {
      let points: DepthPoints = nodes.map(() => undefined);
      const onItem = ({ id, stats, interim }: EntryStats) => {
        if (interim || !stats) return;
        points = points.with(rows.indexOf(id), sketch(stats));
        tell(points);
      };
      await engine().stats(document.id, Uint32Array.from(rows), { ...call, onItem });
      return points;
    },
  });
}
