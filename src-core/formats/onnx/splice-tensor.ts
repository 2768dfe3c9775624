/** A tensor's message with other values, and with another type and shape where they changed. */

import type { ProtoField, ProtoScan, ProtoSpan } from '../../bytes/proto.ts';
import { MessageWriter } from '../../bytes/proto-writer.ts';
import type { Entry, TensorValue, Value } from '../../model/state-dict.ts';
import { countElements, dtypeLabel, packedBytes } from '../../tensor/dtype.ts';
import { elementTypeOf, STRING_TYPE, typeOfDType } from './element-types.ts';
import type { OnnxTensor } from './model.ts';
import { refuse } from './refuse.ts';
import { appendBytes, headOf, replaceBytes, type Splice } from './splice.ts';

const DIMS = 1;
const TYPE = 2;
const TEXTS = 6;
const RAW = 9;
/** Fields that hold values, or say where they are. */
const VALUES: ReadonlySet<number> = new Set([4, 5, TEXTS, 7, RAW, 10, 11, 13, 14]);

/** Where the values stand as they are in memory, and keep their length: nothing but they is written. */
export function inPlace(tensor: OnnxTensor, value: TensorValue, bytes: number): Splice | undefined {
  const isAlike = elementTypeOf(tensor.type).dtype === value.dtype && tensor.dims.join() === value.shape.join();
  const [piece] = tensor.typed;
  const isPlain = piece?.field === 'float_data' || piece?.field === 'double_data';
  const place = tensor.raw ?? (tensor.typed.length === 1 && isPlain ? piece : undefined);
  if (!isAlike || tensor.external || !place || place.end - place.at !== bytes) return undefined;
  return {
    inside: place,
    start: place.at,
    end: place.end,
    length: bytes,
    parts: [{ kind: 'elements', value, length: bytes }],
  };
}

/** @throws `unsupported` for a value that the format has no form for. */
export async function spliceTensor(scan: ProtoScan, tensor: OnnxTensor, entry: Entry): Promise<readonly Splice[]> {
  const { value } = entry;
  if (value.type === 'json') return spliceTexts(scan, tensor, entry, value);
  const { type, bytes } = describeTensor(entry);
  const same = inPlace(tensor, value as TensorValue, bytes);
  if (same) return [same];
  const { shape } = value as TensorValue;
  const isReshaped = shape.join() !== tensor.dims.join();
  const fields = await listFields(scan, tensor);
  const dropped = fields.filter(
    ({ number }) => VALUES.has(number) || (number === DIMS && isReshaped) || (number === TYPE && type !== tensor.type),
  );
  const head = new MessageWriter();
  if (isReshaped && shape.length > 0) head.ints(DIMS, shape);
  if (type !== tensor.type) head.int(TYPE, type);
  const { end } = tensor.span;
  const put = [head.done.slice(), headOf(RAW, bytes)];
  return [
    ...dropped.map((field) => replaceBytes(field.start, field.end, new Uint8Array(0))),
    {
      inside: tensor.span,
      start: end,
      end,
      length: put.reduce((sum, { length }) => sum + length, bytes),
      parts: [
        ...put.filter(({ length }) => length > 0).map((part) => ({ kind: 'bytes', bytes: part }) as const),
        { kind: 'elements', value: value as TensorValue, length: bytes },
      ],
    },
  ];
}

/** Other sizes for the values that are there. */
export async function spliceShape(
  scan: ProtoScan,
  tensor: OnnxTensor,
  shape: readonly number[],
): Promise<readonly Splice[]> {
  if (shape.join() === tensor.dims.join()) return [];
  const fields = (await listFields(scan, tensor)).filter(({ number }) => number === DIMS);
  const dims = shape.length > 0 ? new MessageWriter().ints(DIMS, shape).done.slice() : new Uint8Array(0);
  return [
    ...fields.map((field) => replaceBytes(field.start, field.end, new Uint8Array(0))),
    appendBytes(tensor.span, dims),
  ];
}

/** A tensor that is new to the graph, as an initialiser at its end. */
export function addTensor(graph: ProtoSpan, entry: Entry): Splice {
  const at = graph.end;
  const { type, bytes } = describeTensor(entry);
  const value = entry.value as TensorValue;
  const inner = new MessageWriter();
  if (value.shape.length > 0) inner.ints(DIMS, value.shape);
  inner.int(TYPE, type).text(8, entry.key);
  const before = [inner.done.slice(), headOf(RAW, bytes)];
  const size = before.reduce((sum, { length }) => sum + length, bytes);
  const head = headOf(5, size);
  return {
    inside: graph,
    start: at,
    end: at,
    length: head.length + size,
    parts: [
      ...[head, ...before].map((part) => ({ kind: 'bytes', bytes: part }) as const),
      { kind: 'elements', value, length: bytes },
    ],
  };
}

/** Type and bytes of a tensor to be written. @throws `unsupported` when there is no such type here. */
export function describeTensor(entry: Entry): { readonly type: number; readonly bytes: number } {
  const { value } = entry;
  if (value.type !== 'tensor' || value.undeclared || value.storage === undefined)
    throw refuse(
      entry,
      `it is ${value.type === 'tensor' ? 'declared without data' : value.type}, and only tensors stand here`,
    );
  const type = typeOfDType(value.dtype);
  const bytes = packedBytes(value.dtype, countElements(value.shape));
  if (type === undefined) throw refuse(entry, `there is no element type ${dtypeLabel(value.dtype)}`);
  if (bytes === undefined) throw refuse(entry, `its elements (${dtypeLabel(value.dtype)}) do not fill whole bytes`);
  return { type, bytes };
}

async function spliceTexts(
  scan: ProtoScan,
  tensor: OnnxTensor,
  entry: Entry,
  { json }: Extract<Value, { type: 'json' }>,
): Promise<readonly Splice[]> {
  const texts =
    json.kind === 'array' ? json.items.map((item) => (item.kind === 'string' ? item.value : undefined)) : [];
  if (tensor.type !== STRING_TYPE || texts.includes(undefined) || texts.length !== countElements(tensor.dims))
    throw refuse(entry, `it is a list of ${countElements(tensor.dims)} texts`);
  const fields = (await listFields(scan, tensor)).filter(({ number }) => number === TEXTS);
  const to = new MessageWriter();
  for (const text of texts) to.text(TEXTS, text as string);
  return [
    ...fields.map((field) => replaceBytes(field.start, field.end, new Uint8Array(0))),
    appendBytes(tensor.span, to.done.slice()),
  ];
}

async function listFields(scan: ProtoScan, { span }: OnnxTensor): Promise<readonly ProtoField[]> {
  const fields: ProtoField[] = [];
  await scan.walk(span, 1, (field) => void fields.push(field));
  return fields;
}
