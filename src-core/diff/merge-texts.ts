import { diffSequences } from './myers.ts';
import { splitLines } from './text.ts';

/** Lines of three texts that stand against one another, with their breaks. */
export interface MergeRegion {
  /** `both`: changed alike. `conflict`: changed differently, or with no line between. */
  readonly kind: 'same' | 'a' | 'b' | 'both' | 'conflict';
  readonly base: readonly string[];
  readonly a: readonly string[];
  readonly b: readonly string[];
}

/** Names of the sides in conflict markers. */
export interface MergeLabels {
  readonly a: string;
  readonly base: string;
  readonly b: string;
}

/**
 * What two texts made of a third, as diff3 tells it: a change of one side stands, the same change of both stands once, and changes
 * that overlap or touch are a conflict.
 */
export function mergeTexts(base: string, a: string, b: string): readonly MergeRegion[] {
  const lines = { base: splitLines(base), a: splitLines(a), b: splitLines(b) };
  const left = { a: listHunks(lines.base, lines.a), b: listHunks(lines.base, lines.b) };
  const regions: MergeRegion[] = [];
  const at = { base: 0, a: 0, b: 0 };
  const put = (toBase: number, toA: number, toB: number) => {
    const cut = { base: lines.base.slice(at.base, toBase), a: lines.a.slice(at.a, toA), b: lines.b.slice(at.b, toB) };
    if (toBase > at.base || toA > at.a || toB > at.b) regions.push({ kind: kindOf(cut), ...cut });
    Object.assign(at, { base: toBase, a: toA, b: toB });
  };
  for (;;) {
    const from = Math.min(left.a[0]?.from ?? Number.POSITIVE_INFINITY, left.b[0]?.from ?? Number.POSITIVE_INFINITY);
    if (from === Number.POSITIVE_INFINITY) break;
    put(from, at.a + from - at.base, at.b + from - at.base);
    let to = from;
    /** Where the last change of each side ends, there and in the base. */
    const end = { a: { to: from, toSide: at.a }, b: { to: from, toSide: at.b } };
    for (;;) {
      const side =
        (left.a[0]?.from ?? Number.POSITIVE_INFINITY) <= to
          ? 'a'
          : (left.b[0]?.from ?? Number.POSITIVE_INFINITY) <= to
            ? 'b'
            : undefined;
      if (!side) break;
      end[side] = left[side].shift() as Hunk;
      to = Math.max(to, end[side].to);
    }
    put(to, end.a.toSide + to - end.a.to, end.b.toSide + to - end.b.to);
  }
  put(lines.base.length, lines.a.length, lines.b.length);
  return regions;
}

/** The merged text; undefined while there is a conflict. */
export function textOfMerge(regions: readonly MergeRegion[]): string | undefined {
  if (regions.some(({ kind }) => kind === 'conflict')) return undefined;
  return regions.flatMap((region) => (region.kind === 'b' ? region.b : region.a)).join('');
}

/** The merged text with what is in conflict written between markers, as `git merge-file --diff3` writes it. */
export function markConflicts(regions: readonly MergeRegion[], labels: MergeLabels): string {
  return regions
    .map((region) => {
      if (region.kind !== 'conflict') return (region.kind === 'b' ? region.b : region.a).join('');
      const [a, base, b] = [region.a, region.base, region.b].map(closeLine);
      return `<<<<<<< ${labels.a}\n${a}||||||| ${labels.base}\n${base}=======\n${b}>>>>>>> ${labels.b}\n`;
    })
    .join('');
}

/** A marker begins a line. */
function closeLine(lines: readonly string[]): string {
  const text = lines.join('');
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

interface Hunk {
  /** [from, to) of the base, and where it ends in the side. */
  readonly from: number;
  readonly to: number;
  readonly toSide: number;
}

function listHunks(base: readonly string[], side: readonly string[]): Hunk[] {
  const hunks: Hunk[] = [];
  for (const { kind, fromA, toA, toB } of diffSequences(base, side)) {
    if (kind === 'same') continue;
    const last = hunks.at(-1);
    if (last?.to === fromA) hunks[hunks.length - 1] = { from: last.from, to: toA, toSide: toB };
    else hunks.push({ from: fromA, to: toA, toSide: toB });
  }
  return hunks;
}

function kindOf({ base, a, b }: Omit<MergeRegion, 'kind'>): MergeRegion['kind'] {
  const [isA, isB, isSame] = [!isEqual(a, base), !isEqual(b, base), isEqual(a, b)];
  if (!isA && !isB) return 'same';
  if (isSame) return 'both';
  return isA && isB ? 'conflict' : isA ? 'a' : 'b';
}

const isEqual = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((line, i) => line === other[i]);
