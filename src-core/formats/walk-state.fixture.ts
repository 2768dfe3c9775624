import type { ByteSource, FileId } from '../bytes/source.ts';
import type { StateDict, Storage } from '../model/state-dict.ts';

/** Looks at everything a document shows, and throws what it finds wrong: columns that do not fit one another, bytes outside their file. */
export function walkState(state: StateDict, files: ReadonlyMap<FileId, ByteSource>): void {
  const { entries, storages } = state;
  const columns = entries.columns();
  if (columns.count !== entries.length) throw new Error(`${columns.count} rows of ${entries.length} entries`);
  if (columns.pathStart[columns.count] !== columns.paths.length) throw new Error('paths end elsewhere than their text');
  for (let row = 0; row < entries.length; row++) {
    const { value } = entries.at(row);
    if (columns.pathStart[row]! > columns.pathStart[row + 1]!)
      throw new Error(`path of row ${row} ends before it begins`);
    if (columns.dtype[row]! > columns.dtypes.length) throw new Error(`row ${row} has no dtype`);
    if (!(columns.bytes[row]! >= 0 && columns.params[row]! >= 0)) throw new Error(`row ${row} has no size`);
    if ((value.type === 'tensor' || value.type === 'bytes') && value.storage !== undefined) {
      checkStorage(state, value.storage, files);
    }
  }
  for (let id = 0; id < storages.size; id++) if (storages.get(id)) checkStorage(state, id, files);
  for (const problem of state.problems) {
    if (problem.entry !== undefined) entries.at(problem.entry);
    if (problem.message === '') throw new Error(`problem ${problem.code} says nothing`);
  }
  for (const share of state.shares) for (const id of [share.owner, ...share.aliases]) entries.at(id);
  if (state.header) checkSlice(state.header, files);
}

function checkStorage(state: StateDict, id: number, files: ReadonlyMap<FileId, ByteSource>): void {
  const storage = state.storages.get(id);
  if (!storage) throw new Error(`storage ${id} is not there`);
  checkData(storage, files);
}

function checkData({ data }: Pick<Storage, 'data'>, files: ReadonlyMap<FileId, ByteSource>): void {
  if (data.kind === 'slices') for (const slice of data.slices) checkSlice(slice, files);
  if (data.kind === 'derived') for (const { storage } of data.inputs) checkData(storage, files);
}

function checkSlice(
  slice: { file: FileId; offset: number; length: number },
  files: ReadonlyMap<FileId, ByteSource>,
): void {
  const { file, offset, length } = slice;
  const size = files.get(file)?.size;
  const isInside = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (size === undefined || !isInside || offset + length > size) {
    throw new Error(`bytes ${offset} + ${length} are not in ${file}, which has ${size}`);
  }
}
