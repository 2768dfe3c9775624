/**
 * What NumPy calls a `descr`: the type of an array's elements. `<f4`, `|b1`, `>i8`, `<U5`, `|S3`, `<M8[ns]`, `|V2`, `|O`; a list of
 * fields; or a type with a shape. Specified in `numpy/lib/_format_impl.py` (`descr_to_dtype`).
 */
import { NUMPY_CODES } from '../../model/python-dtypes.ts';
import type { DType, KnownDType } from '../../tensor/dtype.ts';
import { isList, isTuple, type Literal } from './literal.ts';

export interface ElementType {
  /** As the header has it, for people: `<f4`. */
  readonly descr: string;
  /** Bytes of one element. */
  readonly bytes: number;
  readonly is:
    | { readonly kind: 'numbers'; readonly dtype: DType; readonly endian: Endian; readonly unit?: string }
    /** Raw bytes; what they probably are is in `dtype`. */
    | { readonly kind: 'void'; readonly dtype: DType; readonly endian: Endian }
    /** UCS-4, or bytes; padded with zeros to a length. */
    | { readonly kind: 'text'; readonly of: 'characters' | 'bytes'; readonly endian: Endian }
    /** One pickle for the whole array. */
    | { readonly kind: 'objects' }
    | { readonly kind: 'fields'; readonly fields: readonly Field[] };
}

export interface Field {
  readonly name: string;
  /** Bytes from the start of an element. */
  readonly offset: number;
  /** Of a field that is an array itself. */
  readonly shape: readonly number[];
  readonly type: ElementType;
}

type Endian = 'little' | 'big';

/** Numbers of the machine that wrote them; no other machine needs to know them. */
const LONG: Readonly<Record<string, DType>> = {
  f12: 'other:float96',
  f16: 'other:float128',
  c24: 'other:complex192',
  c32: 'other:complex256',
};
/** `ml_dtypes` and MLX save what NumPy does not know as so many raw bytes. */
const RAW: Readonly<Record<number, KnownDType>> = { 1: 'bits8', 2: 'bf16' };

/** A type that is bfloat16 in nearly every file that has it: two raw bytes. */
export const isProbablyBf16 = ({ is, bytes }: ElementType): boolean => is.kind === 'void' && bytes === 2;

/** Characters of a type's length. */
const DIGITS = 9;
const SIMPLE = new RegExp(`^([<>|=]?)([biufcSaUVOMm?])(\\d{0,${DIGITS}})(?:\\[([\\w/ ]{1,16})\\])?$`);
const MOST_FIELDS = 10_000;

/** Why a `descr` cannot be read, as a sentence part. */
export class DescrFault extends Error {}

/** @throws `DescrFault` for what is no type that NumPy writes. */
export function readDescr(descr: Literal | undefined): ElementType {
  const count = { fields: 0 };
  const { type, shape } = readType(descr, count);
  if (shape.length > 0) throw new DescrFault('the type of the whole array has a shape');
  return type;
}

interface Shaped {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

function readType(descr: Literal | undefined, count: { fields: number }): Shaped {
  if (typeof descr === 'string') return { type: readSimple(descr), shape: [] };
  if (isList(descr)) return { type: readFields(descr, count), shape: [] };
  if (!isTuple(descr) || descr.tuple.length !== 2)
    throw new DescrFault('its type is neither a text nor a list of fields');
  const inner = readType(descr.tuple[0], count);
  return { type: inner.type, shape: [...readShape(descr.tuple[1]), ...inner.shape] };
}

/** @throws `DescrFault` for what is no shape. */
export function readShape(value: Literal | undefined): readonly number[] {
  const dims = isTuple(value) ? value.tuple : [value as Literal];
  for (const dim of dims)
    if (typeof dim !== 'number' || !Number.isSafeInteger(dim) || dim < 0)
      throw new DescrFault('its shape is no tuple of whole numbers');
  return dims as readonly number[];
}

function readSimple(descr: string): ElementType {
  const [, order = '', kind = '', digits = '', unit] = SIMPLE.exec(descr) ?? [];
  const length = digits === '' ? 1 : Number(digits);
  const endian = order === '>' ? 'big' : 'little';
  const code = kind === '?' ? 'b1' : `${kind}${length}`;
  switch (kind) {
    case 'M':
    case 'm':
      if (length !== 8) break;
      return { descr, bytes: 8, is: { kind: 'numbers', dtype: 'i64', endian, unit: unit ?? 'generic' } };
    case 'U':
      return { descr, bytes: 4 * length, is: { kind: 'text', of: 'characters', endian } };
    case 'S':
    case 'a':
      return { descr, bytes: length, is: { kind: 'text', of: 'bytes', endian } };
    case 'V':
      return { descr, bytes: length, is: { kind: 'void', dtype: RAW[length] ?? `other:V${length}`, endian } };
    case 'O':
      return { descr, bytes: 8, is: { kind: 'objects' } };
  }
  const dtype = Object.hasOwn(NUMPY_CODES, code)
    ? NUMPY_CODES[code]
    : Object.hasOwn(LONG, code)
      ? LONG[code]
      : undefined;
  if (!dtype || unit !== undefined) throw new DescrFault(`there is no type ${JSON.stringify(descr.slice(0, 40))}`);
  return { descr, bytes: kind === '?' ? 1 : length, is: { kind: 'numbers', dtype, endian } };
}

function readFields(list: readonly Literal[], count: { fields: number }): ElementType {
  const fields: Field[] = [];
  let offset = 0;
  for (const item of list) {
    count.fields++;
    if (count.fields > MOST_FIELDS) throw new DescrFault(`it has more than ${MOST_FIELDS} fields`);
    const parts = isTuple(item) ? item.tuple : [];
    if (parts.length !== 2 && parts.length !== 3) throw new DescrFault('a field is no tuple of a name and a type');
    const name = fieldName(parts[0]);
    const inner = readType(parts[1], count);
    const shape = [...(parts.length === 3 ? readShape(parts[2]) : []), ...inner.shape];
    const bytes = shape.reduce((product, dim) => product * dim, inner.type.bytes);
    // What has no name pads the element to a boundary.
    if (name !== '') fields.push({ name, offset, shape, type: inner.type });
    offset += bytes;
    if (!Number.isSafeInteger(offset)) throw new DescrFault('an element of it is larger than any file');
  }
  return { descr: 'fields', bytes: offset, is: { kind: 'fields', fields } };
}

/** A field may have a title besides its name. */
function fieldName(value: Literal | undefined): string {
  const name = isTuple(value) ? value.tuple[1] : value;
  if (typeof name !== 'string') throw new DescrFault('a field has no name');
  return name;
}
