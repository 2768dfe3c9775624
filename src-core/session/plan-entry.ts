import { StateglassError } from '../base/errors.ts';
import { type Plan, planTensor } from '../compute/plan.ts';
import type { Side } from '../compute/plan-compare.ts';
import type { Entry, TensorValue } from '../model/state-dict.ts';
import type { Channels } from '../tensor/dequantise.ts';
import { readSlice } from '../tensor/view.ts';
import { readChannels } from './dequantise.ts';
import type { Document } from './document.ts';

/**
 * The tasks of one entry's tensor, or of a part of it as a tensor. Reads the scales of one that is quantised by channel, and
 * nothing else.
 *
 * @throws `not-found` when it has no data, and what `planTensor` throws.
 */
export async function planEntry<Kind extends 'stats' | 'rows'>(
  kind: Kind,
  document: Document,
  entry: Entry,
  value: TensorValue,
): Promise<Plan<Kind>> {
  const { storage, files, channels } = await openSide(document, entry, value);
  return planTensor(kind, value, storage, files, channels);
}

/**
 * A tensor of an entry, or a part of it, with all that tells its values. Reads the scales of one that is quantised by channel.
 *
 * @throws `not-found` when it has no data.
 */
export async function openSide(document: Document, entry: Entry, value: TensorValue): Promise<Side> {
  const { state, files } = document;
  const storage = value.storage === undefined ? undefined : state.storages.get(value.storage);
  const why = storage?.data;
  if (value.undeclared || value.storage === undefined || why?.kind === 'absent') {
    const detail = why?.kind === 'absent' ? why.why : 'its values are not in the file';
    throw new StateglassError({ kind: 'not-found', what: entry.key, detail });
  }
  const channels = await openChannels(document, entry, value);
  return { value, storage, files, channels };
}

async function openChannels(
  { state, files }: Document,
  { key }: Entry,
  { quant, shape }: TensorValue,
): Promise<Channels | undefined> {
  if (quant?.scheme !== 'per-channel-affine') return undefined;
  const found = await readChannels(quant, ({ storage, ...of }, slice) =>
    readSlice(of, storage === undefined ? undefined : state.storages.get(storage), files, slice, {
      name: key,
      format: state.format,
    }),
  );
  return found && { ...found, inner: shape.slice(quant.axis + 1).reduce((n, dim) => n * dim, 1) };
}
