/**
 * Writes what the reference library writes for the same tensors: the widest types first, then by name; the header
 * padded to a multiple of 8, so that every tensor begins at a multiple of its element size (`prepare` in `tensor.rs`).
 */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Problem, StateDict } from '../../model/state-dict.ts';
import type { Part, Write } from '../format.ts';
import { type TakenTensor, takeTensors, wordNoType } from '../take-tensors.ts';
import { tagOf, tagRank } from './dtype-tags.ts';

const FORMAT = 'safetensors';
const METADATA = '__metadata__';

export const write: Write = (state) => {
  const { tensors, losses } = takeTensors(state, {
    format: FORMAT,
    refuse: ({ dtype }, key) => {
      if (key === METADATA) return 'the name is taken by the metadata';
      return tagOf(dtype) === undefined ? wordNoType(dtype) : undefined;
    },
  });
  const encoder = new TextEncoder();
  const named = tensors.map((tensor) => ({ ...tensor, utf8: encoder.encode(tensor.key) }));
  named.sort((a, b) => tagRank(b.value.dtype) - tagRank(a.value.dtype) || compareBytes(a.utf8, b.utf8));
  const metadata = metadataOf(state);
  const header = encodeHeader(named, metadata.items);
  const data = named.filter(({ bytes }) => bytes > 0);
  const parts: Part[] = [
    { kind: 'bytes', bytes: header },
    ...data.map(({ value, bytes }): Part => ({ kind: 'elements', value, length: bytes })),
  ];
  const size = data.reduce((sum, { bytes }) => sum + bytes, header.length);
  return { size, parts, losses: [...losses, ...metadata.losses] };
};

function encodeHeader(tensors: readonly TakenTensor[], metadata: readonly (readonly [string, string])[]) {
  let at = 0;
  const members = tensors.map(({ key, value, bytes }) => {
    const start = at;
    at += bytes;
    return `${JSON.stringify(key)}:{"dtype":"${tagOf(value.dtype)}","shape":[${value.shape}],"data_offsets":[${start},${at}]}`;
  });
  if (metadata.length > 0) {
    const items = metadata.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`);
    members.unshift(`"${METADATA}":{${items.join(',')}}`);
  }
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  if (json.length > LIMITS.safetensorsHeaderBytes) {
    throw new StateglassError({
      kind: 'limit',
      file: 'export',
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

/** Metadata of this format is kept. Loaders ask where tensors come from, so those of a PyTorch file say it as its own tools do. */
function metadataOf({ format, metadata }: StateDict): {
  items: readonly (readonly [string, string])[];
  losses: readonly Problem[];
} {
  const items = new Map<string, string>(format === 'pytorch' ? [['format', 'pt']] : []);
  let lost = 0;
  for (const { section, key, value } of metadata) {
    if (section === METADATA && value.kind === 'string' && !items.has(key)) items.set(key, value.value);
    else lost++;
  }
  const message = `${lost === 1 ? 'One item' : `${lost} items`} of the metadata cannot be kept.`;
  return { items: [...items], losses: lost === 0 ? [] : [{ code: 'metadata-lost', severity: 'note', message }] };
}

/** The library orders names by their UTF-8, which is not the order of JavaScript's UTF-16. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
