import { countElements } from '../../tensor/dtype.ts';
import { readPythonDType } from '../python-dtypes.ts';
import type { EntryId } from '../state-dict.ts';
import type { PackedWeight, UnpackPlan } from './packed-weight.ts';

/** What bitsandbytes keeps of a 4-bit weight in `quant_state`, as far as unpacking needs it. */
export interface QuantState {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly blocksize: number;
  readonly nested_blocksize?: number;
  readonly nested_offset?: number;
}

/** The members that are needed; undefined where one is missing or of another type. */
export function readQuantState(json: unknown): QuantState | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { shape, dtype, blocksize, nested_blocksize, nested_offset } = json as Record<string, unknown>;
  const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) > 0;
  if (!Array.isArray(shape) || !shape.every(isCount) || typeof dtype !== 'string' || !isCount(blocksize))
    return undefined;
  const nested =
    isCount(nested_blocksize) && typeof nested_offset === 'number' ? { nested_blocksize, nested_offset } : {};
  return { shape, dtype, blocksize, ...nested };
}

/** How a 4-bit weight is unpacked; undefined where its state is of another weight. */
export function planTable(
  weight: PackedWeight,
  state: QuantState,
  [absmax, map, nestedAbsmax, nestedMap]: readonly EntryId[],
): UnpackPlan | undefined {
  const { shape, blocksize: block, nested_blocksize, nested_offset } = state;
  const nested =
    nested_blocksize === undefined || nested_offset === undefined
      ? undefined
      : { block: nested_blocksize, offset: nested_offset };
  const elements = countElements(shape);
  const hasParts = absmax !== undefined && map !== undefined && (!nested || nestedMap !== undefined);
  if (!hasParts || (elements !== weight.elements && elements !== weight.elements - 1)) return undefined;
  const more = nested ? [nestedAbsmax as EntryId, nestedMap as EntryId] : [];
  return {
    packing: { scheme: 'table', block, ...(nested && { nested }) },
    inputs: [weight.row, absmax, map, ...more],
    dtype: readPythonDType(state.dtype),
    shape,
    transposed: false,
  };
}
