import { malformed, StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { ByteSource } from '../../bytes/source.ts';

/** One read of this much holds nearly every header whole, and most indexes. */
export const FIRST_READ = 2 ** 20;
export const LENGTH_BYTES = 8;

/** The JSON of a header, and where the data begins. */
export interface Header {
  readonly json: Uint8Array;
  readonly dataStart: number;
}

export const readStart = (source: ByteSource, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> =>
  source.read(0, Math.min(FIRST_READ, source.size), signal);

/** The header of a file whose first bytes are `start`; reads what is missing of it. */
export async function readHeader(source: ByteSource, start: Uint8Array, signal?: AbortSignal): Promise<Header> {
  const { name, size } = source;
  if (start.length < LENGTH_BYTES) {
    throw malformed(name, 'safetensors', `${size} bytes are too few: a header length takes 8`, 0);
  }
  const view = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > Number.MAX_SAFE_INTEGER) {
    throw malformed(name, 'safetensors', 'its first 8 bytes are no header length: no file is that long', 0);
  }
  if (length > LIMITS.safetensorsHeaderBytes) {
    throw new StateglassError({
      kind: 'limit',
      file: name,
      limit: 'safetensorsHeaderBytes',
      value: length,
      max: LIMITS.safetensorsHeaderBytes,
      detail: 'the header is longer than any real one',
    });
  }
  const dataStart = LENGTH_BYTES + length;
  if (dataStart > size) {
    const detail = `the header should be ${length} bytes long, but the file ends after ${size}`;
    throw malformed(name, 'safetensors', `${detail}: it is cut short, or no safetensors file`, 0);
  }
  if (dataStart <= start.length) return { json: start.subarray(LENGTH_BYTES, dataStart), dataStart };
  const json = new Uint8Array(length);
  json.set(start.subarray(LENGTH_BYTES));
  json.set(await source.read(start.length, dataStart, signal), start.length - LENGTH_BYTES);
  return { json, dataStart };
}
