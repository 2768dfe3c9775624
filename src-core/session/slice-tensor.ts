import type { TensorValue } from '../model/state-dict.ts';
import { sliceLayout } from '../tensor/layout.ts';
import type { Slice, SliceItem } from '../tensor/slice.ts';

/**
 * A part of a tensor as a tensor on the same storage, with the scales of its channels.
 *
 * @throws `bad-input` when the slice was made for another shape.
 */
export function sliceTensor(value: TensorValue, slice: Slice): TensorValue {
  const sliced = { ...value, ...sliceLayout(value, slice) };
  const { quant } = value;
  if (quant?.scheme !== 'per-channel-affine') return sliced;
  const item = slice[quant.axis] as SliceItem;
  const kept: SliceItem = item.kind === 'index' ? { kind: 'range', start: item.at, count: 1, step: 1 } : item;
  const { scales, zeroPoints, ...rest } = quant;
  const take = (of: TensorValue | undefined) =>
    of?.shape.length === 1 && of.shape[0] === quant.channels ? { ...of, ...sliceLayout(of, [kept]) } : undefined;
  const [ownScales, ownZeroPoints] = [take(scales), take(zeroPoints)];
  return {
    ...sliced,
    quant: {
      ...rest,
      axis: slice.slice(0, quant.axis).filter(({ kind }) => kind === 'range').length,
      channels: kept.count,
      ...(ownScales && { scales: ownScales }),
      ...(ownZeroPoints && { zeroPoints: ownZeroPoints }),
    },
  };
}
