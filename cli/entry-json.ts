import {
  bitsOf,
  countElements,
  type Entry,
  type JsonNode,
  type MetaItem,
  packedBytes,
  type Quant,
  type StateDict,
  type Value,
  writeJson,
} from '../src-core/index.ts';

/** One entry as a line of JSON. `sharedWith` are the other keys of its share group. */
export function entryToJson(entry: Entry, state: StateDict, sharedWith?: readonly string[]): string {
  const { value } = entry;
  const fields: string[] = [
    `"key":${JSON.stringify(entry.key)}`,
    `"path":${JSON.stringify(entry.path.parts)}`,
    `"type":"${value.type}"`,
  ];
  if (value.type === 'tensor' && value.undeclared) fields.push('"absent":true');
  else if (value.type === 'tensor') {
    const params = countElements(value.shape);
    const bytes = packedBytes(value.dtype, params);
    fields.push(
      `"dtype":${JSON.stringify(value.dtype.replace(/^other:/, ''))}`,
      `"shape":${JSON.stringify(value.shape)}`,
    );
    fields.push(`"strides":${JSON.stringify(value.strides ?? contiguousStrides(value.shape))}`, `"params":${params}`);
    if (bytes !== undefined) fields.push(`"bytes":${bytes}`);
    if (value.quant) fields.push(`"quant":${quantToJson(value.quant)}`);
    if (value.wrapper) fields.push(`"wrapper":${JSON.stringify(value.wrapper)}`);
  }
  fields.push(`"role":"${entry.role.role}"`, `"roleSource":"${entry.roleSource}"`);
  const place = placeOf(value, state);
  if (place) fields.push(`"file":${JSON.stringify(place.file)}`, `"offset":${place.offset}`);
  if (sharedWith && sharedWith.length > 0) fields.push(`"sharedWith":${JSON.stringify(sharedWith)}`);
  const plain = valueToJson(value);
  if (plain !== undefined) fields.push(`"value":${plain}`);
  return `{${fields.join(',')}}`;
}

/** Without the places of scales: those are numbers of storages in this program. */
function quantToJson(quant: Quant): string {
  if (quant.scheme === 'per-tensor-affine') return JSON.stringify(quant);
  const { scheme, axis, channels, parameters } = quant;
  return JSON.stringify({ scheme, axis, channels, parameters });
}

function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(shape[i] ?? 1, 1);
  }
  return strides;
}

/** Where the value's first element lies. */
function placeOf(value: Value, state: StateDict): { file: string; offset: number } | undefined {
  if ((value.type !== 'tensor' && value.type !== 'bytes') || value.storage === undefined) return undefined;
  const data = state.storages.get(value.storage)?.data;
  const slice = data?.kind === 'slices' ? data.slices[0] : undefined;
  if (!slice || slice.codec) return undefined;
  const skipped = value.type === 'tensor' ? (value.offset * (bitsOf(value.dtype) ?? 0)) / 8 : 0;
  return { file: slice.file, offset: slice.offset + skipped };
}

/** JSON of text and scalars (and of lists); undefined for what has no value to print. */
export function valueToJson(value: Value): string | undefined {
  switch (value.type) {
    case 'text':
      return JSON.stringify(value.text);
    case 'int':
      return numberToJson(value.digits);
    case 'float':
      return Number.isFinite(value.value) ? numberToJson(value.lexeme ?? String(value.value)) : `"${value.value}"`;
    case 'bool':
      return String(value.value);
    case 'null':
      return 'null';
    case 'complex':
      return `{"re":${numberToJson(String(value.re))},"im":${numberToJson(String(value.im))}}`;
    case 'json':
      return nodeToJson(value.json);
    default:
      return undefined;
  }
}

/** Integers past 2^53 and what JSON has no number for become strings: a reader must not round them silently. */
export function numberToJson(lexeme: string): string {
  if (/^-?\d+$/.test(lexeme)) return Number.isSafeInteger(Number(lexeme)) ? String(Number(lexeme)) : `"${lexeme}"`;
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(lexeme) ? lexeme : JSON.stringify(lexeme);
}

const nodeToJson = (node: JsonNode): string => writeJson(node, { number: numberToJson });

/** `{key: value}`; a key that a second section repeats is written `section.key`. */
export function metadataToJson(items: readonly MetaItem[]): string {
  const seen = new Map<string, string>();
  for (const item of items) {
    const key = seen.has(item.key) ? `${item.section}.${item.key}` : item.key;
    seen.set(key, nodeToJson(item.value));
  }
  return `{${[...seen].map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}
