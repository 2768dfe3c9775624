/**
 * Keras 3 saves the variables of a layer below `vars`, by number: `layers/dense_1/vars/0`. The layer is named after its class, which
 * says what the numbers stand for (`keras/src/saving/saving_lib.py` and each layer's `save_own_variables`).
 */
export const KERAS_VARIABLES = 'vars';

const KERNEL = ['kernel', 'bias'];
const LAYERS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^((query|key|value|output|einsum)_)?dense$|^conv[12]d$/, KERNEL],
  [/^batch_normalization$/, ['gamma', 'beta', 'moving_mean', 'moving_variance']],
  [/^layer_normalization$/, ['gamma', 'beta']],
  [/^embedding$/, ['embeddings']],
];

/** Names of a layer's variables, in order; undefined for a layer that is not known. */
export function kerasVariables(layer: string): readonly string[] | undefined {
  const own = layer.replace(/_\d+$/, '');
  return LAYERS.find(([pattern]) => pattern.test(own))?.[1];
}
