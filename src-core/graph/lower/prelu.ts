import { notRunnable } from '../build.ts';
import { imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { reshape } from '../operators.ts';

/** A slope for negative inputs: one, or one a channel. */
export const preluLowering: Lowering = {
  kind: 'PReLU',
  takes: (module, assume) => {
    const isAlone = module.kind === '' && module.tensors.size === 1 && module.children.size === 0;
    // A numbered vector is a slope, or else a norm without a shift: which, only a printed model says.
    const isSlope =
      isAlone && (assume.printedAt(module.path)?.type ?? 'PReLU') === 'PReLU' && /^\d+$/.test(module.name);
    return (module.kind === 'PReLU' || isSlope) && slopeOf(module)?.shape.length === 1;
  },
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
