import { StateglassError } from '../base/errors.ts';
import type { StateChange } from '../model/change-state.ts';
import type { StateDict, TensorValue } from '../model/state-dict.ts';
import { hasWholeBlocks } from '../tensor/blocks.ts';
import { dtypeLabel, isBlockDType } from '../tensor/dtype.ts';
import { findTensor } from './edit-tensor.ts';

/**
 * Another way to look at the elements of one entry; none of them changes, so entries tied to it stay as they are, and stay tied.
 *
 * @throws `unsupported` for a tensor quantised by channel, whose scales belong to an axis, for sparse ones, and where blocks would be torn.
 */
export function replaceView(
  state: StateDict,
  key: string,
  view: (value: TensorValue) => Pick<TensorValue, 'shape' | 'strides' | 'offset'>,
): StateChange | undefined {
  const { row, entry, value } = findTensor(state, key);
  const why =
    value.quant?.scheme === 'per-channel-affine'
      ? 'it is quantised by channel'
      : value.wrapper?.startsWith('sparse')
        ? 'it is sparse'
        : undefined;
  if (why !== undefined)
    throw new StateglassError({ kind: 'unsupported', file: key, format: 'edit of a view', detail: why });
  const { strides: _, ...rest } = value;
  const viewed = { ...rest, ...view(value) };
  if (isBlockDType(value.dtype) && !hasWholeBlocks(viewed)) {
    const label = dtypeLabel(value.dtype);
    const detail = `its rows would be no whole blocks of ${label} in their order: cast it to f32 or f16 first`;
    throw new StateglassError({ kind: 'unsupported', file: key, format: 'edit of a view', detail });
  }
  return { replace: new Map([[row, { ...entry, value: viewed }]]) };
}
