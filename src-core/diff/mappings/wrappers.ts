import type { Wrapper } from './mapping.ts';

/**
 * `DistributedDataParallel` and `DataParallel` hold the model as `module`; `torch.compile` as `_orig_mod`, also of parts of it;
 * FSDP and activation checkpointing put a module of their own around any other.
 */
export const ddp: Wrapper = { id: 'ddp', title: 'DistributedDataParallel', strip: /^module\./, when: 'every' };
export const compiled: Wrapper = { id: 'compile', title: 'torch.compile', strip: /(?<![^.])_orig_mod\./g, when: 'any' };
export const fsdp: Wrapper = {
  id: 'fsdp',
  title: 'FSDP and activation checkpointing',
  strip: /(?<![^.])_(?:fsdp_wrapped_module|checkpoint_wrapped_module)\./g,
  when: 'any',
};
