import { notRunnable } from '../build.ts';
import { imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { reshape } from '../operators.ts';

/** A slope for negative inputs: one, or one a channel. */
export const preluLowering: Lowering = {
  kind: 'PReLU',
  takes: (module) => module.kind === 'PReLU' && slopeOf(module)?.shape.length === 1,
  inputs: (module) => [imageInput(slopeOf(module)!.shape[0]!, 2, 8, 'nchw')],
  lower: (module, { input: x }, _, g) => {
    const slope = slopeOf(module)!;
    const channels = slope.shape[0]!;
    if (channels !== 1 && x!.shape[1] !== channels)
      throw notRunnable(
        module,
        `it has a slope for each of ${channels} channels and is given ${x!.shape[1]}`,
        'Correct what stands before it',
      );
    const axes = x!.shape.slice(2).map(() => 1);
    return { output: g.emit('PRelu', [x, reshape(g, g.weight(slope), [channels, ...axes])], x!.shape) };
  },
};

const slopeOf = (module: ModuleNode) => findTensor(module, 'weight');
