import { compileRules } from '../model/keys/rename-rules.ts';
import { dtypeLabel } from '../tensor/dtype.ts';
import { placesOf } from './join-keys.ts';
import type { Outline, OutlineEntry } from './outline.ts';
import { type LoadOptions, type LoadReport, MISMATCHES } from './report.ts';
import { showShape } from './words.ts';

/** What became of a key: the kind of its mismatch, or where it is not. */
export const LOAD_STATUSES = [...MISMATCHES, 'missing', 'unexpected', 'added', 'matched'] as const;
export type LoadStatus = (typeof LOAD_STATUSES)[number];

/** A report as rows: what does not fit, then what is on one side alone, then what matches. Texts are made for the rows that are asked for. */
export interface LoadTable {
  readonly report: LoadReport;
  readonly count: number;
  /** Place in LOAD_STATUSES by row. */
  readonly status: Uint8Array<ArrayBuffer>;
  /** 1: it has changed by the end, or by the time the system raises. */
  readonly isChanged: Uint8Array<ArrayBuffer>;
  describe(row: number): LoadRow;
}

export interface LoadRow {
  readonly row: number;
  /** Of the target, or of the source where the target has none. */
  readonly key: string;
  readonly status: LoadStatus;
  readonly isChanged: boolean;
  /** What the target has; empty where it has nothing. */
  readonly expected: string;
  /** What comes from the source; empty where nothing comes. */
  readonly actual: string;
  /** Of a missing key: the key of the source that is most like it. */
  readonly suggestion?: string;
  /** Key of the source, where it has another name there. */
  readonly from?: string;
  /** Places of the entries on either side. */
  readonly target?: number;
  readonly source?: number;
}

/** `source` as it is, before the rules of the options. */
export function tabulate(report: LoadReport, target: Outline, source: Outline, { map = [] }: LoadOptions): LoadTable {
  const { mismatched, missing, unexpected, added, assigned } = report;
  const unfit = new Set(mismatched.map(({ key }) => key));
  const matched = unfit.size === 0 ? assigned : assigned.filter((pair) => !unfit.has(pair.target));
  const told = mismatched.length + missing.length + unexpected.length + added.length;
  const keys = new Array<string>(told + matched.length);
  for (const [i, { key }] of mismatched.entries()) keys[i] = key;
  for (const [i, key] of [...missing, ...unexpected, ...added].entries()) keys[mismatched.length + i] = key;
  for (let i = 0; i < matched.length; i++) keys[told + i] = matched[i]!.target;
  // Tables of half a million keys are made when a row is asked for, and the rest costs nothing.
  const sourceOf = once(() => new Map(assigned.map((pair) => [pair.target, pair.source])));
  const meant = once(() => new Map(report.suggestions.map(({ key, candidates }) => [key, candidates[0]])));
  const sources = once(() => (map.length > 0 ? indexRenamed(source, compileRules(map)) : placesOf(source)));
  const raised = report.error && new Set(report.partial);
  const status = new Uint8Array(keys.length);
  const fill = (name: LoadStatus, start: number, count: number): number => {
    status.fill(LOAD_STATUSES.indexOf(name), start, start + count);
    return start + count;
  };
  for (const [row, { what }] of mismatched.entries()) fill(what, row, 1);
  let next = fill('missing', mismatched.length, missing.length);
  next = fill('unexpected', next, unexpected.length);
  next = fill('added', next, added.length);
  fill('matched', next, matched.length);
  const isChanged = new Uint8Array(keys.length);
  const mark = (row: number): void => {
    const key = keys[row]!;
    if (raised ? raised.has(key) : row >= mismatched.length || sourceOf().has(key)) isChanged[row] = 1;
  };
  for (let row = 0; row < mismatched.length; row++) mark(row);
  for (let row = mismatched.length + missing.length + unexpected.length; row < keys.length; row++) mark(row);

  return {
    report,
    count: keys.length,
    status,
    isChanged,
    describe(row) {
      const key = keys[row]!;
      const name = LOAD_STATUSES[status[row]!]!;
      const isOfSource = name === 'unexpected' || name === 'added';
      const from = isOfSource ? key : (sourceOf().get(key) ?? key);
      const [to, given] = [
        isOfSource ? undefined : placesOf(target).get(key),
        name === 'missing' ? undefined : sources().get(from),
      ];
      const [place, entry] = [at(target, to), at(source, given)];
      const { expected, actual } = mismatched[row] ?? { expected: wordValue(place), actual: wordValue(entry) };
      const suggestion = name === 'missing' ? meant().get(key) : undefined;
      return {
        row,
        key,
        status: name,
        isChanged: isChanged[row] === 1,
        expected,
        actual,
        ...(suggestion !== undefined && { suggestion }),
        ...(entry && entry.key !== key && { from: entry.key }),
        ...(to !== undefined && { target: to }),
        ...(given !== undefined && { source: given }),
      };
    },
  };
}

/** Of keys that rules make one, the last is loaded. */
const indexRenamed = ({ entries }: Outline, rename: (key: string) => string): ReadonlyMap<string, number> =>
  new Map(entries.map(({ key }, i) => [rename(key), i]));

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const at = ({ entries }: Outline, place: number | undefined): OutlineEntry | undefined =>
  place === undefined ? undefined : entries[place];

function wordValue(entry: OutlineEntry | undefined): string {
  if (!entry) return '';
  const { value } = entry;
  if (value.kind === 'object') return value.type;
  const words = [value.dtype && dtypeLabel(value.dtype), value.shape && showShape(value.shape)].filter(Boolean);
  return words.join(' ') || 'tensor';
}
