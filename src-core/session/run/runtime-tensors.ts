/** onnxruntime's own words for tensors, for the files that speak to it. */
import { notRunnable } from '../../graph/build.ts';
import { codeTable } from '../../tensor/decode.ts';
import type { RunTensor } from '../ports.ts';

/** What cannot be run is the whole file. */
const ALL = { path: '' };

export const RUNTIME_TYPES = { f32: 'float32', i64: 'int64', bool: 'bool' } as const;

/** A tensor that the runtime gave. @throws `not-runnable` for one that is no tensor of numbers. */
export function readRuntimeTensor({
  type,
  data,
  dims,
}: {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}): RunTensor {
  const shape = [...dims];
  if (type === 'float32') return { dtype: 'f32', shape, data: data as Float32Array<ArrayBuffer> };
  if (type === 'int64') return { dtype: 'i64', shape, data: data as BigInt64Array<ArrayBuffer> };
  if (type === 'bool') return { dtype: 'bool', shape, data: data as Uint8Array<ArrayBuffer> };
  return { shape, ...widen(type, data) } as RunTensor;
}

/** What graphs of other programs give: whole numbers as i64, all exact; f16 as f32, exact; f64 as f32, rounded. */
function widen(type: string, data: unknown): Pick<RunTensor, 'dtype' | 'data'> {
  switch (type) {
    case 'int32':
    case 'uint32':
    case 'int16':
    case 'uint16':
    case 'int8':
    case 'uint8':
    case 'int4':
    case 'uint4':
      return { dtype: 'i64', data: BigInt64Array.from(data as ArrayLike<number> & Iterable<number>, BigInt) };
    case 'uint64':
      return { dtype: 'i64', data: new BigInt64Array(data as BigUint64Array) };
    case 'float64':
      return { dtype: 'f32', data: Float32Array.from(data as Float64Array) };
    case 'float16': {
      // Codes, where the platform has no array of such numbers.
      const table = data instanceof Uint16Array ? codeTable('f16') : undefined;
      const numbers = data as ArrayLike<number>;
      return { dtype: 'f32', data: Float32Array.from(numbers, (value) => (table ? (table[value] as number) : value)) };
    }
    default:
      throw notRunnable(ALL, `it gives ${type}, which is not shown here`, 'Look at another value of it');
  }
}
