import { StateglassError } from '../base/errors.ts';
import { type DTypeFamily, familyOf, isKnownDType } from '../tensor/dtype.ts';
import { nextToken, type Token } from './query-token.ts';
import { ROLE_ORDER, ROW_FLAG, type RoleName, VALUE_ORDER, type ValueType } from './state-dict.ts';

/**
 * A filter over entries: terms with spaces between, all of which must hold.
 *
 * - `attn weight`: words anywhere in the key, in any case; one that occurs nowhere is looked for loosely (`qproj` finds `q_proj`)
 * - `*.attn.*`: a glob over the whole key; `*` is any text, dots included, `?` one character, `[0-9]` one of a set, `{a,b}` either
 * - `/regex/i`: a JavaScript regular expression over the key
 * - `dtype:bf16,f16` `shape:[4096,*]` `params:>1M` `bytes:1MB..2MB` `rank:2` `kind:Linear` `role:buffer` `type:text` `name:weight`
 * - `tied:true` `problem:true` `absent:true` `secret:true` `alias:true`, or `is:tied`
 * - `-term` or `!term` turns one round; quotes keep spaces and signs: `"two words"`
 *
 * Plain data: it can be cloned and kept.
 */
export interface Query {
  readonly text: string;
  readonly terms: readonly Term[];
}

export type Term = { readonly not: boolean; readonly from: number; readonly to: number } & TermTest;

export type TermTest =
  | { readonly test: 'word'; readonly word: string }
  | { readonly test: 'glob'; readonly glob: string }
  | { readonly test: 'regex'; readonly source: string; readonly flags: string }
  | { readonly test: 'dtype'; readonly names: readonly string[] }
  | { readonly test: 'shape'; readonly patterns: readonly (readonly Dim[])[] }
  | { readonly test: 'number'; readonly field: NumberField; readonly ranges: readonly Range[] }
  | { readonly test: 'kind'; readonly names: readonly string[] }
  | { readonly test: 'role'; readonly roles: readonly RoleName[] }
  | { readonly test: 'type'; readonly types: readonly ValueType[] }
  | { readonly test: 'name'; readonly globs: readonly string[] }
  | { readonly test: 'flag'; readonly flag: FlagName; readonly value: boolean };

export type NumberField = 'params' | 'bytes' | 'rank';
export type FlagName = 'tied' | 'alias' | 'problem' | 'absent' | 'secret' | 'guessed';
export const FLAG_BITS: Readonly<Record<FlagName, number>> = {
  tied: ROW_FLAG.tied,
  alias: ROW_FLAG.alias,
  problem: ROW_FLAG.problem,
  absent: ROW_FLAG.absent,
  secret: ROW_FLAG.secret,
  guessed: ROW_FLAG.guessedRole,
};

/** Ends included, unless `above` or `below` says that one is not. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly above?: true;
  readonly below?: true;
}
/** `any` stands for any number of dimensions. */
export type Dim = Range | 'any';

export const FIELDS = [
  'dtype',
  'shape',
  'params',
  'bytes',
  'rank',
  'kind',
  'role',
  'type',
  'name',
  'is',
  'tied',
  'alias',
  'problem',
  'absent',
  'secret',
  'guessed',
] as const;
export type FieldName = (typeof FIELDS)[number];

