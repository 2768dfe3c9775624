import { assignBest } from './assign.ts';
import type { Content, Reading } from './content.ts';
import { NameEvidence } from './name-evidence.ts';
import type { OpenPairing } from './pair.ts';
import { PAIR_FLAG } from './pairing.ts';

/** Values less alike than this are others, whatever the names say. */
const LEAST = 0.5;
/** What is this much better than any other is told as found; the rest is uncertain. */
const CLEARLY = 0.2;
/** Pairs of a group that are all compared; of larger groups each entry is compared with its neighbours by projections. */
const MOST_PAIRS = 1 << 20;
/** Fewer values than this say little by themselves, and are never sure. */
const FEW = 16;
const ALIKE_NAMES = 0.6;
const NEIGHBOURS = 64;
const PROJECTIONS = 8;
const MOST_ASSIGNED = 128;
/** Values that are looked at before all of them are. */
const GLANCE = 64;

interface Candidate {
  readonly a: Content;
  readonly b: Content;
  readonly score: number;
  readonly axes: readonly number[] | undefined;
}

/** Pairs what has nearly the same values, as after a fine-tuning: within a group the pairs that are best for both, clearly so or marked. */
export function matchNoisy(open: OpenPairing, contentsA: readonly Content[], contentsB: readonly Content[]): void {
  const groupsB = groupContents(contentsB.filter(({ row }) => open.b.taken[row] === 0));
  for (const [group, inA] of groupContents(contentsA.filter(({ row }) => open.a.taken[row] === 0))) {
    const inB = groupsB.get(group);
    if (inB) matchGroup(open, listCandidates(inA, inB));
  }
}

function groupContents(contents: readonly Content[]): Map<string, Content[]> {
  const groups = new Map<string, Content[]>();
  for (const content of contents) {
    const list = groups.get(content.group) ?? [];
    list.push(content);
    groups.set(content.group, list);
  }
  return groups;
}

function matchGroup(open: OpenPairing, candidates: readonly Candidate[]): void {
  const [bestA, bestB] = [new Map<number, Best>(), new Map<number, Best>()];
  for (const candidate of candidates) {
    note(bestA, candidate.a.row, candidate);
    note(bestB, candidate.b.row, candidate);
  }
  for (const { first, second } of bestA.values()) {
    const other = bestB.get(first.b.row);
    if (other?.first !== first) continue;
    const margin = first.score - Math.max(second, other.second, 0);
    if (sizeOf(first) < FEW || first.score < sureFrom(first) || margin < CLEARLY) continue;
    open.add(toMatch(first, Math.min(0.99, first.score), 0));
  }
  const rest = candidates.filter(({ a, b }) => open.a.taken[a.row] === 0 && open.b.taken[b.row] === 0);
  if (rest.length > 0) assignRest(open, rest);
}

interface Best {
  first: Candidate;
  second: number;
}

function note(best: Map<number, Best>, row: number, candidate: Candidate): void {
  const known = best.get(row);
  if (!known) best.set(row, { first: candidate, second: 0 });
  else if (candidate.score > known.first.score) best.set(row, { first: candidate, second: known.first.score });
  else known.second = Math.max(known.second, candidate.score);
}

/** Three times what chance makes of so many values. */
const leastOf = (size: number): number => Math.min(0.9, Math.max(LEAST, 3 / Math.sqrt(size)));

/** Few values look alike by chance: four times what chance makes of so many, and never all of it. */
const sureFrom = (candidate: Candidate): number => Math.min(0.9, Math.max(LEAST, 4 / Math.sqrt(sizeOf(candidate))));

const sizeOf = ({ a }: Candidate): number => a.readings[0]?.values.length ?? 1;

