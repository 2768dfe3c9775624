import { eachVarint, type ProtoField, type ProtoScan, signed } from '../../bytes/proto.ts';
import type { OnnxSparse, OnnxTensor, TypedField, TypedPiece } from './model.ts';

const TYPED: Readonly<Record<number, TypedField>> = {
  4: 'float_data',
  5: 'int32_data',
  7: 'int64_data',
  10: 'double_data',
  11: 'uint64_data',
};
const EXTERNAL = 1n;

/** TensorProto: where its elements are, not what they are. */
export async function scanTensor(scan: ProtoScan, span: ProtoField, depth: number): Promise<OnnxTensor> {
  let [name, doc, type] = ['', '', 0];
  const dims: number[] = [];
  const raw: ProtoField[] = [];
  const typed: TypedPiece[] = [];
  const texts: ProtoField[] = [];
  const external = new Map<string, string>();
  let isExternal = false as boolean;
  const properties: (readonly [string, string])[] = [];
  await scan.walk(span, depth, async (field) => {
    const typedField = TYPED[field.number];
    if (typedField) {
      typed.push({ field: typedField, isLone: field.wire !== 'bytes', at: field.at, end: field.end });
      return;
    }
    switch (field.number) {
      case 1:
        return addNumbers(scan, field, dims);
      case 2:
        type = signed(field.value);
        return;
      case 6:
        texts.push(field);
        return;
      case 8:
        name = await scan.text(field);
        return;
      case 9:
        raw.push(field);
        return;
      case 12:
        doc = await scan.text(field);
        return;
      case 13:
        external.set(...(await scanPair(scan, field, depth + 1)));
        return;
      case 14:
        isExternal = field.value === EXTERNAL;
        return;
      case 16:
        properties.push(await scanPair(scan, field, depth + 1));
        return;
    }
  });
  const more = { ...(raw[0] && { raw: raw[0] }), ...(isExternal && { external }) };
  return { span, name, doc, dims, type, typed, texts, properties, ...more };
}

/** SparseTensorProto. */
export async function scanSparse(scan: ProtoScan, span: ProtoField, depth: number): Promise<OnnxSparse> {
  let [values, indices]: (OnnxTensor | undefined)[] = [];
  const dims: number[] = [];
  await scan.walk(span, depth, async (field) => {
    if (field.number === 1) values = await scanTensor(scan, field, depth + 1);
    if (field.number === 2) indices = await scanTensor(scan, field, depth + 1);
    return field.number === 3 ? addNumbers(scan, field, dims) : undefined;
  });
  if (!values || !indices) throw scan.fail('a sparse tensor without values or indices', span.start);
  return { span, values, indices, dims };
}

/** Numbers of a repeated int64, packed or one by one. */
export async function addNumbers(scan: ProtoScan, field: ProtoField, into: number[]): Promise<void> {
  if (field.wire === 'varint') into.push(signed(field.value));
  else if (field.wire !== 'bytes') throw scan.fail('a size that is no whole number', field.start);
  else if (!eachVarint(await scan.bytes(field), (value) => into.push(signed(value))) && scan.cutAt === undefined)
    throw scan.fail('a list of sizes is broken off', field.start);
}

/** StringStringEntryProto. */
export async function scanPair(scan: ProtoScan, span: ProtoField, depth: number): Promise<readonly [string, string]> {
  let [key, value] = ['', ''];
  await scan.walk(span, depth, async (field) => {
    if (field.number === 1) key = await scan.text(field);
    else if (field.number === 2) value = await scan.text(field);
  });
  return [key, value];
}
