/**
 * Pools, by names short enough to be typed: `max2` is 2×2 in steps of 2, `max3/2p1` is 3×3 in steps of 2 with a rim of 1, and
 * `max3/2c` counts a window that ends outside.
 */
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import type { ModuleNode } from './module-node.ts';
import { matmul, mean, transpose } from './operators.ts';
import { pool, type Window } from './window.ts';

/** `mean` is over the whole image; `adaptive` makes the size that is wanted of any. */
export const POOLS: readonly string[] = [
  'none',
  'max2',
  'max3/2',
  'max3/2p1',
  'max3/2c',
  'max4',
  'avg2',
  'avg4',
  'mean',
];

const NAME = /^(max|avg)(\d+)(?:\/(\d+))?(?:p(\d+))?(c)?$/;

/** Over the axes of [batch, channels, …axes]. @throws `not-runnable` where the image is smaller than the window. */
export function applyPool(module: Pick<ModuleNode, 'path'>, name: string, x: Value, g: GraphBuilder): Value {
  const axes = x.shape.length - 2;
  if (name === 'none') return x;
  if (name === 'mean')
    return mean(
      g,
      x,
      Array.from({ length: axes }, (_, i) => i + 2),
    );
  return applyWindow(module, name.startsWith('max') ? 'MaxPool' : 'AveragePool', x, g, windowOf(name, axes));
}

/** Of a pool that has a window. */
export function windowOf(name: string, axes: number): Window {
  const [, , size, step, rim, up] = NAME.exec(name) ?? [];
  const each = (value: number) => Array.from({ length: axes }, () => value);
  return {
    kernel: each(Number(size)),
    stride: each(Number(step ?? size)),
    padding: each(Number(rim ?? 0)),
    roundsUp: up !== undefined,
  };
}

export function applyWindow(
  module: Pick<ModuleNode, 'path'>,
  op: 'MaxPool' | 'AveragePool',
  x: Value,
  g: GraphBuilder,
  window: Window,
): Value {
  const pooled = pool(g, op, x, window);
  if (pooled.shape.some((size) => typeof size === 'number' && size < 1))
    throw notRunnable(
      module,
      `a pool of ${window.kernel.join('×')} does not fit in ${x.shape.slice(2).join('×')}`,
      'Give it a larger image, or correct pool',
    );
  return pooled;
}

export const poolName = (op: 'max' | 'avg', kernel: number, stride: number, padding: number): string =>
  `${op}${kernel}${stride === kernel ? '' : `/${stride}`}${padding === 0 ? '' : `p${padding}`}`;

/** Averages of an image over a grid of that size, as AdaptiveAvgPool has it: parts may overlap. */
export function averageTo(g: GraphBuilder, x: Value, sizes: readonly number[]): Value {
  let y = x;
  sizes.forEach((size, i) => {
    const axis = i + 2;
    const from = y.shape[axis] as number;
    if (from === size) return;
    const last = y.shape.length - 1;
    const order = y.shape.map((_, at) => (at === axis ? last : at === last ? axis : at));
    const turned = axis === last ? y : transpose(g, y, order);
    const averaged = matmul(g, turned, g.constant('f32', [from, size], averages(from, size)));
    y = axis === last ? averaged : transpose(g, averaged, order);
  });
  return y;
}

/** [from, to]: column j is 1/n over the n rows that part j covers. */
function averages(from: number, to: number): readonly number[] {
  const table = new Array<number>(from * to).fill(0);
  for (let part = 0; part < to; part++) {
    const start = Math.floor((part * from) / to);
    const end = Math.ceil(((part + 1) * from) / to);
    for (let row = start; row < end; row++) table[row * to + part] = 1 / (end - start);
  }
  return table;
}
