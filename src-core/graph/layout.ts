import type { Assumptions } from './assumptions.ts';
import type { GraphBuilder, Value } from './build.ts';
import { notRunnable } from './build.ts';
import type { InputSpec } from './graph.ts';
import { findTensor, type ModuleNode } from './module-node.ts';
import { channelsFirst, channelsLast } from './window.ts';

/** Where the channels of an image lie: PyTorch has them before its axes, Flax and Keras after. */
export type Layout = 'nchw' | 'nhwc';
const LAYOUTS: readonly Layout[] = ['nchw', 'nhwc'];

/** Names that Flax and Keras give, and PyTorch does not. */
const CHANNELS_LAST = ['kernel', 'scale', 'mean', 'gamma', 'moving_mean'];

export function askLayout(module: ModuleNode, assume: Assumptions): Layout {
  return assume.ask<Layout>(
    module.path,
    'layout',
    findTensor(module, ...CHANNELS_LAST)
      ? {
          value: 'nhwc',
          source: 'name',
          why: 'its names are those of Flax or Keras, which keep channels last',
          choices: LAYOUTS,
        }
      : { value: 'nchw', source: 'default', why: 'PyTorch keeps channels first', choices: LAYOUTS },
  );
}

/** An image as it is offered: `axes` spatial axes, each of which may have another size. */
export function imageInput(channels: number, axes: number, size: number, layout: Layout): InputSpec {
  const spatial = (axes === 1 ? ['length'] : ['height', 'width']).map((free) => ({ size, free }));
  const batch = { size: 1, free: 'batch' };
  const dims = layout === 'nchw' ? [batch, { size: channels }, ...spatial] : [batch, ...spatial, { size: channels }];
  return { name: 'input', dtype: 'f32', meaning: axes === 2 ? 'image' : 'features', dims };
}

export const channelsOf = (x: Value, layout: Layout) => (layout === 'nchw' ? x.shape[1] : x.shape.at(-1));

/** Computes something that takes channels first, in either layout. */
export function inChannelsFirst(g: GraphBuilder, x: Value, layout: Layout, compute: (x: Value) => Value): Value {
  return layout === 'nchw' || x.shape.length < 3 ? compute(x) : channelsLast(g, compute(channelsFirst(g, x)));
}

/** @throws `not-runnable` unless the input has that many channels. */
export function requireChannels(module: ModuleNode, x: Value, layout: Layout, channels: number): void {
  const given = channelsOf(x, layout);
  if (given === channels) return;
  throw notRunnable(
    module,
    `it takes ${channels} channels and is given ${given} (the shape is ${x.shape.join('×')})`,
    'Say where the channels lie (layout), or correct what stands before it',
  );
}

/** @throws `not-runnable` unless two images are as large as each other, so that their channels can be joined. */
export function requireSameSize(module: ModuleNode, a: Value, b: Value, what: string): void {
  if (a.shape.slice(2).join() === b.shape.slice(2).join()) return;
  throw notRunnable(
    module,
    `channels of ${what} are joined, and they have ${a.shape.slice(2).join('×')} and ${b.shape.slice(2).join('×')} pixels`,
    'Correct stride and padding of its convolutions',
  );
}
