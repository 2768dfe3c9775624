import type { TensorValue } from '../../model/state-dict.ts';
import { bitsOf } from '../../tensor/dtype.ts';
import type { TorchDType } from './dtypes.ts';
import { touchedSpan } from './layout.ts';
import type { StorageUse } from './storages.ts';

/** A tensor while it is put together. */
export type Draft = { -readonly [K in keyof TensorValue]: TensorValue[K] };

/** float4_e2m1fn_x2 counts bytes of two numbers each; a dense one is shown as the numbers it holds. */
export function countPairs(value: Draft): void {
  const { shape } = value;
  value.dtype = 'f4';
  value.shape = shape.length === 0 ? [2] : [...shape.slice(0, -1), shape.at(-1)! * 2];
  value.offset *= 2;
}

/** What is wrong with a layout; undefined when all its parts are there and fit the storage. */
export function checkLayout(
  shape: readonly number[],
  strides: readonly number[] | undefined,
  offset: number | undefined,
  element: TorchDType,
  use: StorageUse,
): { readonly code: string; readonly text: string } | undefined {
  if (!strides) return { code: 'malformed-tensor', text: 'has strides that are no list of non-negative integers' };
  if (strides.length !== shape.length) {
    return { code: 'malformed-tensor', text: `has ${shape.length} dimensions and ${strides.length} strides` };
  }
  if (offset === undefined || offset < 0)
    return { code: 'malformed-tensor', text: 'has no readable offset into its storage' };
  const to = touchedSpan(shape, strides, offset)?.to ?? offset;
  const needed = Math.ceil((to * (elementBits(element) ?? 8)) / 8);
  if (needed <= use.ref.byteLength) return undefined;
  const text = `needs ${needed} bytes of storage ${use.ref.key}, which has ${use.ref.byteLength}`;
  return { code: 'outside-storage', text };
}

const elementBits = (element: TorchDType): number | undefined =>
  element.dtype.startsWith('other:') ? element.bytes * 8 : bitsOf(element.dtype);
