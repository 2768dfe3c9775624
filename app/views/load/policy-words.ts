import type { PolicyId } from '../../../src-core/index.ts';

/** Policies by the system they are of. */
export const SYSTEMS: readonly (readonly [system: string, policies: readonly PolicyId[]])[] = [
  ['PyTorch', ['torch-strict', 'torch-nonstrict', 'torch-assign']],
  ['MAX', ['max-strict', 'max-nonstrict']],
  ['Caten', ['caten', 'caten-silent']],
  ['flax', ['nnx-replace-by-pure-dict', 'nnx-update', 'nnx-merge', 'flax-from-state-dict']],
  ['inox', ['inox-update-state', 'inox-combine']],
  ['msgflux', ['msgflux', 'msgflux-fixed']],
  ['DSPy', ['dspy']],
];

/** What each does, in a sentence. */
export const ABOUT: Readonly<Record<PolicyId, string>> = {
  'torch-strict':
    'Copies every tensor that fits, then raises one error with all that is missing, unexpected or of another size.',
  'torch-nonstrict': 'Copies what fits and returns what is missing or unexpected; another size raises all the same.',
  'torch-assign':
    'Takes the tensors of the file as they are, in their own dtype, instead of copying them; strict about keys and sizes.',
  'max-strict':
    'Goes weight by weight and raises at the first of another shape, dtype or alignment; then for keys on one side alone.',
  'max-nonstrict':
    'Passes over keys that are on one side alone; another shape, dtype or alignment raises all the same.',
  caten: 'Warns of what is missing or does not fit, and takes it all the same.',
  'caten-silent': 'Takes what comes, whatever its shape and dtype, without a warning.',
  'nnx-replace-by-pure-dict':
    'Replaces leaves by their paths. A path that the state has not raises; shapes are never compared.',
  'nnx-update': 'Puts what comes into the variables, adds what is new, and leaves the rest as it was.',
  'nnx-merge': 'Fills the graph in the order of sorted paths: a renamed key can put a weight in the place of another.',
  'flax-from-state-dict': 'Wants every key of the target. What else comes is ignored, and shapes are never compared.',
  'inox-update-state': 'Lays the new state over the old one; new keys are added, shapes are never compared.',
  'inox-combine': 'Wants exactly the leaves that the tree has; their shapes are never compared.',
  msgflux:
    'Sets what arrives and says nothing. The names of modules are taken out of the whole key on the way down: a.a.x never arrives.',
  'msgflux-fixed': 'What msgflux would do if it matched whole keys.',
  dspy: 'Wants the fields of every predictor; what else the file has is ignored.',
};
