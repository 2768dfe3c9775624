import type { Mapping } from './mapping.ts';

/** Names of PyTorch's modules as Keras has them; kernels lie as Flax's do. Keras names layers by itself unless told otherwise. */
export const keras: Mapping = {
  id: 'keras',
  title: 'PyTorch ↔ Keras',
  toRight: [
    { pattern: '\\.running_mean$', to: '.moving_mean' },
    { pattern: '\\.running_var$', to: '.moving_variance' },
    { pattern: '((?:^|[._])(?:[a-z_]*norm\\d*|ln_?\\w*|bn_?\\w*))\\.weight$', to: '$1.gamma', flags: 'i' },
    { pattern: '((?:^|[._])(?:[a-z_]*norm\\d*|ln_?\\w*|bn_?\\w*))\\.bias$', to: '$1.beta', flags: 'i' },
    { pattern: '((?:^|[._])[a-z_]*embed(?:ding)?s?\\w*)\\.weight$', to: '$1.embeddings', flags: 'i' },
    { pattern: '\\.weight$', to: '.kernel' },
  ],
  toLeft: [
    // `dense/kernel:0` of older versions.
    { pattern: ':0$', to: '' },
    { pattern: '/', to: '.' },
    { pattern: '\\.(?:kernel|gamma|embeddings)$', to: '.weight' },
    { pattern: '\\.beta$', to: '.bias' },
    { pattern: '\\.moving_mean$', to: '.running_mean' },
    { pattern: '\\.moving_variance$', to: '.running_var' },
  ],
  left: /\.weight$/,
  right: /[./](?:gamma|beta|moving_mean|moving_variance|embeddings|kernel)(?::0)?$/,
  layout: { of: /[./]kernel(?::0)?$/, otherwise: 'transposed' },
};
