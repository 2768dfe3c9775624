import { NUMPY_CODES, NUMPY_NAMES } from '../../model/python-dtypes.ts';
import type { KnownDType } from '../../tensor/dtype.ts';

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

export const dtypeOfV3 = (name: string): KnownDType | undefined => own(NUMPY_NAMES, name);

/** As NumPy writes them; what only ml_dtypes has goes by its name. */
export function dtypeOfV2(name: string): { readonly dtype: KnownDType; readonly endian: 'little' | 'big' } | undefined {
  const named = own(NUMPY_NAMES, name);
  if (named) return { dtype: named, endian: 'little' };
  const dtype = /^[<>|]/.test(name) ? own(NUMPY_CODES, name.slice(1)) : undefined;
  return dtype && { dtype, endian: name.startsWith('>') ? 'big' : 'little' };
}
