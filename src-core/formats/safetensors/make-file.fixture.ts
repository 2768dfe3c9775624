import { bufferSource } from '../../bytes/buffer.ts';
import { type CountingSource, countingSource } from '../../bytes/counting.ts';
import type { FileId } from '../../bytes/source.ts';
import type { StateDict } from '../../model/state-dict.ts';
import { safetensors } from './index.ts';

/** A file of this header text, as it is, and so many bytes of data. */
export function fileOf(header: string | Uint8Array, data: number): Uint8Array<ArrayBuffer> {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

/** A header text of tensors, padded as the library pads it. */
export function headerOf(tensors: Readonly<Record<string, unknown>>): string {
  const json = JSON.stringify(tensors);
  return json + ' '.repeat((8 - (new TextEncoder().encode(json).length % 8)) % 8);
}

/** A float tensor of [begin, end). */
export const f32 = (begin: number, end: number): object => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
});

export interface OpenedFiles {
  readonly state: StateDict;
  readonly used: readonly FileId[];
  readonly sources: ReadonlyMap<FileId, CountingSource>;
}

/** Opens files as a drop would: the first is the primary, all are a set. */
export async function openAll(
  files: Readonly<Record<string, Uint8Array<ArrayBuffer> | string>>,
  set?: readonly FileId[],
): Promise<OpenedFiles> {
  const sources = new Map(
    Object.entries(files).map(([id, content]) => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      return [id, countingSource(bufferSource(bytes, id.slice(id.lastIndexOf('/') + 1)))];
    }),
  );
  const names = set ?? [...sources.keys()];
  const id = names[0]!;
  const { read } = await safetensors.load();
  const result = await read({ id, source: sources.get(id)!, files: sources, set: names });
  if ('decline' in result) throw new Error(result.decline);
  return { state: result.state, used: result.used, sources };
}

export const openOne = (header: string | Uint8Array, data: number): Promise<OpenedFiles> =>
  openAll({ 'm.safetensors': fileOf(header, data) });

export const keysOf = (state: StateDict): readonly string[] =>
  Array.from({ length: state.entries.length }, (_, row) => state.entries.at(row).key);

export const codesOf = (state: StateDict): readonly string[] => state.problems.map((problem) => problem.code);
