import { parsePythonInt } from '../../model/keys/python-int.ts';
import type { Datum } from './data.ts';
import { showType } from './python-repr.ts';
import { raised } from './raise.ts';

/** `int(x)` as flax.nnx tries it on every part of a path: what is no number to Python stays as it is. */
export function tryInt(part: Datum): Datum {
  if (typeof part === 'bigint') return part;
  if (typeof part === 'boolean') return BigInt(part);
  if (typeof part === 'number') {
    if (Number.isNaN(part)) return part;
    if (!Number.isFinite(part)) throw raised('nnx', 'OverflowError', 'cannot convert float infinity to integer');
    return BigInt(Math.trunc(part));
  }
  if (typeof part === 'string') return parsePythonInt(part) ?? part;
  throw raised(
    'nnx',
    'TypeError',
    `int() argument must be a string, a bytes-like object or a real number, not '${showType(part)}'`,
  );
}
