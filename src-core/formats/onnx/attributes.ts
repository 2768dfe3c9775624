import { type ProtoField, type ProtoScan, signed } from '../../bytes/proto.ts';
import { elementTypeOf } from './element-types.ts';
import type { OnnxNode } from './model.ts';
import { addNumbers, scanTensor } from './scan-tensor.ts';

export interface NodeAttribute {
  readonly name: string;
  /** As a person reads it: `1`, `[3, 3]`, `"SAME_UPPER"`, `tensor i64 [2]`, `graph`. */
  readonly text: string;
}

/** Items shown of a list. */
const SHOWN = 64;

/** AttributeProto. */
export async function readAttributes(scan: ProtoScan, { span }: OnnxNode): Promise<readonly NodeAttribute[]> {
  const found: NodeAttribute[] = [];
  await scan.walk({ at: span.at, end: span.end }, 1, async (field) => {
    if (field.number === 5) found.push(await readAttribute(scan, field));
  });
  return found;
}

async function readAttribute(scan: ProtoScan, span: ProtoField): Promise<NodeAttribute> {
  let [name, isList] = ['', false];
  const items: string[] = [];
  const put = (text: string, asList = false) => {
    items.push(text);
    isList ||= asList;
  };
  await scan.walk(span, 2, async (field) => {
    switch (field.number) {
      case 1:
        name = await scan.text(field);
        break;
      case 2:
        put(floatText(await scan.bytes(field)));
        break;
      case 3:
        put(String(signed(field.value)));
        break;
      case 4:
      case 9:
        put(JSON.stringify(await scan.text(field)), field.number === 9);
        break;
      case 5:
      case 10:
        put(await tensorText(scan, field), field.number === 10);
        break;
      case 6:
      case 11:
        put('graph', field.number === 11);
        break;
      case 7:
        isList = true;
        items.push(...floatTexts(await scan.bytes(field)));
        break;
      case 8: {
        isList = true;
        const numbers: number[] = [];
        await addNumbers(scan, field, numbers);
        items.push(...numbers.map(String));
        break;
      }
      case 21:
        put(`the function's own ${await scan.text(field)}`);
        break;
      case 22:
      case 23:
        put('sparse tensor', field.number === 23);
    }
  });
  if (!isList) return { name, text: items[0] ?? '' };
  const more = items.length > SHOWN ? `, … ${items.length - SHOWN} more` : '';
  return { name, text: `[${items.slice(0, SHOWN).join(', ')}${more}]` };
}

async function tensorText(scan: ProtoScan, field: ProtoField): Promise<string> {
  const { type, dims } = await scanTensor(scan, field, 3);
  const { dtype, name } = elementTypeOf(type);
  return `tensor ${dtype ?? name.toLowerCase()} [${dims.join(', ')}]`;
}

function floatTexts(bytes: Uint8Array): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) texts.push(floatText(bytes.subarray(at, at + 4)));
  return texts;
}

/** The shortest digits that are this f32. */
function floatText(bytes: Uint8Array): string {
  if (bytes.length !== 4) return '?';
  const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}
