import type { Wrapper } from './mapping.ts';

/** flax.linen keeps parameters and statistics of batches in collections. */
export const flaxCollection: Wrapper = {
  id: 'flax-collection',
  title: 'flax.linen collections',
  strip: /^(?:params|batch_stats)\./,
  when: 'every',
};
