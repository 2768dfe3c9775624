import { StateglassError } from '../base/errors.ts';
import { dtypeLabel } from '../tensor/dtype.ts';
import { compileGlob } from './glob.ts';
import { CHUNK_ROWS, chunkCount, chunkKey, findInChunk, type KeyChunk, keyChunk, lowerChunkKey } from './key-text.ts';
import { labelTexts } from './labels.ts';
import { type ModuleTree, NOT_AN_ENTRY } from './module-tree.ts';
import type { PairFacts } from './pair-table.ts';
import { FLAG_BITS, type Query, type Term } from './query.ts';
import { badInput, type Dim, inRange, matchesDType, type Range } from './query-values.ts';
import { type EntryColumns, NO_SHAPE, ROLE_ORDER, VALUE_ORDER } from './state-dict.ts';
import type { StatisticColumns } from './stats-table.ts';

/**
 * Entry rows that match a query, in tree order. `shouldStop` is asked every few milliseconds of work; when it says yes the search
 * ends with a `cancelled` error.
 */
export function runQuery(
  query: Query,
  columns: EntryColumns,
  tree: ModuleTree,
  shouldStop?: () => boolean,
  statistics?: StatisticColumns,
  pairs?: PairFacts,
): Uint32Array<ArrayBuffer> {
  const search = searchRows(query, columns, tree, statistics, pairs);
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
    if (shouldStop?.()) throw new StateglassError({ kind: 'cancelled' });
  }
}

/** The same in steps of a few milliseconds, for a caller that lets others work in between: it ends with the rows. */
export function* searchRows(
  query: Query,
  columns: EntryColumns,
  tree: ModuleTree,
  statistics?: StatisticColumns,
  pairs?: PairFacts,
): Generator<void, Uint32Array<ArrayBuffer>> {
  const hits = new Uint8Array(columns.count).fill(1);
  // Cheap tests first: those on keys then look only at what is left.
  const terms = query.terms.toSorted((a, b) => cost(a) - cost(b));
  for (const term of terms) {
    const test = yield* prepare(term, columns, tree, statistics, pairs);
    for (let chunk = 0; chunk < chunkCount(columns); chunk++) {
      const from = chunk * CHUNK_ROWS;
      const to = Math.min(from + CHUNK_ROWS, columns.count);
      for (let row = from; row < to; row++) if (hits[row] === 1 && test(row) === term.not) hits[row] = 0;
      yield;
    }
  }
  const rows = new Uint32Array(columns.count);
  let found = 0;
  for (let node = 0; node < tree.count; node++) {
    const row = tree.entry[node]!;
    if (row !== NOT_AN_ENTRY && hits[row] === 1) rows[found++] = row;
  }
  return rows.slice(0, found);
}

const cost = (term: Term): number => (term.test === 'regex' || term.test === 'glob' ? 2 : term.test === 'word' ? 1 : 0);

type RowTest = (row: number) => boolean;

function pairsOf(pairs: PairFacts | undefined, at: number): PairFacts {
  if (!pairs) throw badInput('it asks for pairs, which only a comparison of two documents has', at);
  return pairs;
}

