/** onnxruntime's own words for tensors, for the files that speak to it. */
import { StateglassError } from '../../base/errors.ts';
import type { RunTensor } from '../ports.ts';

export const RUNTIME_TYPES = { f32: 'float32', i64: 'int64', bool: 'bool' } as const;

/** A tensor that the runtime gave. @throws `internal` for a type that no graph gives. */
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
  throw new StateglassError({ kind: 'internal', detail: `a run gave ${type}` });
}
