import type { Lowering } from '../lowering.ts';
import { lowerLayerNorm, scaleOf } from '../normalise.ts';

/** `weight` and `bias`; `scale` and `bias` of Flax, `affine` and `bias` of Caten, `gamma` and `beta` of older files. */
export const layerNormLowering: Lowering = {
  kind: 'LayerNorm',
  takes: (module) => module.kind === 'LayerNorm' && scaleOf(module) !== undefined,
  inputs: (module) => [
    {
      name: 'input',
      dtype: 'f32',
      meaning: 'features',
      dims: [{ size: 1, free: 'batch' }, ...scaleOf(module)!.shape.map((size) => ({ size }))],
    },
  ],
  lower: (module, { input }, assume, g) => ({ output: lowerLayerNorm(module, input!, assume, g) }),
};