/** Turns a term into a test of rows, doing all that can be done once: per dtype, per shape, per label, per module. */
function* prepare(
  term: Term,
  columns: EntryColumns,
  tree: ModuleTree,
  statistics: StatisticColumns | undefined,
  pairs: PairFacts | undefined,
): Generator<void, RowTest> {
  const { dtype, shape, shapes, types, roles, flags } = columns;
  switch (term.test) {
    case 'word':
      return yield* wordTest(term.word.toLowerCase(), term.not, columns, tree);
    case 'glob':
      return keyTest(columns, lowerChunkKey, compileGlob(term.glob));
    case 'regex': {
      const pattern = new RegExp(term.source, term.flags);
      return keyTest(columns, chunkKey, (key) =>
        pattern.test(key.length > MAX_TESTED ? key.slice(0, MAX_TESTED) : key),
      );
    }
    case 'dtype': {
      const wanted = columns.dtypes.map((name) => matchesDType(dtypeLabel(name), term.names));
      return (row) => dtype[row]! > 0 && wanted[dtype[row]! - 1] === true;
    }
    case 'shape': {
      const wanted = shapes.map((dims) => term.patterns.some((pattern) => fitsShape(dims, pattern)));
      return (row) => shape[row] !== NO_SHAPE && wanted[shape[row]!] === true;
    }
    case 'number': {
      const fits = (value: number) => term.ranges.some((range) => inRange(value, range));
      if (term.field === 'bytes') return (row) => fits(columns.bytes[row]!);
      if (term.field === 'params') return (row) => types[row] === 0 && fits(columns.params[row]!);
      const wanted = shapes.map((dims) => fits(dims.length));
      return (row) => shape[row] !== NO_SHAPE && wanted[shape[row]!] === true;
    }
    case 'kind': {
      const inKind = belowKinds(tree, term.names);
      return (row) => inKind[tree.nodeOfEntry[row]!] === 1;
    }
    case 'name': {
      const globs = term.globs.map((glob) => compileGlob(glob));
      const wanted = lowerLabels(tree).map((text) => globs.some((glob) => glob(text)));
      return (row) => wanted[tree.label[tree.nodeOfEntry[row]!]!] === true;
    }
    case 'role': {
      const wanted = ROLE_ORDER.map((role) => term.roles.includes(role));
      return (row) => wanted[roles[row]!] === true;
    }
    case 'type': {
      const wanted = VALUE_ORDER.map((type) => term.types.includes(type));
      return (row) => wanted[types[row]!] === true;
    }
    case 'status': {
      const { verdictOf, isRenamed } = pairsOf(pairs, term.at);
      const asksNames = term.statuses.includes('renamed');
      return (row) => term.statuses.includes(verdictOf(row)) || (asksNames && isRenamed(row));
    }
    case 'by': {
      const { mergeOf } = pairsOf(pairs, term.at);
      if (!mergeOf) throw badInput('it asks what A and B made of a base, and no base is chosen', term.at);
      return (row) => {
        const status = mergeOf(row);
        return status === undefined ? term.not : term.statuses.includes(status);
      };
    }
    case 'delta': {
      const { deltas } = pairsOf(pairs, term.at);
      return (row) => term.ranges.some((range) => inRange(deltas.numberOf(row, term.name), range));
    }
    case 'statistic':
      // What nobody computed is neither in nor out: it does not match, turned round or not.
      return (row) => {
        const value = statistics?.numberOf(row, term.name) ?? Number.NaN;
        return Number.isNaN(value) ? term.not : term.ranges.some((range) => inRange(value, range));
      };
    case 'flag': {
      const bit = FLAG_BITS[term.flag];
      return (row) => ((flags[row]! & bit) !== 0) === term.value;
    }
  }
}

/**
 * A word without a dot lies within one part, so it is looked up among the distinct labels and carried down the tree; only a
 * word with a dot needs the keys. What occurs in no key at all is looked for loosely, unless it is to be left out.
 */
function* wordTest(word: string, not: boolean, columns: EntryColumns, tree: ModuleTree): Generator<void, RowTest> {
  if (!word.includes('.')) {
    const texts = lowerLabels(tree);
    const wanted = texts.map((text) => text.includes(word));
    if (not || wanted.some((yes, label) => yes && label > 0)) {
      const below = matchedParts(tree, [wanted]);
      return (row) => below[tree.nodeOfEntry[row]!] === 1;
    }
  } else {
    const found = new Uint8Array(columns.count);
    let any = false;
    for (let i = 0; i < chunkCount(columns); i++) {
      const chunk = keyChunk(columns, i);
      findInChunk(chunk, word, (at) => {
        found[chunk.first + at] = 1;
        any = true;
      });
      yield;
    }
    if (any || not) return (row) => found[row] === 1;
  }
  const pieces = word.split('.').filter((piece) => piece !== '');
  const texts = lowerLabels(tree);
  const below = matchedParts(
    tree,
    pieces.map((piece) => texts.map((text) => isSubsequence(piece, text))),
  );
  return (row) => below[tree.nodeOfEntry[row]!] === pieces.length;
}

