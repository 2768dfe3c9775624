import { StateglassError } from '../base/errors.ts';
import { type DTypeFamily, familyOf, isKnownDType } from '../tensor/dtype.ts';
import { compileGlob } from './glob.ts';
import type { DeltaName } from './pair-table.ts';
import type { StatisticName } from './stats-table.ts';

/** Values of the fields of a query: numbers, shapes, dtypes. */
export type NumberField = 'params' | 'bytes' | 'rank';
/** Ends included, unless `above` or `below` says that one is not. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly above?: true;
  readonly below?: true;
}
/** `any` stands for any number of dimensions. */
export type Dim = Range | 'any';

const ANY: Range = { min: 0, max: Number.POSITIVE_INFINITY };

/** `[4096,*]` or `4096x*`; several in brackets are alternatives. `**` or `...` stands for any number of dimensions. */
export function readShapes(value: string, at: number): (readonly Dim[])[] {
  const lists = value.startsWith('[') ? [...value.matchAll(/\[([^\]]*)\]?/g)].map((m) => m[1]!) : [value];
  return lists.map((list) => {
    const parts = list.trim() === '' ? [] : list.split(/[,x×]/).map((part) => part.trim());
    return parts.map((part): Dim => {
      if (part === '**' || part === '...' || part === '…') return 'any';
      return part === '*' ? ANY : readRange(part, 'shape', at);
    });
  });
}

const SCALE: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, b: 1e9, t: 1e12 };
const BYTE_SCALE: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const BINARY_SCALE: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** `5`, `>1M`, `<=3k`, `1k..2M`, `1k..`, `..2M`. */
export function readRange(text: string, field: NumberField | 'shape', at: number): Range {
  const between = /^(.*?)\.\.(.*)$/.exec(text);
  if (between && text !== '..') {
    const min = between[1] === '' ? 0 : readNumber(between[1]!, field, at);
    const max = between[2] === '' ? Number.POSITIVE_INFINITY : readNumber(between[2]!, field, at);
    return { min, max };
  }
  const sign = /^(>=|<=|≥|≤|>|<|=)?(.*)$/s.exec(text)!;
  const value = readNumber(sign[2]!, field, at);
  switch (sign[1]) {
    case '>':
      return { min: value, max: Number.POSITIVE_INFINITY, above: true };
    case '>=':
    case '≥':
      return { min: value, max: Number.POSITIVE_INFINITY };
    case '<':
      return { min: 0, max: value, below: true };
    case '<=':
    case '≤':
      return { min: 0, max: value };
    default:
      return { min: value, max: value };
  }
}

function readNumber(text: string, field: NumberField | 'shape', at: number): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([kmgtb]?)(i?b)?$/.exec(text.trim().replaceAll('_', ''));
  const [, digits, letter = '', unit] = match ?? [];
  let scale: number | undefined = 1;
  if (field === 'bytes') {
    // `1b` is one byte here, a milliard (billion) of parameters there.
    const size = letter === 'b' ? '' : letter;
    scale = unit === 'ib' ? BINARY_SCALE[size] : BYTE_SCALE[size];
  } else if (letter !== '') {
    scale = SCALE[letter];
  }
  if (digits === undefined || scale === undefined || (unit !== undefined && field !== 'bytes')) {
    const sample = field === 'bytes' ? '10MB' : field === 'params' ? '1M' : '2';
    throw badInput(`${field}: needs a number such as ${sample}, >${sample} or ${sample}..${sample}, not "${text}"`, at);
  }
  return Number(digits) * scale;
}

/** A range of values of a tensor: signs and powers of ten are allowed, and `50%` where the field is a share. */
export function readStatisticRange(text: string, field: StatisticName | DeltaName, at: number): Range {
  const read = (part: string, otherwise: number): number => {
    if (part === '') return otherwise;
    const match = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(%?)$/.exec(part.trim().replaceAll('_', ''));
    const isShare = field === 'zeros' || field === 'rel';
    if (!match || (match[2] === '%' && !isShare)) {
      const sample = isShare ? '50%' : '0.1';
      throw badInput(`${field}: needs a number such as ${sample}, >${sample} or ${sample}.., not "${text}"`, at);
    }
    return Number(match[1]) / (match[2] === '%' ? 100 : 1);
  };
  const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const between = /^(.*?)\.\.(.*)$/.exec(text);
  if (between && text !== '..') return { min: read(between[1]!, low), max: read(between[2]!, high) };
  const sign = /^(>=|<=|≥|≤|>|<|=)?(.+)$/s.exec(text);
  const value = read(sign?.[2] ?? 'nothing', 0);
  switch (sign?.[1]) {
    case '>':
      return { min: value, max: high, above: true };
    case '>=':
    case '≥':
      return { min: value, max: high };
    case '<':
      return { min: low, max: value, below: true };
    case '<=':
    case '≤':
      return { min: low, max: value };
    default:
      return { min: value, max: value };
  }
}

export const inRange = (value: number, range: Range): boolean =>
  (range.above ? value > range.min : value >= range.min) && (range.below ? value < range.max : value <= range.max);

/** A word may ask for all of a family; `float` and `int` mean every width of theirs. */
export const DTYPE_GROUPS: Readonly<Record<string, readonly DTypeFamily[]>> = {
  float: ['float', 'half', 'float8'],
  half: ['half'],
  float8: ['float8'],
  int: ['int', 'uint'],
  uint: ['uint'],
  complex: ['complex'],
  quant: ['quant', 'block'],
  block: ['block'],
};
const DTYPE_ALIASES: Readonly<Record<string, string>> = {
  float64: 'f64',
  double: 'f64',
  float32: 'f32',
  fp32: 'f32',
  float16: 'f16',
  fp16: 'f16',
  bfloat16: 'bf16',
  int64: 'i64',
  int32: 'i32',
  int16: 'i16',
  int8: 'i8',
  uint64: 'u64',
  uint32: 'u32',
  uint16: 'u16',
  uint8: 'u8',
  fp8: 'f8*',
  f8: 'f8*',
  complex64: 'c64',
  complex128: 'c128',
};

/** The dtype names of a `dtype:` term, as this program spells them. */
export const readDTypes = (names: readonly string[]): string[] => names.map((name) => DTYPE_ALIASES[name] ?? name);

/** Whether a dtype's label is asked for by one of the names of a `dtype:` term. */
export function matchesDType(label: string, names: readonly string[]): boolean {
  const lower = label.toLowerCase();
  // Types in blocks are written in capitals.
  const known = [label, lower].find(isKnownDType);
  const family = known ? familyOf(known) : 'other';
  return names.some((name) => {
    if (name === lower || DTYPE_GROUPS[name]?.includes(family)) return true;
    return name.includes('*') && compileGlob(name)(lower);
  });
}

export const badInput = (detail: string, at: number): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail, at });
