/** Values as flax packs them. Elements are parts of the plan: they are not read here. */
import { StateglassError } from '../../base/errors.ts';
import type { JsonNode, StateDict, TensorValue, Value } from '../../model/state-dict.ts';
import { bitsOf, countElements, dtypeLabel, packedBytes } from '../../tensor/dtype.ts';
import type { Part } from '../format.ts';
import { nameOf } from './dtypes.ts';
import {
  encodeArrayHead,
  encodeArrayHeader,
  encodeBinHeader,
  encodeBool,
  encodeComplex,
  encodeFloat,
  encodeInt,
  encodeMapHeader,
  encodeNil,
  encodeText,
  join,
} from './encode.ts';
import { CHUNKED } from './find-tensor.ts';
import { EXT, type PackedArray } from './nodes.ts';

/** `MAX_CHUNK_SIZE` of `flax.serialization`: larger arrays are cut. */
export const CHUNK_BYTES = 2 ** 30;
/** An extension's length has 32 bits. */
const MOST_BYTES = 2 ** 32 - 1;

export const refuse = (key: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file: key, format: 'Flax', detail });

/**
 * The parts of one value. `before` is the array that stood in its place, which may call the same type by another name.
 *
 * @throws `unsupported`, naming the key, for what MessagePack or flax cannot hold.
 */
export function* encodeValue(key: string, value: Value, state: StateDict, before?: PackedArray): Generator<Part> {
  if (value.type === 'tensor') yield* encodeTensor(key, value, before);
  else if (value.type === 'bytes') yield* encodeBytes(key, value, state);
  else yield { kind: 'bytes', bytes: encodePlain(key, value) };
}

/** Bytes of those parts. */
export const countBytes = (parts: Iterable<Part>): number => {
  let sum = 0;
  for (const part of parts) sum += part.kind === 'bytes' ? part.bytes.length : part.kind === 'text' ? 0 : part.length;
  return sum;
};

function* encodeTensor(key: string, value: TensorValue, before: PackedArray | undefined): Generator<Part> {
  const dtype = nameOf(value.dtype, before?.dtype);
  const count = countElements(value.shape);
  const length = packedBytes(value.dtype, count);
  if (value.storage === undefined || value.undeclared) throw refuse(key, 'it is declared without data');
  if (dtype === undefined || length === undefined)
    throw refuse(key, `NumPy has no element type ${dtypeLabel(value.dtype)}`);
  const code = before?.code === EXT.scalar && value.shape.length === 0 ? EXT.scalar : EXT.array;
  if (length <= CHUNK_BYTES || value.strides) {
    if (length > MOST_BYTES - 1024) throw refuse(key, 'a view of more than four gigabytes cannot be cut into chunks');
    yield { kind: 'bytes', bytes: encodeArrayHead({ code, shape: value.shape, dtype, length }) };
    yield { kind: 'elements', value, length };
    return;
  }
  const width = (bitsOf(value.dtype) as number) / 8;
  const step = Math.floor(CHUNK_BYTES / width);
  const dims = value.shape.flatMap((dim, axis) => [encodeText(String(axis)), whole(key, BigInt(dim))]);
  yield {
    kind: 'bytes',
    bytes: join(
      encodeMapHeader(3),
      encodeText(CHUNKED),
      encodeBool(true),
      encodeText('shape'),
      encodeMapHeader(value.shape.length),
      ...dims,
      encodeText('chunks'),
      encodeMapHeader(Math.ceil(count / step)),
    ),
  };
  for (let from = 0; from < count; from += step) {
    const shape = [Math.min(step, count - from)];
    const bytes = shape[0]! * width;
    const head = encodeArrayHead({ code: EXT.array, shape, dtype, length: bytes });
    yield { kind: 'bytes', bytes: join(encodeText(String(from / step)), head) };
    yield { kind: 'elements', value: { ...value, shape, offset: value.offset + from }, length: bytes };
  }
}

function* encodeBytes(key: string, value: Value & { type: 'bytes' }, { storages }: StateDict): Generator<Part> {
  const data = storages.get(value.storage)?.data;
  yield { kind: 'bytes', bytes: encodeBinHeader(value.length) };
  if (data?.kind === 'inline') yield { kind: 'bytes', bytes: data.bytes };
  else if (data?.kind === 'slices' && data.slices.every(({ codec }) => codec === undefined)) {
    for (const { file, offset, length } of data.slices) yield { kind: 'copy', file, offset, length };
  } else throw refuse(key, 'its bytes are packed, or not here');
}

function encodePlain(key: string, value: Exclude<Value, { type: 'tensor' | 'bytes' }>): Uint8Array<ArrayBuffer> {
  switch (value.type) {
    case 'text':
      return textual(key, value.text);
    case 'int':
      return whole(key, BigInt(value.digits));
    case 'float':
      return encodeFloat(value.value);
    case 'bool':
      return encodeBool(value.value);
    case 'null':
      return encodeNil();
    case 'complex':
      return encodeComplex(value.re, value.im);
    case 'json':
      return encodeJson(key, value.json);
    case 'empty':
      if (value.of === 'dict') return encodeMapHeader(0);
      if (value.of === 'list') return encodeArrayHeader(0);
      if (value.of === 'none') return encodeNil();
      throw refuse(key, `an empty ${value.of} has no place in the file`);
    case 'opaque':
      throw refuse(key, `it is an object (${value.typeName})`);
  }
}

function encodeJson(key: string, node: JsonNode): Uint8Array<ArrayBuffer> {
  switch (node.kind) {
    case 'null':
      return encodeNil();
    case 'bool':
      return encodeBool(node.value);
    case 'string':
      return textual(key, node.value);
    case 'number':
      return /^-?\d+$/.test(node.lexeme) ? whole(key, BigInt(node.lexeme)) : encodeFloat(Number(node.lexeme));
    case 'array':
      return join(encodeArrayHeader(node.items.length), ...node.items.map((item) => encodeJson(key, item)));
    case 'object':
      return join(
        encodeMapHeader(node.members.length),
        ...node.members.flatMap(([name, item]) => [textual(key, name), encodeJson(key, item)]),
      );
    case 'literal':
      throw refuse(key, `a ${node.what} has no place in the file`);
  }
}

function textual(key: string, text: string): Uint8Array<ArrayBuffer> {
  if (!text.isWellFormed()) throw refuse(key, 'it is no valid Unicode');
  return encodeText(text);
}

function whole(key: string, value: bigint): Uint8Array<ArrayBuffer> {
  const bytes = encodeInt(value);
  if (!bytes) throw refuse(key, `${value} does not fit 64 bits`);
  return bytes;
}