const lowerCache = new WeakMap<ModuleTree, readonly string[]>();

function lowerLabels(tree: ModuleTree): readonly string[] {
  let lower = lowerCache.get(tree);
  if (!lower) {
    lower = labelTexts(tree).map((text) => text.toLowerCase());
    lowerCache.set(tree, lower);
  }
  return lower;
}

/** How many of the pieces the parts on the way to each node match, one after the other. */
function matchedParts(tree: ModuleTree, pieces: readonly (readonly boolean[])[]): Uint16Array {
  const matched = new Uint16Array(tree.count);
  for (let node = 1; node < tree.count; node++) {
    const above = matched[tree.parent[node]!]!;
    matched[node] = pieces[above]?.[tree.label[node]!] ? above + 1 : above;
  }
  return matched;
}

/** Whether the letters of `word` stand in `text` in that order. */
export function isSubsequence(word: string, text: string): boolean {
  let at = 0;
  for (let i = 0; i < word.length; i++) {
    at = text.indexOf(word[i]!, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** A regular expression may take very long on a very long text; no real key is near this length. */
const MAX_TESTED = 4096;

/** Tests keys chunk by chunk; rows are asked for in order. */
function keyTest(
  columns: EntryColumns,
  keyOf: (chunk: KeyChunk, i: number) => string,
  test: (key: string) => boolean,
): RowTest {
  let chunk: KeyChunk | undefined;
  return (row) => {
    if (!chunk || row < chunk.first || row >= chunk.first + chunk.rows) {
      chunk = keyChunk(columns, Math.floor(row / CHUNK_ROWS));
    }
    return test(keyOf(chunk, row - chunk.first));
  };
}

/** 1 for every node that is, or lies in, a module of one of these kinds. */
function belowKinds(tree: ModuleTree, names: readonly string[]): Uint8Array {
  const wanted = wantedKinds(tree.kinds, names);
  const below = new Uint8Array(tree.count);
  for (let node = 0; node < tree.count; node++) {
    below[node] = wanted[tree.kind[node]!] || below[tree.parent[node]!] === 1 ? 1 : 0;
  }
  return below;
}

/** A kind by its exact name (`Conv1D` is not `Conv1d`); else all in which the name occurs in any case: `norm`, `linear`. */
function wantedKinds(kinds: readonly string[], names: readonly string[]): readonly boolean[] {
  const wanted = kinds.map(() => false);
  for (const name of names) {
    const lower = name.toLowerCase();
    const isKind = kinds.includes(name);
    kinds.forEach((kind, code) => {
      if (code > 0 && (isKind ? kind === name : kind.toLowerCase().includes(lower))) wanted[code] = true;
    });
  }
  return wanted;
}

/** Whether a shape fits a pattern in which `any` takes any number of dimensions. */
function fitsShape(shape: readonly number[], pattern: readonly Dim[]): boolean {
  const gap = pattern.indexOf('any');
  if (gap < 0) return shape.length === pattern.length && pattern.every((dim, i) => fitsDim(shape[i]!, dim));
  const head = pattern.slice(0, gap);
  const tail = pattern.slice(gap + 1);
  if (tail.includes('any')) {
    // Several gaps: try every length of the first.
    for (let cut = gap; cut <= shape.length; cut++) {
      if (fitsShape(shape.slice(0, gap), head) && fitsShape(shape.slice(cut), tail)) return true;
    }
    return false;
  }
  if (shape.length < head.length + tail.length) return false;
  return (
    head.every((dim, i) => fitsDim(shape[i]!, dim)) &&
    tail.every((dim, i) => fitsDim(shape[shape.length - tail.length + i]!, dim))
  );
}

const fitsDim = (size: number, dim: Dim): boolean => dim === 'any' || inRange(size, dim as Range);
