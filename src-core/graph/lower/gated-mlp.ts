import { computeGated, findGated, partsOfGated } from '../feed-forward.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor } from '../module-node.ts';

/** An MLP whose first layer is gated by another (`gate_proj`, `up_proj`, `down_proj`), as in Llama. */
export const gatedMlpLowering: Lowering = {
  kind: 'Gated MLP',
  takes: (module) => module.kind !== 'Block' && findGated(module) !== undefined,
  inputs: (module) => {
    const { gate, down } = findGated(module)!;
    return [
      {
        name: 'input',
        dtype: 'f32',
        meaning: 'features',
        dims: [{ size: 1, free: 'batch' }, { size: featuresOf(gate, down) }],
      },
    ];
  },
  lower: (module, { input }, assume, g) => {
    const gated = findGated(module)!;
    refuseRest(module, partsOfGated(gated));
    return { output: computeGated(module, gated, input!, assume, g) };
  },
};

type Layer = Parameters<typeof findTensor>[0];

function featuresOf(gate: Layer, down: Layer): number {
  const { shape } = findTensor(gate, 'weight', 'kernel')!;
  const isTransposed = findTensor(gate, 'kernel') !== undefined || gate.kind === 'Conv1D' || down.kind === 'Conv1D';
  return shape[isTransposed ? 0 : 1]!;
}
