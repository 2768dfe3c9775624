import { diffSequences, type Run } from './myers.ts';

/** Lines that differ with some around them. Lines count from 1. */
export interface TextHunk {
  readonly startA: number;
  readonly startB: number;
  readonly lines: readonly TextLine[];
}

export interface TextLine {
  readonly kind: 'same' | 'removed' | 'added';
  /** Without its line break. */
  readonly text: string;
  /** Parts that differ from the line that it stands against, [from, to) in letters; absent when it stands against none. */
  readonly spans?: readonly (readonly [from: number, to: number])[];
}

export interface TextDiff {
  readonly hunks: readonly TextHunk[];
  readonly added: number;
  readonly removed: number;
}

/** Lines around a difference, as patches have them. */
const CONTEXT = 3;

/** What differs between two texts, by lines, and by words in lines that stand against one another. */
export function diffTexts(a: string, b: string, context = CONTEXT): TextDiff {
  const [linesA, linesB] = [splitLines(a), splitLines(b)];
  const runs = diffSequences(linesA, linesB);
  const count = (kind: Run['kind']) =>
    runs.reduce((sum, run) => (run.kind === kind ? sum + run.toA - run.fromA + run.toB - run.fromB : sum), 0);
  return {
    hunks: groupRuns(runs, context).map((group) => makeHunk(group, linesA, linesB)),
    added: count('added'),
    removed: count('removed'),
  };
}

/** A last line without a break differs from one with it: breaks stay in while lines are compared. */
export const splitLines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Runs that are shown together: what is the same is cut to the lines around what is not. */
function groupRuns(runs: readonly Run[], context: number): Run[][] {
  const groups: Run[][] = [];
  let group: Run[] = [];
  const cut = (run: Run, from: number, to: number): Run => ({
    ...run,
    fromA: run.fromA + from,
    toA: run.fromA + to,
    fromB: run.fromB + from,
    toB: run.fromB + to,
  });
  for (const [i, run] of runs.entries()) {
    const length = run.toA - run.fromA;
    if (run.kind !== 'same') group.push(run);
    else if (i > 0 && i < runs.length - 1 && length <= 2 * context) group.push(run);
    else {
      if (i > 0) group.push(cut(run, 0, Math.min(context, length)));
      if (i > 0) groups.push(group);
      group = i < runs.length - 1 ? [cut(run, Math.max(0, length - context), length)] : [];
    }
  }
  if (group.some(({ kind }) => kind !== 'same')) groups.push(group);
  return groups;
}

function makeHunk(runs: readonly Run[], a: readonly string[], b: readonly string[]): TextHunk {
  const lines: TextLine[] = [];
  for (const [i, run] of runs.entries()) {
    const next = runs[i + 1];
    if (run.kind === 'same')
      for (const text of a.slice(run.fromA, run.toA)) lines.push({ kind: 'same', text: chop(text) });
    else if (run.kind === 'removed' && next?.kind === 'added') {
      const [removed, added] = [a.slice(run.fromA, run.toA), b.slice(next.fromB, next.toB)];
      const pairs = removed.map((text, at) => (added[at] === undefined ? undefined : diffWords(text, added[at])));
      lines.push(...removed.map((text, at) => toLine('removed', text, pairs[at]?.a)));
      lines.push(...added.map((text, at) => toLine('added', text, pairs[at]?.b)));
    } else if (run.kind === 'removed')
      for (const text of a.slice(run.fromA, run.toA)) lines.push(toLine('removed', text));
    else if (runs[i - 1]?.kind !== 'removed')
      for (const text of b.slice(run.fromB, run.toB)) lines.push(toLine('added', text));
  }
  return { startA: (runs[0]?.fromA ?? 0) + 1, startB: (runs[0]?.fromB ?? 0) + 1, lines };
}

type Spans = readonly (readonly [number, number])[];

const chop = (line: string): string => line.replace(/\n$/, '');
const toLine = (kind: TextLine['kind'], line: string, spans?: Spans): TextLine => ({
  kind,
  text: chop(line),
  ...(spans && { spans }),
});

/** Words, runs of spaces, and every other letter by itself. */
const WORD = /[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu;
/** Lines that share less than this are other lines, not the same one changed. */
const ALIKE = 0.3;

/** Where two lines differ by words; undefined where they have too little in common for that to say anything. */
export function diffWords(a: string, b: string): { readonly a: Spans; readonly b: Spans } | undefined {
  const [wordsA, wordsB] = [a.match(WORD) ?? [], b.match(WORD) ?? []];
  const runs = diffSequences(wordsA, wordsB);
  const lengthOf = (words: readonly string[]) => words.reduce((sum, word) => sum + word.length, 0);
  const common = runs.reduce(
    (sum, { kind, fromA, toA }) => (kind === 'same' ? sum + lengthOf(wordsA.slice(fromA, toA)) : sum),
    0,
  );
  if (2 * common < ALIKE * (a.length + b.length)) return undefined;
  const spansOf = (words: readonly string[], list: readonly (readonly [number, number])[]): Spans =>
    list.map(([from, to]) => {
      const start = lengthOf(words.slice(0, from));
      return [start, start + lengthOf(words.slice(from, to))] as const;
    });
  return {
    a: spansOf(
      wordsA,
      runs.filter(({ kind }) => kind === 'removed').map(({ fromA, toA }) => [fromA, toA] as const),
    ),
    b: spansOf(
      wordsB,
      runs.filter(({ kind }) => kind === 'added').map(({ fromB, toB }) => [fromB, toB] as const),
    ),
  };
}
