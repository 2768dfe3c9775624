/** One array, as `np.save` writes it. Its name is its file's. */
import type { ByteSource, FileId } from '../../bytes/source.ts';
import { KEY_SYNTAXES } from '../../model/keys/recognise.ts';
import { countElements } from '../../tensor/dtype.ts';
import type { Read } from '../format.ts';
import { ArrayTable, containsObjects } from './array-table.ts';
import { headerLength, type NpyHeader, parseNpyHeader } from './npy-header.ts';
import { toState } from './to-state.ts';

const HEAD_BYTES = 4096;

export const read: Read = async (context) => {
  const { id, source, signal } = context;
  const header = await readHeader(source, signal);
  const { length } = header;
  context.onProgress?.(length, length);
  const table = new ArrayTable(KEY_SYNTAXES.dotted);
  const bytes = source.size - length;
  table.addArray(nameOf(id), header, {
    data: { kind: 'slices', slices: bytes > 0 ? [{ file: id, offset: length, length: bytes }] : [] },
    byteLength: bytes,
    skip: 0,
  });
  tellTail(table, header, bytes);
  const state = await toState(table, context, { format: 'npy', version: header.version });
  return { state: { ...state, header: { file: id, offset: 0, length } }, used: [id] };
};

export async function readHeader(source: ByteSource, signal: AbortSignal | undefined): Promise<NpyHeader> {
  const place = { file: source.name };
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size), signal);
  const length = headerLength(head, place);
  if (length <= head.length) return parseNpyHeader(head, place);
  return parseNpyHeader(await source.read(0, Math.min(length, source.size), signal), place);
}

/** `np.save` into one open file again and again puts arrays one after the other. */
function tellTail(table: ArrayTable, { type, shape }: NpyHeader, bytes: number): void {
  const more = bytes - countElements(shape) * type.bytes;
  if (more <= 0 || containsObjects(type)) return;
  const message = `${more} bytes follow the array and are not shown.`;
  const advice =
    'Arrays that were saved into one file one after the other are read by NumPy alone: save each by itself.';
  table.addProblem({ code: 'tail', severity: 'warning', message, advice });
}

/** `weights/fc1.weight.npy` is `fc1.weight`. */
export function nameOf(id: FileId): string {
  const name = id.slice(id.lastIndexOf('/') + 1);
  return name.replace(/(?<=.)\.npy$/i, '');
}