/** A word may ask for all of a family; `float` and `int` mean every width of theirs. */
export const DTYPE_GROUPS: Readonly<Record<string, readonly DTypeFamily[]>> = {
  float: ['float', 'half', 'float8'],
  half: ['half'],
  float8: ['float8'],
  int: ['int', 'uint'],
  uint: ['uint'],
  complex: ['complex'],
  quant: ['quant'],
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

/** Reads a query. What cannot be read is a `bad-input` error whose `at` is a position in the text. */
export function parseQuery(text: string): Query {
  const terms: Term[] = [];
  for (let token = nextToken(text, 0); token; token = nextToken(text, token.to)) {
    terms.push({ not: token.not, from: token.from, to: token.to, ...readTest(token) });
  }
  return { text, terms };
}

function readTest(token: Token): TermTest {
  if (token.regex) {
    const { source, flags } = token.regex;
    try {
      new RegExp(source, flags);
    } catch (error) {
      throw badInput(`the regular expression cannot be read: ${reason(error)}`, token.at);
    }
    return { test: 'regex', source, flags };
  }
  const { field, value, quoted, at } = token;
  if (field === undefined) {
    if (quoted || !/[*?]|\{.*,.*\}/.test(value)) return { test: 'word', word: value };
    globToRegExp(value, at);
    return { test: 'glob', glob: value };
  }
  if (!isField(field)) {
    const known = FIELDS.join(', ');
    throw badInput(
      `there is no field "${field}" (fields are ${known}); put quotes around it to search for the text`,
      token.from,
    );
  }
  if (value === '') throw badInput(`${field}: needs a value`, at);
  return readField(field, value, at);
}

const isField = (name: string): name is FieldName => (FIELDS as readonly string[]).includes(name);

function readField(field: FieldName, value: string, at: number): TermTest {
  const lower = value.toLowerCase();
  switch (field) {
    case 'dtype':
      return { test: 'dtype', names: splitList(lower).map((name) => DTYPE_ALIASES[name] ?? name) };
    case 'shape':
      return { test: 'shape', patterns: readShapes(lower, at) };
    case 'params':
    case 'bytes':
    case 'rank':
      return { test: 'number', field, ranges: splitList(lower).map((part) => readRange(part, field, at)) };
    case 'kind':
      return { test: 'kind', names: splitList(value) };
    case 'name':
      for (const glob of splitList(value)) globToRegExp(glob, at);
      return { test: 'name', globs: splitList(value) };
    case 'role':
      return { test: 'role', roles: splitList(lower).map((name) => oneOf(ROLE_ORDER, name, 'role', at)) };
    case 'type':
      return { test: 'type', types: splitList(lower).map((name) => oneOf(VALUE_ORDER, name, 'type', at)) };
    case 'is':
      return { test: 'flag', flag: oneOf(Object.keys(FLAG_BITS) as FlagName[], lower, 'is', at), value: true };
    default:
      return { test: 'flag', flag: field, value: readYes(lower, field, at) };
  }
}

const splitList = (value: string): string[] => value.split(',').filter((part) => part !== '');

function oneOf<T extends string>(names: readonly T[], name: string, field: string, at: number): T {
  const found = names.find((candidate) => candidate === name);
  if (found === undefined) throw badInput(`${field}: is one of ${names.join(', ')}, not "${name}"`, at);
  return found;
}

function readYes(value: string, field: string, at: number): boolean {
  if (['true', 'yes', '1'].includes(value)) return true;
  if (['false', 'no', '0'].includes(value)) return false;
  throw badInput(`${field}: is true or false, not "${value}"`, at);
}

const ANY: Range = { min: 0, max: Number.POSITIVE_INFINITY };

/** `[4096,*]` or `4096x*`; several in brackets are alternatives. `**` or `...` stands for any number of dimensions. */
function readShapes(value: string, at: number): (readonly Dim[])[] {
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
function readRange(text: string, field: NumberField | 'shape', at: number): Range {
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

export const inRange = (value: number, range: Range): boolean =>
  (range.above ? value > range.min : value >= range.min) && (range.below ? value < range.max : value <= range.max);

/** Whether a dtype's label is asked for by one of the names of a `dtype:` term. */
export function matchesDType(label: string, names: readonly string[]): boolean {
  const lower = label.toLowerCase();
  const family = isKnownDType(label) ? familyOf(label) : 'other';
  return names.some((name) => {
    if (name === lower || DTYPE_GROUPS[name]?.includes(family)) return true;
    return name.includes('*') && globToRegExp(name).test(lower);
  });
}

/** A glob as a regular expression over the whole text, in any case. */
export function globToRegExp(glob: string, at = 0): RegExp {
  let source = '';
  let depth = 0;
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i]!;
    const close = char === '[' ? glob.indexOf(']', i + 2) : -1;
    if (char === '*') {
      while (glob[i + 1] === '*') i++;
      source += '.*';
    } else if (char === '?') {
      source += '.';
    } else if (close > 0) {
      const set = glob.slice(i + 1, close).replace(/[\\\]^[]/g, '\\$&');
      source += set.startsWith('!') ? `[^${set.slice(1)}]` : `[${set}]`;
      i = close;
    } else if (char === '{' && glob.indexOf('}', i) > 0) {
      depth++;
      source += '(?:';
    } else if (char === '}' && depth > 0) {
      depth--;
      source += ')';
    } else if (char === ',' && depth > 0) {
      source += '|';
    } else {
      source += char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    }
  }
  try {
    return new RegExp(`^${source}${')'.repeat(depth)}$`, 'is');
  } catch (error) {
    throw badInput(`the pattern ${glob} cannot be read: ${reason(error)}`, at);
  }
}

const reason = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);

const badInput = (detail: string, at: number): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail, at });
