/** Stored integers to the numbers they stand for, rounded as torch's `dequantize` rounds them (to the last bit). */
import type { Quant, TensorValue } from '../model/state-dict.ts';
import { type Slice, wholeSlice } from '../tensor/slice.ts';
import type { SliceValues } from '../tensor/view.ts';

export type ReadPart = (tensor: TensorValue, slice: Slice) => Promise<SliceValues>;

/** In place. False, and nothing changed, when the scales are not known. */
export async function dequantise(found: SliceValues, quant: Quant, slice: Slice, read: ReadPart): Promise<boolean> {
  const { values } = found;
  if (!(values instanceof Float64Array)) return false;
  if (quant.scheme === 'per-tensor-affine') {
    // torch multiplies in single precision here, and in double precision below.
    const scale = Math.fround(quant.scale);
    for (let i = 0; i < values.length; i++)
      values[i] = Math.fround(Math.fround((values[i] as number) - quant.zeroPoint) * scale);
    return true;
  }
  const scales = await readChannels(quant.scales, quant.channels, read);
  const zeroPoints = await readChannels(quant.zeroPoints, quant.channels, read);
  if (!scales || !zeroPoints) return false;
  const item = slice[quant.axis];
  if (!item) return false;
  const inner = slice.slice(quant.axis + 1).reduce((n, after) => (after.kind === 'range' ? n * after.count : n), 1);
  const channels = item.kind === 'index' ? 1 : item.count;
  for (let i = 0; i < values.length; i++) {
    const nth = Math.floor(i / inner) % channels;
    const channel = item.kind === 'index' ? item.at : item.start + nth * item.step;
    const steps = Math.fround((values[i] as number) - (zeroPoints[channel] as number));
    values[i] = Math.fround(steps * (scales[channel] as number));
  }
  return true;
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
