import { compileGlob, isGlob } from './glob.ts';
import { type DeltaName, MERGE_STATUSES, type MergeStatus, VERDICTS } from './pair-table.ts';
import { nextToken, type Token } from './query-token.ts';
import {
  badInput,
  type Dim,
  type NumberField,
  type Range,
  readDTypes,
  readRange,
  readShapes,
  readStatisticRange,
} from './query-values.ts';
import { ROLE_ORDER, ROW_FLAG, type RoleName, VALUE_ORDER, type ValueType } from './state-dict.ts';
import type { StatisticName } from './stats-table.ts';

/**
 * A filter over entries: terms with spaces between, all of which must hold.
 *
 * - `attn weight`: words anywhere in the key, in any case; one that occurs nowhere is looked for loosely (`qproj` finds `q_proj`)
 * - `*.attn.*`: a glob over the whole key; `*` is any text, dots included, `?` one character, `[0-9]` one of a set, `{a,b}` either
 * - `/regex/i`: a JavaScript regular expression over the key
 * - `dtype:bf16,f16` `shape:[4096,*]` `params:>1M` `bytes:1MB..2MB` `rank:2` `kind:Linear` `role:buffer` `type:text` `name:weight`
 * - `tied:true` `problem:true` `absent:true` `secret:true` `alias:true`, or `is:tied`
 * - `std:>0.1` `min:<-1` `zeros:>50%` `nan:true` `inf:true`: statistics, of tensors whose values were computed; `mean`, `max`, `absmax`, `l2`
 * - `status:changed` (`same`, `added`, `removed`, `renamed`, `unknown`), `changed:true`, `renamed:true`: of the pairs of a comparison, and once their
 *   values were compared `delta:>1e-3` (the largest |B − A|), `rel:>1%` (relative L2), `cosine:<0.9`, `flips:>0`
 * - `conflict:true`, `by:a` (`b`, `both`, `merged`, `conflict`, `unchanged`): what the sides of a comparison made of its base
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
  | { readonly test: 'statistic'; readonly name: StatisticName; readonly ranges: readonly Range[] }
  | { readonly test: 'status'; readonly statuses: readonly PairStatusName[]; readonly at: number }
  | { readonly test: 'by'; readonly statuses: readonly MergeStatus[]; readonly at: number }
  | { readonly test: 'delta'; readonly name: DeltaName; readonly ranges: readonly Range[]; readonly at: number }
  | { readonly test: 'flag'; readonly flag: FlagName; readonly value: boolean };

/** What a filter asks of a pair: a verdict, or that it has another name. */
export const PAIR_STATUS_NAMES = [...VERDICTS, 'renamed'] as const;
export type PairStatusName = (typeof PAIR_STATUS_NAMES)[number];

export type FlagName = 'tied' | 'alias' | 'problem' | 'absent' | 'secret' | 'guessed' | 'edited';
export const FLAG_BITS: Readonly<Record<FlagName, number>> = {
  tied: ROW_FLAG.tied,
  alias: ROW_FLAG.alias,
  problem: ROW_FLAG.problem,
  absent: ROW_FLAG.absent,
  secret: ROW_FLAG.secret,
  guessed: ROW_FLAG.guessedRole,
  edited: ROW_FLAG.edited,
};

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
  'edited',
  'min',
  'max',
  'mean',
  'std',
  'absmax',
  'l2',
  'zeros',
  'nan',
  'inf',
  'status',
  'changed',
  'renamed',
  'delta',
  'rel',
  'cosine',
  'flips',
  'by',
  'conflict',
] as const;
export type FieldName = (typeof FIELDS)[number];

/**
 * Reads a query: words, globs, `/regex/` and `field:value` terms, all of which must hold. An empty text matches everything.
 *
 * @throws `bad-input` whose `at` is a position in the text, in UTF-16 units.
 */
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
    if (quoted || !isGlob(value)) return { test: 'word', word: value };
    compileGlob(value, at);
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
      return { test: 'dtype', names: readDTypes(splitList(lower)) };
    case 'shape':
      return { test: 'shape', patterns: readShapes(lower, at) };
    case 'params':
    case 'bytes':
    case 'rank':
      return { test: 'number', field, ranges: splitList(lower).map((part) => readRange(part, field, at)) };
    case 'kind':
      return { test: 'kind', names: splitList(value) };
    case 'name':
      for (const glob of splitList(value)) compileGlob(glob, at);
      return { test: 'name', globs: splitList(value) };
    case 'role':
      return { test: 'role', roles: splitList(lower).map((name) => oneOf(ROLE_ORDER, name, 'role', at)) };
    case 'type':
      return { test: 'type', types: splitList(lower).map((name) => oneOf(VALUE_ORDER, name, 'type', at)) };
    case 'min':
    case 'max':
    case 'mean':
    case 'std':
    case 'absmax':
    case 'l2':
    case 'zeros':
      return { test: 'statistic', name: field, ranges: splitList(lower).map((p) => readStatisticRange(p, field, at)) };
    case 'nan':
    case 'inf':
      return { test: 'statistic', name: field, ranges: readCounts(lower, field, at) };
    case 'status':
      return {
        test: 'status',
        statuses: splitList(lower).map((name) => oneOf(PAIR_STATUS_NAMES, name, 'status', at)),
        at,
      };
    case 'changed':
      return { test: 'status', statuses: readYes(lower, field, at) ? DIFFERENT : ['same'], at };
    case 'renamed':
      return { test: 'status', statuses: readYes(lower, field, at) ? ['renamed'] : VERDICTS, at };
    case 'delta':
    case 'rel':
    case 'cosine':
    case 'flips':
      return {
        test: 'delta',
        name: field,
        ranges: splitList(lower).map((part) => readStatisticRange(part, field, at)),
        at,
      };
    case 'by':
      return { test: 'by', statuses: splitList(lower).map((name) => oneOf(MERGE_STATUSES, name, 'by', at)), at };
    case 'conflict':
      return { test: 'by', statuses: readYes(lower, field, at) ? ['conflict'] : SETTLED, at };
    case 'is':
      return { test: 'flag', flag: oneOf(Object.keys(FLAG_BITS) as FlagName[], lower, 'is', at), value: true };
    default:
      return { test: 'flag', flag: field, value: readYes(lower, field, at) };
  }
}

/** Whatever is known to differ. */
const DIFFERENT: readonly PairStatusName[] = ['changed', 'added', 'removed'];

/** Whatever nobody has to decide. */
const SETTLED: readonly MergeStatus[] = MERGE_STATUSES.filter((status) => status !== 'conflict');

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

/** `nan:true` asks for any, `nan:false` for none. */
function readCounts(value: string, field: 'nan' | 'inf', at: number): readonly Range[] {
  if (['true', 'yes'].includes(value)) return [{ min: 0, max: Number.POSITIVE_INFINITY, above: true }];
  if (['false', 'no'].includes(value)) return [{ min: 0, max: 0 }];
  return splitList(value).map((part) => readStatisticRange(part, field, at));
}

const reason = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);

/** Whether the answer to a query may be another once more pairs are compared. */
export const asksDeltas = ({ terms }: Query): boolean =>
  terms.some(({ test }) => test === 'status' || test === 'delta' || test === 'by');

/** Whether a query asks for values that may not be computed yet: entries nobody looked at match no such term. */
export const asksStatistics = ({ terms }: Query): boolean => terms.some((term) => term.test === 'statistic');
