/** GGUF files made for tests: version 3, little-endian. */
import type { ByteSource } from '../../bytes/source.ts';

export interface MadeTensor {
  readonly name: string;
  /** Fastest first. */
  readonly dims: readonly number[];
  readonly type: number;
  readonly offset: number;
}

const STRING = 8;
const ARRAY = 9;
const encoder = new TextEncoder();

/** A header, padded to the start of the data. Items are made by the functions below. */
export function makeFile({
  items,
  tensors,
}: {
  readonly items: readonly Uint8Array[];
  readonly tensors: readonly MadeTensor[];
}): Uint8Array<ArrayBuffer> {
  const infos = tensors.map(({ name, dims, type, offset }) =>
    join([text(name), u32(dims.length), ...dims.map(u64), u32(type), u64(offset)]),
  );
  const header = join([encoder.encode('GGUF'), u32(3), u64(tensors.length), u64(items.length), ...items, ...infos]);
  const padded = new Uint8Array(Math.ceil(header.length / 32) * 32);
  padded.set(header);
  return padded;
}

export const textItem = (key: string, value: string): Uint8Array => join([text(key), u32(STRING), text(value)]);

export const textList = (key: string, texts: readonly string[]): Uint8Array =>
  join([text(key), u32(ARRAY), u32(STRING), u64(texts.length), ...texts.map(text)]);

/** A file that begins with these bytes and holds zeros after them, without memory for those. */
export const sparseSource = (start: Uint8Array<ArrayBuffer>, size: number): ByteSource => ({
  name: 'x.gguf',
  size,
  handle: { kind: 'buffer', bytes: start, name: 'x.gguf' },
  async read(from, to) {
    const bytes = new Uint8Array(to - from);
    if (from < start.length) bytes.set(start.subarray(from, to));
    return bytes;
  },
});

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

const text = (value: string): Uint8Array => {
  const bytes = encoder.encode(value);
  return join([u64(bytes.length), bytes]);
};

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
