/** What stands between layers and stores nothing: it is asked for, at the path of the layer before it or of the missing number. */
import { ACTIVATION_NAMES, activate, nameActivation } from './activations.ts';
import type { Assumptions, Guess } from './assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import type { Dim } from './graph.ts';
import { inChannelsFirst, type Layout } from './layout.ts';
import type { ModuleNode } from './module-node.ts';
import { endsOf } from './module-parts.ts';
import { product } from './operators.ts';
import { flatten, printedActivation } from './plain-layers.ts';
import { applyPool, averageTo, POOLS, windowOf } from './pools.ts';
import type { PrintedModule } from './printed.ts';
import { slideOver } from './window.ts';

const CONFIG = ['activation', 'hidden_act', 'activation_function', 'hidden_activation', 'act_fn'];

const RELU: Guess<string> = {
  value: 'relu',
  source: 'default',
  why: 'what stands here stores nothing, and most networks have relu',
};

/** `printed` is the module whose layers these are: it may hold the activation as a layer of its own. */
export function applyActivation(
  path: string,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
  printed?: PrintedModule,
  usual: Guess<string> = RELU,
): Value {
  const held = [...(printed?.children.values() ?? [])].flatMap((child) => printedActivation(child) ?? [])[0];
  const configured = nameActivation(assume.configText(...CONFIG));
  const guess: Guess<string> = held
    ? { value: held, source: 'file', why: 'the printed model holds one' }
    : configured
      ? { value: configured, source: 'file', why: 'the config says so' }
      : usual;
  return activate(g, assume.ask(path, 'activation', { ...guess, choices: ACTIVATION_NAMES }), x);
}

/** Asks for a pool where one may stand. `wanted` is how many numbers of each channel should be left, where that is known. */
export function applyGuessedPool(
  path: string,
  x: Value,
  layout: Layout,
  assume: Assumptions,
  g: GraphBuilder,
  { usual, wanted }: { readonly usual: Guess<string>; readonly wanted?: number },
): Value {
  return inChannelsFirst(g, x, layout, (image) => {
    const axes = image.shape.slice(2);
    const fitting = wanted === undefined ? undefined : [usual.value, 'none'].find((pool) => leaves(pool, axes, wanted));
    const guess: Guess<string> =
      fitting === undefined
        ? usual
        : {
            value: fitting,
            source: 'shape',
            why: `it leaves the ${wanted} numbers a channel that the next layer takes`,
          };
    const choices = POOLS.includes(usual.value) ? POOLS : [...POOLS, usual.value];
    return applyPool({ path }, assume.ask(path, 'pool', { ...guess, choices }), image, g);
  });
}

export const MAX2: Guess<string> = {
  value: 'max2',
  source: 'default',
  why: 'what stands here stores nothing, and most networks halve the image',
};

/** AlexNet, which begins with a kernel of 11, has pools that overlap. */
export const MAX3: Guess<string> = {
  value: 'max3/2',
  source: 'shape',
  why: 'its first kernel is of 11, as in AlexNet, which pools 3 by 3 in steps of 2',
};

/** Whether that many numbers of each channel are left. */
function leaves(pool: string, axes: readonly Dim[], wanted: number): boolean {
  if (pool === 'mean') return wanted === 1;
  const sizes = pool === 'none' ? axes : slideOver(axes, windowOf(pool, axes.length)).sizes;
  return product(sizes) === wanted;
}

/**
 * An image as the features that a linear layer takes: as it is, the mean of each channel, or averaged to the size that fits.
 *
 * @throws `not-runnable` when it fits in no way.
 */
export function fitToLinear(
  linear: ModuleNode,
  x: Value,
  layout: Layout,
  assume: Assumptions,
  g: GraphBuilder,
  mayAverage: boolean,
): Value {
  const takes = endsOf(linear)?.takes ?? 0;
  const fitted = inChannelsFirst(g, x, layout, (image) => {
    const [, channels, ...axes] = image.shape as readonly number[];
    const area = axes.reduce((all, size) => all * size, 1);
    const side = Math.round((takes / channels!) ** (1 / axes.length));
    const canAverage = channels! * side ** axes.length === takes;
    if (channels! * area === takes) return image;
    const guess: Guess<string> =
      channels === takes
        ? { value: 'mean', source: 'shape', why: `it takes one number of each of ${channels} channels` }
        : canAverage && mayAverage
          ? { value: 'adaptive', source: 'shape', why: `it takes ${side} by ${side} numbers of each channel` }
          : { value: 'none', source: 'default', why: 'nothing else fits' };
    const pool = assume.ask(linear.path, 'pool', { ...guess, choices: [...POOLS, 'adaptive'] });
    if (pool === 'adaptive' && canAverage)
      return averageTo(
        g,
        image,
        axes.map(() => side),
      );
    return applyPool(linear, pool === 'adaptive' ? 'none' : pool, image, g);
  });
  const features = flatten(g, fitted);
  if (features.shape.at(-1) === takes) return features;
  throw notRunnable(
    linear,
    `it takes ${takes} numbers, and ${x.shape.slice(1).join('×')} are ${features.shape.at(-1)}`,
    'Give it an image of another size, or correct the pools, strides and padding before it',
  );
}
