import { type ProtoField, type ProtoScan, signed } from '../../bytes/proto.ts';
import type { OnnxDim, OnnxValue } from './model.ts';

/** TypeProto's other cases, by field. */
const OTHER: Readonly<Record<number, string>> = {
  4: 'sequence',
  5: 'map',
  7: 'opaque',
  8: 'sparse tensor',
  9: 'optional',
};

/** ValueInfoProto. */
export async function scanValue(scan: ProtoScan, span: ProtoField, depth: number): Promise<OnnxValue> {
  let name = '';
  let type: Omit<OnnxValue, 'span' | 'name'> = {};
  await scan.walk(span, depth, async (field) => {
    if (field.number === 1) name = await scan.text(field);
    else if (field.number === 2) type = await scanType(scan, field, depth + 1);
  });
  return { span, name, ...type };
}

async function scanType(scan: ProtoScan, span: ProtoField, depth: number): Promise<Omit<OnnxValue, 'span' | 'name'>> {
  let found: Omit<OnnxValue, 'span' | 'name'> = {};
  await scan.walk(span, depth, async (field) => {
    if (field.number === 1) {
      found = { tensor: await scanTensorType(scan, field, depth + 1) };
      return;
    }
    const other = OTHER[field.number];
    if (other) found = { other };
  });
  return found;
}

async function scanTensorType(
  scan: ProtoScan,
  span: ProtoField,
  depth: number,
): Promise<NonNullable<OnnxValue['tensor']>> {
  let type = 0;
  let dims: OnnxDim[] | undefined;
  await scan.walk(span, depth, async (field) => {
    if (field.number === 1) type = signed(field.value);
    else if (field.number === 2) {
      const list: OnnxDim[] = [];
      dims = list;
      return scan.walk(field, depth + 1, async (dim) => {
        if (dim.number === 1) list.push(await scanDim(scan, dim, depth + 2));
      });
    }
  });
  return { type, ...(dims && { dims }) };
}

async function scanDim(scan: ProtoScan, span: ProtoField, depth: number): Promise<OnnxDim> {
  let size: OnnxDim;
  await scan.walk(span, depth, async (field) => {
    if (field.number === 1) size = signed(field.value);
    else if (field.number === 2) size = await scan.text(field);
  });
  return size;
}
