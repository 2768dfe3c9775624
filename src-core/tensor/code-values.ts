import { codeTable, codeToNumber } from './decode.ts';
import { dequantiseByTensor } from './dequantise.ts';
import type { Numbers } from './stats-partial.ts';

const values = new Map<string, Float64Array<ArrayBuffer>>();
const orders = new Map<string, Uint16Array<ArrayBuffer>>();

/** What a code stands for. */
export const codeValue = (numbers: Numbers, code: number): number =>
  changeValue(numbers, codeToNumber(numbers.dtype, code));

function changeValue({ affine, negative }: Numbers, value: number): number {
  const scaled = affine ? dequantiseByTensor(value, affine.zeroPoint, affine.scale) : value;
  return negative ? -scaled : scaled;
}

/** The number of every code of a type of up to 16 bits. Shared: not to be written to. */
export function codeValues(numbers: Numbers): Float64Array<ArrayBuffer> {
  const table = codeTable(numbers.dtype) ?? new Float64Array();
  if (!numbers.affine && !numbers.negative) return table;
  return keep(values, numbers, () => table.map((value) => changeValue(numbers, value)));
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
