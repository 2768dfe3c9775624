import {
  type Document,
  describePacked,
  dtypeLabel,
  type Entry,
  type EntryValues,
  parseSlice,
  readStoredBytes,
  readValues,
  StateglassError,
  type TensorValue,
  viewUnpacked,
} from '../src-core/index.ts';
import { numberToJson, valueToJson } from './entry-json.ts';
import { findEntry } from './find-entry.ts';
import { openPaths } from './open-paths.ts';
import { Output } from './output.ts';
import { tensorText } from './tensor-text.ts';

export interface ShowOptions {
  readonly slice?: string | number;
  readonly json?: boolean;
  readonly raw?: boolean;
}

/** Bytes of a bytes entry that are printed as text. */
const MOST_BYTES = 512;

/** `show FILE KEY`: one entry's value, as text like NumPy's or as JSON. */
export async function show(file: string, key: string, options: ShowOptions): Promise<void> {
  const { document, entry } = findEntry(await openPaths([file]), key);
  const out = new Output();
  if (entry.value.type === 'tensor') await showTensor(document, entry, options, out);
  else {
    if (options.slice !== undefined)
      throw new StateglassError({
        kind: 'bad-input',
        detail: `${entry.key} is ${entry.value.type}: only tensors have slices`,
      });
    out.line(options.json ? await otherToJson(document, entry) : await otherToText(document, entry));
  }
  await out.end();
}

async function showTensor(document: Document, entry: Entry, options: ShowOptions, out: Output): Promise<void> {
  const { raw = false } = options;
  const packed = await describePacked(document, entry.id);
  const packing = packed?.codes.id === entry.id ? packed.packing : undefined;
  const seen = raw ? document : await viewUnpacked(document, [entry.id]);
  const { value } = seen.state.entries.at(entry.id);
  const slice = parseSlice(String(options.slice ?? ''), shapeToSlice(value as TensorValue));
  if (options.json) {
    const found = await readValues(seen, entry.id, slice, undefined, raw);
    printJson(packing === undefined ? found : { ...found, raw }, entry, out, packing);
    return;
  }
  const note = packing === undefined ? undefined : `${raw ? 'codes of' : 'unpacked from'} ${packing}`;
  out.line(await tensorText(seen, seen.state.entries.at(entry.id), slice, raw, note));
}

const shapeToSlice = (tensor: TensorValue): readonly number[] => (tensor.undeclared ? [] : tensor.shape);

function printJson(found: EntryValues, entry: Entry, out: Output, packing: string | undefined): void {
  const { dtype } = found;
  const packed = packing === undefined ? '' : `"packing":${JSON.stringify(packing)},`;
  const quantised = found.raw === undefined ? '' : `${packed}"raw":${found.raw},`;
  out.write(
    `{"key":${JSON.stringify(entry.key)},"dtype":${JSON.stringify(dtypeLabel(dtype))},"shape":${JSON.stringify(found.tensorShape)},"slice":${JSON.stringify(found.sliceText)},${quantised}"values":`,
  );
  const { values, complex } = found;
  const leaf = (at: number): string => {
    if (complex)
      return `{"re":${numberText(values[2 * at] as number)},"im":${numberText(values[2 * at + 1] as number)}}`;
    if (dtype === 'bool') return values[at] === 0 ? 'false' : 'true';
    return numberText(values[at] as number | bigint);
  };
  let at = 0;
  const nest = (axis: number): void => {
    const count = found.shape[axis];
    if (count === undefined) {
      out.write(leaf(at++));
      return;
    }
    out.write('[');
    for (let i = 0; i < count; i++) {
      if (i > 0) out.write(',');
      nest(axis + 1);
    }
    out.write(']');
  };
  nest(0);
  out.write('}\n');
}

/** What JSON has no number for, and integers that a reader would round, become strings. */
function numberText(value: number | bigint): string {
  if (typeof value === 'bigint') return numberToJson(String(value));
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0.0' : String(value);
}

async function otherToJson(document: Document, entry: Entry): Promise<string> {
  const value = (await bytesText(document, entry, Number.POSITIVE_INFINITY)) ?? opaqueText(entry);
  const json = value === undefined ? (valueToJson(entry.value) ?? 'null') : JSON.stringify(value);
  return `{"key":${JSON.stringify(entry.key)},"type":"${entry.value.type}","value":${json}}`;
}

async function otherToText(document: Document, entry: Entry): Promise<string> {
  const { value } = entry;
  if (value.type === 'text') return value.text;
  if (value.type === 'int') return value.lexeme ?? value.digits;
  if (value.type === 'float') return value.lexeme ?? String(value.value);
  if (value.type === 'complex') return `${value.re}${value.im < 0 ? '-' : '+'}${Math.abs(value.im)}j`;
  if (value.type === 'empty') return `empty ${value.of}`;
  const plain = (await bytesText(document, entry, MOST_BYTES)) ?? opaqueText(entry);
  if (plain !== undefined) return plain;
  const json = valueToJson(value) ?? 'null';
  // Numbers past 2^53 are text in this JSON, so that reading and writing it again loses nothing.
  return JSON.stringify(JSON.parse(json), undefined, 2);
}

const opaqueText = ({ value }: Entry): string | undefined => (value.type === 'opaque' ? value.text : undefined);

/** Hexadecimal, the first `most` bytes. */
async function bytesText(document: Document, entry: Entry, most: number): Promise<string | undefined> {
  if (entry.value.type !== 'bytes') return undefined;
  const { length } = entry.value;
  const bytes = await readStoredBytes(document, entry.id, 0, Math.min(length, most));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return length > most ? `${hex}… (${length} bytes)` : hex;
}
