import { malformed } from '../../base/errors.ts';
import { hexOfBytes } from '../../tensor/derivation.ts';
import { bitsOf, familyOf, type KnownDType } from '../../tensor/dtype.ts';
import { encodeElements } from '../../tensor/encode.ts';

const WORDS: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity: Infinity, '-Infinity': -Infinity };

/**
 * Bytes of the element that stands where no chunk is, hexadecimal: zero where nothing is said.
 *
 * @throws `malformed` for what is no value of the type.
 */
export function encodeFill(value: unknown, dtype: KnownDType, name: string): string {
  const family = familyOf(dtype);
  const zero = '00'.repeat((bitsOf(dtype) ?? 8) / 8);
  if (value === null || value === undefined || value === 0 || value === false) return zero;
  // A bit pattern, which is how a NaN of a kind is told.
  if (typeof value === 'string' && /^0x[0-9a-f]+$/i.test(value)) return fromPattern(value, zero.length, name);
  const parts = family === 'complex' && Array.isArray(value) ? value : [value];
  const numbers = parts.map((part) => (part === true ? 1 : typeof part === 'number' ? part : WORDS[String(part)]));
  if (numbers.includes(undefined) || numbers.length !== (family === 'complex' ? 2 : 1))
    throw malformed(name, 'zarr', `its fill value ${JSON.stringify(value)} is no ${dtype}`);
  return hexOfBytes(encodeElements(dtype, Float64Array.from(numbers as number[])));
}

/** Written with the highest byte first. */
function fromPattern(text: string, digits: number, name: string): string {
  const hex = text.slice(2).toLowerCase();
  if (hex.length !== digits) throw malformed(name, 'zarr', `its fill value ${text} has another size than its elements`);
  return (hex.match(/../g) ?? []).reverse().join('');
}
