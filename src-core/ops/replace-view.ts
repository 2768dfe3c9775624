import { StateglassError } from '../base/errors.ts';
import type { StateChange } from '../model/change-state.ts';
import type { StateDict, TensorValue } from '../model/state-dict.ts';
import { findTensor } from './edit-tensor.ts';

/**
 * Another way to look at the elements of one entry; none of them changes, so entries tied to it stay as they are, and stay tied.
 *
 * @throws `unsupported` for a tensor quantised by channel, whose scales belong to an axis, and for sparse ones.
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
  return { replace: new Map([[row, { ...entry, value: { ...rest, ...view(value) } }]]) };
}
