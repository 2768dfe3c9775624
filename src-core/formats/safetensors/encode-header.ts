import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';

export const METADATA = '__metadata__';

export interface HeaderTensor {
  readonly key: string;
  readonly tag: string;
  readonly shape: readonly number[];
  /** Bytes. */
  readonly length: number;
  /** Of its first byte among the data. */
  readonly begin: number;
}

/** Length and header as the reference library writes them: no spaces, metadata in front, padded with spaces to a multiple of 8. */
export function encodeHeader(
  tensors: readonly HeaderTensor[],
  metadata: readonly (readonly [key: string, text: string])[],
  file: string,
): Uint8Array<ArrayBuffer> {
  const members = tensors.map(
    ({ key, tag, shape, begin, length }) =>
      `${JSON.stringify(key)}:{"dtype":${JSON.stringify(tag)},"shape":[${shape}],"data_offsets":[${begin},${begin + length}]}`,
  );
  if (metadata.length > 0) {
    const items = metadata.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`);
    members.unshift(`"${METADATA}":{${items.join(',')}}`);
  }
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  if (json.length > LIMITS.safetensorsHeaderBytes) {
    throw new StateglassError({
      kind: 'limit',
      file,
      limit: 'safetensorsHeaderBytes',
      value: json.length,
      max: LIMITS.safetensorsHeaderBytes,
      detail: 'the header would be longer than the reference library reads',
    });
  }
  const length = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, 8);
  return header;
}
