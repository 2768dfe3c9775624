/** Records of a header as they are written: version 3, little-endian. */
import { ByteWriter } from '../../bytes/byte-writer.ts';
import { NUMBER_BYTES } from '../../model/meta-list.ts';
import { guessMetaType, isMetaNumber, itemType, whyNotOfType } from '../../model/meta-type.ts';
import type { JsonNode, MetaItem, MetaNumber } from '../../model/state-dict.ts';
import { VALUE_TYPES, type ValueType } from './value-types.ts';

export const WRITTEN_VERSION = 3;
const encoder = new TextEncoder();

export interface HeaderTensor {
  readonly key: string;
  /** Slowest first. */
  readonly shape: readonly number[];
  readonly type: number;
  /** Bytes from the start of the data. */
  readonly begin: number;
}

/** What stands in front of the first item of metadata. */
export function encodeStart(tensors: number, items: number): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(24);
  out.bytes(encoder.encode('GGUF'));
  out.u32(WRITTEN_VERSION);
  out.u64(tensors);
  out.u64(items);
  return out.done;
}

/** An item, or why it cannot be one as a sentence part. Of a long list `list` are the items as they are written. */
export function encodeItem({ key, type: said, value }: MetaItem, list?: EncodedList): Uint8Array<ArrayBuffer> | string {
  const type = said ?? guessMetaType(value);
  if (type === undefined) return 'a value of this kind has no type in GGUF';
  const out = new ByteWriter();
  const items = itemType(type);
  if (list) {
    out.bytes(encodeListStart({ key, type }, list.count));
    out.bytes(list.bytes);
    return out.done;
  }
  const why = whyNotOfType(value, type);
  if (why !== undefined) return why;
  putText(out, key);
  if (items === undefined) {
    out.u32(idOf(type));
    putValue(out, value, type);
    return out.done;
  }
  const nodes = value.kind === 'array' ? value.items : [];
  putListStart(out, items, nodes.length);
  for (const node of nodes) putValue(out, node, items);
  return out.done;
}

/** What stands in front of the items of a list, its key included. */
export function encodeListStart(
  { key, type = '' }: Pick<MetaItem, 'key' | 'type'>,
  count: number,
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  putText(out, key);
  putListStart(out, itemType(type) ?? '', count);
  return out.done;
}

export interface EncodedList {
  readonly count: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function encodeInfo({ key, shape, type, begin }: HeaderTensor): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(64);
  putText(out, key);
  out.u32(shape.length);
  for (const dim of shape.toReversed()) out.u64(dim);
  out.u32(type);
  out.u64(begin);
  return out.done;
}

function putListStart(out: ByteWriter, items: string, count: number): void {
  out.u32(idOf('arr'));
  out.u32(idOf(items));
  out.u64(count);
}

const idOf = (type: string): number => VALUE_TYPES.indexOf(type as ValueType);

function putText(out: ByteWriter, text: string): void {
  const bytes = encoder.encode(text);
  out.u64(bytes.length);
  out.bytes(bytes);
}

/** A value that is of the type. */
function putValue(out: ByteWriter, node: JsonNode, type: string): void {
  if (node.kind === 'string') putText(out, node.value);
  else if (node.kind === 'bool') out.u8(Number(node.value));
  else if (isMetaNumber(type) && (node.kind === 'number' || node.kind === 'literal'))
    out.bytes(encodeNumber(node.lexeme, type));
}

function encodeNumber(lexeme: string, type: MetaNumber): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  switch (type) {
    case 'f32':
      view.setFloat32(0, Number(lexeme), true);
      return new Uint8Array(view.buffer, 0, 4);
    case 'f64':
      view.setFloat64(0, Number(lexeme), true);
      return new Uint8Array(view.buffer);
    default:
      view.setBigUint64(0, BigInt.asUintN(64, BigInt(lexeme)), true);
      return new Uint8Array(view.buffer, 0, NUMBER_BYTES[type]);
  }
}
