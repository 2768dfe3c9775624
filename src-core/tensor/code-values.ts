import { codeTable } from './decode.ts';
import type { Numbers } from './stats.ts';

const values = new Map<string, Float64Array<ArrayBuffer>>();
const orders = new Map<string, Uint16Array<ArrayBuffer>>();

/** The number of every code of a type of up to 16 bits. Shared: not to be written to. */
export function codeValues(numbers: Numbers): Float64Array<ArrayBuffer> {
  const { dtype, affine, negative } = numbers;
  const table = codeTable(dtype) ?? new Float64Array();
  if (!affine && !negative) return table;
  const change = (value: number) => {
    const scaled = affine ? (value - affine.zeroPoint) * affine.scale : value;
    return negative ? -scaled : scaled;
  };
  return keep(values, numbers, () => table.map(change));
}

/** Codes of finite values, ascending by value; codes of equal value stand together. */
export function codeOrder(numbers: Numbers): Uint16Array<ArrayBuffer> {
  return keep(orders, numbers, () => {
    const table = codeValues(numbers);
    const finite = Uint16Array.from(table.keys()).filter((code) => Number.isFinite(table[code]));
    return finite.sort((a, b) => (table[a] as number) - (table[b] as number) || a - b);
  });
}

/** Sorting 65,536 codes takes as long as counting 30 MB; small tables with scales of their own are not worth keeping. */
function keep<T>(cache: Map<string, T>, { dtype, affine, negative }: Numbers, make: () => T): T {
  if (affine) return make();
  const key = `${dtype} ${negative === true}`;
  let made = cache.get(key);
  if (made === undefined) {
    made = make();
    cache.set(key, made);
  }
  return made;
}
