import { latin1 } from '../../bytes/latin1.ts';
import type { Format, Likelihood, Writer } from '../format.ts';

/**
 * Arrays by name: a zip of `NAME.npy` members, stored or deflated (`np.savez`, `mx.savez`, Keras, t5x). Reads the directory and the
 * headers of its arrays, the texts among them, and what pickled objects are; no numbers.
 * Specified in `numpy/lib/_npyio_impl.py` and `numpy/lib/_format_impl.py`.
 */
export const npz: Format & Writer = {
  id: 'npz',
  label: 'NumPy arrays',
  extensions: ['.npz'],
  probe: probeArchive,
  holds: 'tensors',
  load: async () => {
    const [{ read }, { write }, { save }] = await Promise.all([
      import('./read-npz.ts'),
      import('./npz.ts'),
      import('./save-npz.ts'),
    ]);
    return { read, write, save };
  },
};

/** One array, named as its file. */
export const npy: Format & Writer = {
  id: 'npy',
  label: 'NumPy array',
  extensions: ['.npy'],
  probe: (head) => (startsWith(head, '\x93NUMPY') ? 'yes' : 'no'),
  holds: 'one tensor',
  load: async () => {
    const [{ read }, { write }, { save }] = await Promise.all([
      import('./read-npy.ts'),
      import('./npy.ts'),
      import('./save-npy.ts'),
    ]);
    return { read, write, save };
  },
};

const LOCAL_BYTES = 30;

function probeArchive(head: Uint8Array, name: string): Likelihood {
  const isNamed = name.toLowerCase().endsWith('.npz');
  if (startsWith(head, 'PK\x05\x06')) return isNamed ? 'yes' : 'no';
  if (!startsWith(head, 'PK\x03\x04')) return isNamed ? 'maybe' : 'no';
  if (isNamed) return 'yes';
  const length = (head[26] ?? 0) + 256 * (head[27] ?? 0);
  return latin1(head.subarray(LOCAL_BYTES, LOCAL_BYTES + length)).endsWith('.npy') ? 'yes' : 'no';
}

const startsWith = (head: Uint8Array, magic: string): boolean =>
  head.length >= magic.length && latin1(head.subarray(0, magic.length)) === magic;
