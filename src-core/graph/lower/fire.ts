import { applyActivation } from '../between-layers.ts';
import type { Value } from '../build.ts';
import { refuseRest } from '../known-parts.ts';
import { imageInput, requireSameSize } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor } from '../module-node.ts';
import { concat } from '../operators.ts';
import { findFire } from '../squeeze-net.ts';

/** A block of SqueezeNet: channels are narrowed, then widened by kernels of 1 and of 3 beside each other. */
export const fireLowering: Lowering = {
  kind: 'Fire',
  takes: (module) => findFire(module) !== undefined,
  inputs: (module) => [imageInput(findTensor(findFire(module)!.squeeze, 'weight')!.shape[1]!, 2, 16, 'nchw')],
  lower: (module, { input }, assume, g) => {
    const { squeeze, sides } = findFire(module)!;
    refuseRest(module, [squeeze, ...sides]);
    const activated = (x: Value) => applyActivation(module.path, x, assume, g, assume.printedAt(module.path));
    const narrow = activated(g.apply(squeeze, input!));
    const [one, three] = sides.map((side) => activated(g.apply(side, narrow))) as [Value, Value];
    requireSameSize(module, one, three, 'expand1x1 and expand3x3');
    return { output: concat(g, [one, three], 1) };
  },
};
