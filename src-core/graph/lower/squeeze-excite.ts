import { ACTIVATION_NAMES, activate } from '../activations.ts';
import type { Guess } from '../assumptions.ts';
import { imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { blockAround, findExcite, placeOfBlock } from '../mobile-blocks.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { multiply } from '../operators.ts';
import { applyPool } from '../pools.ts';

/** A gate for each channel of an image: from the means of all, through two convolutions. */
export const squeezeExciteLowering: Lowering = {
  kind: 'SqueezeExcite',
  takes: (module) => findExcite(module) !== undefined,
  inputs: (module) => [imageInput(findTensor(findExcite(module)!.reduce, 'weight')!.shape[1]!, 2, 8, 'nchw')],
  lower: (module, { input }, assume, g) => {
    const { reduce, expand } = findExcite(module)!;
    const [inner, gate] = guessActivations(module);
    const ask = (at: ModuleNode, guess: Guess<string>) =>
      assume.ask(at.path, 'activation', { ...guess, choices: ACTIVATION_NAMES });
    const squeezed = activate(g, ask(reduce, inner), g.apply(reduce, applyPool(module, 'mean', input!, g)));
    const gates = activate(g, ask(expand, gate), g.apply(expand, squeezed));
    return { output: multiply(g, input!, gates) };
  },
};

/** Of the convolution that narrows, and of the gates. */
function guessActivations(module: ModuleNode): readonly [Guess<string>, Guess<string>] {
  const block = blockAround(module);
  const family = block && placeOfBlock(block).family;
  const guess = (value: string, of: string): Guess<string> => ({
    value,
    source: block ? 'shape' : 'default',
    why: `as in ${of}`,
  });
  if (family === 'EfficientNet') return [guess('silu', family), guess('sigmoid', family)];
  if (family === 'MobileNetV3') return [guess('relu', family), guess('hardsigmoid', family)];
  return [guess('relu', 'SENet'), guess('sigmoid', 'SENet')];
}
