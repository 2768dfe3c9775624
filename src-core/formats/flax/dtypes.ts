import { NUMPY_NAMES } from '../../model/python-dtypes.ts';
import type { DType } from '../../tensor/dtype.ts';

/** Of names for one type the first. */
const OWN = new Map(
  Object.entries(NUMPY_NAMES)
    .reverse()
    .map(([name, dtype]) => [dtype as DType, name] as const),
);

export const dtypeOf = (name: string): DType =>
  (Object.hasOwn(NUMPY_NAMES, name) ? NUMPY_NAMES[name] : undefined) ?? `other:${name}`;

/** What NumPy calls a type; undefined for one that it does not have. `before`: what the file calls it, where it is kept. */
export const nameOf = (dtype: DType, before?: string): string | undefined =>
  before !== undefined && dtypeOf(before) === dtype ? before : OWN.get(dtype);
