/** Stored integers to the numbers they stand for, rounded as torch's `dequantize` rounds them (to the last bit). */
import type { Quant, TensorValue } from '../model/state-dict.ts';
import { type Slice, wholeSlice } from '../tensor/slice.ts';
import type { SliceValues } from '../tensor/view.ts';

export type ReadPart = (tensor: TensorValue, slice: Slice) => Promise<SliceValues>;

/** Turns stored integers into values, in place. `channelOf` is asked for the channel of each position; a scale for all needs none. */
export type Dequantiser = (values: Float64Array, channelOf: (i: number) => number) => void;

/** Undefined when the scales are not known. */
export async function openDequantiser(quant: Quant, read: ReadPart): Promise<Dequantiser | undefined> {
  if (quant.scheme === 'per-tensor-affine') {
    const { zeroPoint } = quant;
    // torch multiplies in single precision here, and in double precision below.
    const scale = Math.fround(quant.scale);
    return (values) => {
      for (let i = 0; i < values.length; i++)
        values[i] = Math.fround(Math.fround((values[i] as number) - zeroPoint) * scale);
    };
  }
  const scales = await readChannels(quant.scales, quant.channels, read);
  const zeroPoints = await readChannels(quant.zeroPoints, quant.channels, read);
  if (!scales || !zeroPoints) return undefined;
  return (values, channelOf) => {
    for (let i = 0; i < values.length; i++) {
      const channel = channelOf(i);
      const steps = Math.fround((values[i] as number) - (zeroPoints[channel] as number));
      values[i] = Math.fround(steps * (scales[channel] as number));
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

async function readChannels(
  tensor: TensorValue | undefined,
  channels: number,
  read: ReadPart,
): Promise<Float64Array | undefined> {
  if (tensor?.shape.length !== 1 || tensor.shape[0] !== channels) return undefined;
  const { values, complex } = await read(tensor, wholeSlice(tensor.shape));
  return complex ? undefined : Float64Array.from(values, Number);
}
