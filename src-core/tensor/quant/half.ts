import { codeTable } from '../decode.ts';

let table: Float32Array<ArrayBuffer> | undefined;

/** The number of every code of f16: scales of blocks are stored so. Shared: do not write to it. */
export function halfTable(): Float32Array<ArrayBuffer> {
  table ??= Float32Array.from(codeTable('f16') as Float64Array);
  return table;
}
