import { askLayout, imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { lowerGroupNorm, scaleOf } from '../normalise.ts';

export const groupNormLowering: Lowering = {
  kind: 'GroupNorm',
  takes: (module) => module.kind === 'GroupNorm' && scaleOf(module)?.shape.length === 1,
  inputs: (module, assume) => [imageInput(scaleOf(module)!.shape[0]!, 2, 8, askLayout(module, assume))],
  lower: (module, { input }, assume, g) => ({ output: lowerGroupNorm(module, input!, assume, g) }),
};
