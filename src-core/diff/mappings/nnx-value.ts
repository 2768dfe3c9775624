import type { Wrapper } from './mapping.ts';

/** A Variable of flax.nnx is a node with one child: what Orbax saves has it as a last part, pure dicts do not. */
export const nnxValue: Wrapper = {
  id: 'nnx-value',
  title: 'flax.nnx Variable',
  strip: /\.(?:raw_)?value$/,
  when: 'every',
};
