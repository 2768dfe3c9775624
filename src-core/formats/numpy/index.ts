import type { Writer } from '../format.ts';

export const npz: Writer = {
  id: 'npz',
  label: 'NumPy arrays',
  extensions: ['.npz'],
  holds: 'tensors',
  load: async () => ({ write: (await import('./npz.ts')).write }),
};

export const npy: Writer = {
  id: 'npy',
  label: 'NumPy array',
  extensions: ['.npy'],
  holds: 'one tensor',
  load: async () => ({ write: (await import('./npy.ts')).write }),
};
