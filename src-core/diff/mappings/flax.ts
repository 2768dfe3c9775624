import type { Mapping } from './mapping.ts';

/**
 * Names of PyTorch's modules as flax.linen and flax.nnx have them. A kernel is [in, out] where a weight is [out, in], and
 * HWIO where it is OIHW. Which of kernel, scale and embedding a weight becomes is not in its name alone: on the way there
 * norms and embeddings are told by what they are usually called.
 */
export const flax: Mapping = {
  id: 'flax',
  title: 'PyTorch ↔ Flax',
  toRight: [
    { pattern: '\\.running_mean$', to: '.mean' },
    { pattern: '\\.running_var$', to: '.var' },
    { pattern: '((?:^|[._])(?:[a-z_]*norm\\d*|ln_?\\w*|bn_?\\w*))\\.weight$', to: '$1.scale', flags: 'i' },
    { pattern: '((?:^|[._])(?:wte|wpe|[a-z_]*embed(?:ding)?s?\\w*))\\.weight$', to: '$1.embedding', flags: 'i' },
    { pattern: '\\.weight$', to: '.kernel' },
  ],
  toLeft: [
    { pattern: '\\.(?:kernel|scale|embedding)$', to: '.weight' },
    { pattern: '\\.mean$', to: '.running_mean' },
    { pattern: '\\.var$', to: '.running_var' },
    // linen names the members of a list `layers_0`.
    { pattern: '(^|\\.)(layers?|blocks?|h|stages?|heads|experts|convs?|resblocks)_(\\d+)(?=\\.)', to: '$1$2.$3' },
  ],
  left: /\.weight$/,
  right: /\.(?:kernel|scale|embedding)$/,
  layout: { of: /\.kernel$/, otherwise: 'transposed' },
};