/** Those that several are alike: content and names together, marked. */
function assignRest(open: OpenPairing, rest: readonly Candidate[]): void {
  const evidence = new NameEvidence(open);
  const judged = rest.map((candidate) => {
    const { a, b, score } = candidate;
    const byName = evidence.score(open.a.keyOf(a.row), open.b.keyOf(b.row));
    return { candidate, score: score + byName, byName };
  });
  // A handful of values are alike by chance: names have to agree.
  const scored = judged.filter(({ candidate, byName }) => sizeOf(candidate) >= FEW || byName >= ALIKE_NAMES);
  const rowsA = [...new Set(scored.map(({ candidate }) => candidate.a.row))];
  const rowsB = [...new Set(scored.map(({ candidate }) => candidate.b.row))];
  const mark = (candidate: Candidate) => open.add(toMatch(candidate, candidate.score / 2, PAIR_FLAG.uncertain));
  if (Math.max(rowsA.length, rowsB.length) > MOST_ASSIGNED) {
    // The best first is at least half as good as the best assignment.
    for (const { candidate } of scored.sort((x, y) => y.score - x.score)) mark(candidate);
    return;
  }
  const byRows = new Map(scored.map((one) => [`${one.candidate.a.row} ${one.candidate.b.row}`, one]));
  const of = (i: number, j: number) => byRows.get(`${rowsA[i]} ${rowsB[j]}`);
  const best = assignBest(rowsA.length, rowsB.length, (i, j) => of(i, j)?.score ?? 0);
  for (const [i, j] of best.entries()) {
    const found = j < 0 ? undefined : of(i, j);
    if (found) mark(found.candidate);
  }
}

const toMatch = ({ a, b, axes }: Candidate, confidence: number, flags: number) => ({
  rowA: a.row,
  rowB: b.row,
  how: 'content' as const,
  confidence,
  axes: axes ?? (a.readings[0]?.shape ?? []).map((_, axis) => axis),
  flags,
});

/** Pairs whose values are alike at all. */
function listCandidates(inA: readonly Content[], inB: readonly Content[]): Candidate[] {
  const candidates: Candidate[] = [];
  const compare = (a: Content, b: Content) => {
    const [own] = a.readings;
    let best: Candidate | undefined;
    for (const reading of own ? b.readings : []) {
      if (reading.shape.join() !== own!.shape.join() || reading.values.length !== own!.values.length) continue;
      // The first values tell nearly all that are unrelated.
      if (concordance(own!.values.subarray(0, GLANCE), reading.values.subarray(0, GLANCE)) < LEAST / 2) continue;
      const score = concordance(own!.values, reading.values);
      if (score >= leastOf(own!.values.length) && score > (best?.score ?? 0))
        best = { a, b, score, axes: reading.axes };
    }
    if (best) candidates.push(best);
  };
  if (inA.length * inB.length <= MOST_PAIRS) for (const a of inA) for (const b of inB) compare(a, b);
  else for (const [a, b] of neighbours(inA, inB)) compare(a, b);
  return candidates;
}

/** 1 for equal values, 0 for values that say nothing of each other (Lin's concordance): also another scale or mean counts. */
export function concordance(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let [sumA, sumB] = [0, 0];
  for (let i = 0; i < n; i++) {
    sumA += a[i]!;
    sumB += b[i]!;
  }
  const [meanA, meanB] = [sumA / n, sumB / n];
  let [varA, varB, both] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    varA += x * x;
    varB += y * y;
    both += x * y;
  }
  const all = varA + varB + n * (meanA - meanB) ** 2;
  return all > 0 ? (2 * both) / all : 0;
}

/** Of large groups: those that lie near one another on some random lines. Near values stay near on every one. */
function* neighbours(inA: readonly Content[], inB: readonly Content[]): Generator<readonly [Content, Content]> {
  const seen = new Set<string>();
  for (let line = 0; line < PROJECTIONS; line++) {
    const places = inB
      .flatMap((content) => content.readings.map((reading) => ({ content, at: project(reading, line) })))
      .sort((x, y) => x.at - y.at);
    for (const a of inA) {
      const [own] = a.readings;
      if (!own) continue;
      const from = lowerBound(places, project(own, line)) - NEIGHBOURS / 2;
      for (const { content } of places.slice(Math.max(0, from), from + NEIGHBOURS)) {
        const key = `${a.row} ${content.row}`;
        if (seen.has(key)) continue;
        seen.add(key);
        yield [a, content];
      }
    }
  }
}

/** A sum with signs that only the place and the line decide. */
function project({ values }: Reading, line: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++)
    sum += Math.imul(i + 1, 0x9e3779b1 + 2 * line) & 0x10000 ? values[i]! : -values[i]!;
  return sum;
}

function lowerBound(places: readonly { readonly at: number }[], at: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]!.at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
