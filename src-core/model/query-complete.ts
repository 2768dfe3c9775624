import { dtypeLabel } from '../tensor/dtype.ts';
import { labelTexts } from './labels.ts';
import type { ModuleTree } from './module-tree.ts';
import { FIELDS, type FieldName, FLAG_BITS } from './query.ts';
import { DTYPE_GROUPS } from './query-values.ts';
import { ROLE_ORDER, VALUE_ORDER } from './state-dict.ts';

export interface Completions {
  /** What a chosen suggestion replaces. */
  readonly from: number;
  readonly to: number;
  readonly options: readonly Suggestion[];
}
export interface Suggestion {
  readonly text: string;
  /** What it means, for fields. */
  readonly about?: string;
}

const MAX_OPTIONS = 20;

const ABOUT: Readonly<Record<FieldName, string>> = {
  dtype: 'element type: bf16, float, int',
  shape: 'dimensions: [4096,*], [...,3,3]',
  params: 'elements: >1M, 1k..2M',
  bytes: 'size: >10MB',
  rank: 'number of dimensions',
  kind: 'in a module of that kind',
  role: 'parameter, buffer, …',
  type: 'tensor, text, int, …',
  name: 'last part of the key',
  is: 'tied, absent, secret, …',
  tied: 'shares its storage',
  alias: 'counted at another entry',
  problem: 'has a problem',
  absent: 'its bytes are not here',
  secret: 'looks like a credential',
  guessed: 'role is a guess',
  edited: 'is not as it was read',
  min: 'smallest value, once computed',
  max: 'largest value, once computed',
  mean: 'mean of the values, once computed',
  std: 'their standard deviation, once computed',
  absmax: 'largest magnitude, once computed',
  l2: 'root of the sum of squares, once computed',
  zeros: 'share of zeros: >50%, once computed',
  nan: 'has NaN, once computed',
  inf: 'has infinities, once computed',
  status: 'changed, same, added, removed, renamed, unknown',
  changed: 'differs between A and B',
  renamed: 'has another name in B',
  delta: 'largest |B − A|, once compared',
  rel: 'relative L2: >1%, once compared',
  cosine: 'cosine of A and B, once compared',
  flips: 'signs that turned, once compared',
  by: 'who changed it since the base: a, b, both, …',
  conflict: 'both changed it since the base',
};

/** Suggestions for the term that `position` (in UTF-16 units) stands in: fields, values that occur in this tree, names of its parts. */
export function completions(text: string, position: number, tree: ModuleTree): Completions {
  let from = position;
  while (from > 0 && !/\s/.test(text[from - 1]!)) from--;
  if (/[-!]/.test(text[from] ?? '')) from++;
  let to = position;
  while (to < text.length && !/[\s,]/.test(text[to]!)) to++;
  const typed = text.slice(from, position);
  const colon = typed.indexOf(':');
  if (colon < 0) {
    const fields = matching(FIELDS, typed).map((field) => ({ text: `${field}:`, about: ABOUT[field as FieldName] }));
    const names = typed === '' ? [] : matching(namesOf(tree), typed).map((name) => ({ text: quoted(name) }));
    return { from, to, options: [...fields, ...names].slice(0, MAX_OPTIONS) };
  }
  const field = typed.slice(0, colon).toLowerCase();
  const isList = field !== 'shape';
  const start = from + Math.max(colon, isList ? typed.lastIndexOf(',') : -1) + 1;
  const values = matching(valuesOf(field, tree), text.slice(start, position));
  return {
    from: start,
    to: isList ? to : endOfWord(text, position),
    options: values.map((v) => ({ text: quoted(v) })),
  };
}

const endOfWord = (text: string, at: number): number => at + /^\S*/.exec(text.slice(at))![0].length;

function matching(values: Iterable<string>, typed: string): string[] {
  const lower = typed.toLowerCase();
  const out: string[] = [];
  for (const value of values) {
    if (out.length === MAX_OPTIONS) break;
    if (value.toLowerCase().startsWith(lower) && value !== typed) out.push(value);
  }
  return out;
}

const quoted = (value: string): string => (/[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value);

function* namesOf(tree: ModuleTree): Iterable<string> {
  for (const text of labelTexts(tree)) if (text !== '' && !/^\d+$/.test(text)) yield text;
}

function valuesOf(field: string, tree: ModuleTree): Iterable<string> {
  switch (field) {
    case 'dtype':
      return [...tree.dtypes.map(dtypeLabel), ...Object.keys(DTYPE_GROUPS)];
    case 'kind':
      return [...new Set(tree.kind)].filter((code) => code > 0).map((code) => tree.kinds[code]!);
    case 'role':
      return [...new Set(tree.role)].map((code) => ROLE_ORDER[code]!);
    case 'type':
      return VALUE_ORDER.filter((_, code) => tree.type.includes(code));
    case 'shape':
      return tree.shapes.slice(0, 1000).map((shape) => `[${shape.join(',')}]`);
    case 'name':
      return namesOf(tree);
    case 'is':
      return Object.keys(FLAG_BITS);
    default:
      return Object.hasOwn(FLAG_BITS, field) || field === 'nan' || field === 'inf' ? ['true', 'false'] : [];
  }
}
