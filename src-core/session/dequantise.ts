/** Stored integers to the numbers they stand for: with the scales that a quantised tensor brings. */
import type { Quant, TensorValue } from '../model/state-dict.ts';
import { type Channels, dequantiseByChannel, dequantiseByTensor } from '../tensor/dequantise.ts';
import { type Slice, wholeSlice } from '../tensor/slice.ts';
import type { SliceValues } from '../tensor/view.ts';

export type ReadPart = (tensor: TensorValue, slice: Slice) => Promise<SliceValues>;

/** Turns stored integers into values, in place. `channelOf` is asked for the channel of each position; a scale for all needs none. */
export type Dequantiser = (values: Float64Array, channelOf: (i: number) => number) => void;

/** Undefined when the scales are not known. */
export async function openDequantiser(quant: Quant, read: ReadPart): Promise<Dequantiser | undefined> {
  if (quant.scheme === 'per-tensor-affine') {
    const { zeroPoint, scale } = quant;
    return (values) => {
      for (let i = 0; i < values.length; i++) values[i] = dequantiseByTensor(values[i]!, zeroPoint, scale);
    };
  }
  const channels = await readChannels(quant, read);
  if (!channels) return undefined;
  const { scales, zeroPoints } = channels;
  return (values, channelOf) => {
    for (let i = 0; i < values.length; i++) {
      const channel = channelOf(i);
      values[i] = dequantiseByChannel(values[i]!, zeroPoints[channel]!, scales[channel]!);
    }
  };
}

/** In place. False, and nothing changed, when the scales are not known. */
export async function dequantise(found: SliceValues, quant: Quant, slice: Slice, read: ReadPart): Promise<boolean> {
  const { values } = found;
  const turn = values instanceof Float64Array ? await openDequantiser(quant, read) : undefined;
  if (!turn) return false;
  const channelOf = quant.scheme === 'per-tensor-affine' ? () => 0 : channelsOf(slice, quant.axis);
  if (!channelOf) return false;
  turn(values as Float64Array, channelOf);
  return true;
}

/** The channel of each position of a slice. */
function channelsOf(slice: Slice, axis: number): ((i: number) => number) | undefined {
  const item = slice[axis];
  if (!item) return undefined;
  if (item.kind === 'index') return () => item.at;
  const inner = slice.slice(axis + 1).reduce((n, after) => (after.kind === 'range' ? n * after.count : n), 1);
  return (i) => item.start + (Math.floor(i / inner) % item.count) * item.step;
}

/** A scale and a zero point for each channel; undefined when they are not known. */
export async function readChannels(
  { scales, zeroPoints, channels }: Extract<Quant, { scheme: 'per-channel-affine' }>,
  read: ReadPart,
): Promise<Pick<Channels, 'scales' | 'zeroPoints'> | undefined> {
  const found = [await readNumbers(scales, channels, read), await readNumbers(zeroPoints, channels, read)];
  return found[0] && found[1] && { scales: found[0], zeroPoints: found[1] };
}

async function readNumbers(
  tensor: TensorValue | undefined,
  count: number,
  read: ReadPart,
): Promise<Float64Array<ArrayBuffer> | undefined> {
  if (tensor?.shape.length !== 1 || tensor.shape[0] !== count) return undefined;
  const { values, complex } = await read(tensor, wholeSlice(tensor.shape));
  return complex ? undefined : Float64Array.from(values, Number);
}
