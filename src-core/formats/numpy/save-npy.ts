/** The one array of a file with its edits. Where its type, its shape and their order stay, its header does too. */
import { isSameValue } from '../../model/homes.ts';
import { countElements } from '../../tensor/dtype.ts';
import type { Part, Save } from '../format.ts';
import { planArray, refuse } from './new-array.ts';
import { readHeader } from './read-npy.ts';

export const save: Save = async ({ before, after, files, signal }) => {
  const model = before.files.find(({ part }) => part === 'model');
  const source = model && files.get(model.id);
  if (!model || !source) return [];
  const { id } = model;
  const copy = (offset: number, length: number): Part => ({ kind: 'copy', file: id, offset, length });
  const isSame =
    before.entries.length === after.entries.length &&
    Array.from({ length: after.entries.length }, (_, row) => row).every((row) => {
      const [was, is] = [before.entries.at(row), after.entries.at(row)];
      return was.key === is.key && isSameValue(was.value, is.value);
    });
  if (isSame) return [{ file: id, size: source.size, losses: [], parts: () => [copy(0, source.size)] }];

  if (after.entries.length !== 1) {
    const detail = 'a .npy file holds one array: export the document as .npz instead';
    throw refuse(source.name, detail);
  }
  const [was, entry] = [before.entries.at(0), after.entries.at(0)];
  if (before.entries.length > 1) throw refuse(was.key, 'the fields of an array are saved as they are, or not at all');
  if (entry.key !== was.key) throw refuse(was.key, 'an array is called as its file: rename the file instead');
  const header = await readHeader(source, signal);
  const { value } = entry;
  const array = planArray(entry.key, value, header);
  const isAlike =
    was.value.type === 'tensor' &&
    value.type === 'tensor' &&
    was.value.dtype === value.dtype &&
    was.value.shape.join() === value.shape.join() &&
    array.losses.length === 0;
  if (!isAlike) {
    const parts = (): Part[] => [{ kind: 'bytes', bytes: array.header }, ...(array.rest ? [array.rest] : [])];
    return [{ file: id, size: array.length, losses: array.losses, parts }];
  }
  const end = header.length + countElements(header.shape) * header.type.bytes;
  const tail = Math.max(0, source.size - end);
  const parts = (): Part[] => [
    copy(0, header.length),
    ...(array.rest ? [array.rest] : []),
    ...(tail > 0 ? [copy(end, tail)] : []),
  ];
  return [{ file: id, size: end + tail, losses: [], parts }];
};
