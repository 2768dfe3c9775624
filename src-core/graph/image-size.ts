/** Which images a network takes: the size of its first linear layer tells, with how its convolutions are padded and pooled. */
import { StateglassError } from '../base/errors.ts';
import type { Assumptions } from './assumptions.ts';
import type { GraphBuilder } from './build.ts';
import type { Link } from './chain.ts';
import type { Dim } from './graph.ts';
import type { ModuleNode } from './module-node.ts';
import { endsOf, isSequence, leavesOf } from './module-parts.ts';
import { type Habit, runNetwork } from './network.ts';

/** Sides of images that networks are made for, the likeliest first; those of one channel are often digits. */
const SIDES = [
  32, 224, 64, 28, 8, 16, 96, 128, 48, 24, 20, 40, 56, 100, 112, 160, 192, 200, 227, 256, 299, 320, 384, 512,
];
const SIDES_OF_GREY = [28, 32, 8, 16, 64, ...SIDES];

const HABITS = (['same', 'none'] as const).flatMap((padding) =>
  (['each', 'last', 'none'] as const).map((pools) => ({ padding, pools })),
);
const USUAL: Habit = { padding: 'same', pools: 'each', why: 'most networks halve the image behind each convolution' };
const UNPOOLED: Habit = { padding: 'same', pools: 'none', why: 'nothing says that it is pooled' };

export interface Fit {
  readonly habit: Habit;
  /** Of the shapes that were tried, the one that fits; undefined where none does. */
  readonly shape: readonly Dim[] | undefined;
}

/** The first of some shapes of images with which all that a network holds fits together, and the habit with which it does. */
export function findFit(
  module: ModuleNode,
  links: readonly Link[],
  shapes: readonly (readonly Dim[])[],
  assume: Assumptions,
  build: () => GraphBuilder,
): Fit {
  const linear = links.find(({ role }) => role === 'linear');
  const before = links[links.indexOf(linear!) - 1];
  const takes = linear && endsOf(linear.module)?.takes;
  if (!before || takes === endsOf(before.module)?.gives) return { habit: UNPOOLED, shape: undefined };
  const isFree = links.some((link) => link.role === 'conv' && !isSequence(link.module));
  const layer = leavesOf(linear!.module)[0]!;
  for (const shape of shapes)
    for (const { padding, pools } of isFree ? HABITS : [USUAL]) {
      const why = `so an image of ${shape.slice(1).join('×')} ends as the ${takes} numbers that ${layer.name} takes`;
      const habit = { padding, pools, why };
      if (fits(module, links, shape, habit, layer, assume, build())) return { habit, shape };
    }
  return { habit: USUAL, shape: undefined };
}

/** The shapes that are tried where nothing is given. */
export const shapesToTry = (channels: number, axes: number, isLast: boolean): readonly (readonly number[])[] =>
  (channels === 1 ? SIDES_OF_GREY : SIDES).map((side) => {
    const sides = Array.from({ length: axes }, () => side);
    return isLast ? [1, ...sides, channels] : [1, channels, ...sides];
  });

function fits(
  module: ModuleNode,
  links: readonly Link[],
  shape: readonly Dim[],
  habit: Habit,
  layer: ModuleNode,
  assume: Assumptions,
  g: GraphBuilder,
): boolean {
  const count = assume.made.length;
  const spec = { name: 'input', dtype: 'f32', meaning: 'image', dims: [] } as const;
  try {
    runNetwork(module, links, g.input(spec, shape), habit, assume, g);
    // Averaged to the size that is wanted, any image fits.
    return assume.made.every(({ path, name, value }) => path !== layer.path || name !== 'pool' || value !== 'adaptive');
  } catch (error) {
    if (error instanceof StateglassError && error.info.kind === 'not-runnable') return false;
    throw error;
  } finally {
    assume.forget(count);
  }
}
