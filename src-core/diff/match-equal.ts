import type { Content, Reading } from './content.ts';
import { matchByNames } from './match-names.ts';
import { NameEvidence } from './name-evidence.ts';
import type { OpenPairing } from './pair.ts';
import { PAIR_FLAG } from './pairing.ts';

/** Samples are the same; whether all of it is was not read. */
const SAMPLED = 0.97;
/** Nothing but zeros was read of it, or another single number. */
const CONSTANT = 0.6;

/** Rows of both sides whose content is the same. */
interface Alike {
  readonly a: Content[];
  readonly b: { readonly content: Content; readonly axes?: readonly number[] | undefined }[];
}

/**
 * Pairs what has the same content and nothing else has. Where several have (all ones, all zeros, tied weights), names decide
 * once the others are paired, and the pairs are marked.
 */
export function matchEqual(open: OpenPairing, contentsA: readonly Content[], contentsB: readonly Content[]): void {
  const ambiguous: Alike[] = [];
  for (const alike of groupAlike(contentsA, contentsB)) {
    const [inA, inB] = [alike.a[0], alike.b[0]];
    if (!inA || !inB) continue;
    if (alike.a.length > 1 || alike.b.length > 1) ambiguous.push(alike);
    else {
      const isWhole = inA.isWhole && inB.content.isWhole;
      const saysLittle = !isWhole && isConstant(inA);
      open.add({
        rowA: inA.row,
        rowB: inB.content.row,
        how: 'content',
        confidence: isWhole ? 1 : saysLittle ? CONSTANT : SAMPLED,
        axes: inB.axes ?? identity(inA),
        ...(saysLittle && { flags: PAIR_FLAG.uncertain }),
      });
    }
  }
  if (ambiguous.length === 0) return;
  const evidence = new NameEvidence(open);
  for (const { a, b } of ambiguous) {
    const axesOf = new Map(b.map(({ content, axes }) => [content.row, axes]));
    const found = matchByNames(
      open,
      a.map(({ row }) => row),
      b.map(({ content }) => content.row),
      evidence,
    );
    for (const { rowA, rowB, score, margin } of found) {
      open.add({
        rowA,
        rowB,
        how: 'content',
        confidence: confidenceOf(score, margin, Math.max(a.length, b.length)),
        axes: axesOf.get(rowB) ?? identity(a[0] as Content),
        flags: PAIR_FLAG.ambiguous,
      });
    }
  }
}

/** As sure as a blind choice among so many, or as names make it. */
const confidenceOf = (score: number, margin: number, count: number): number =>
  Math.max(1 / count, Math.min(0.95, score * Math.min(1, 0.5 + 2 * margin)));

const isConstant = ({ readings }: Content): boolean =>
  readings[0]?.values.every((value) => Object.is(value, readings[0]!.values[0])) ?? true;

const identity = ({ readings }: Content): number[] => (readings[0]?.shape ?? []).map((_, axis) => axis);

function groupAlike(contentsA: readonly Content[], contentsB: readonly Content[]): Iterable<Alike> {
  const groups = new Map<string, Alike>();
  for (const content of contentsA) {
    const [reading] = content.readings;
    if (!reading) continue;
    const key = keyOfReading(content, reading);
    const known = groups.get(key) ?? { a: [], b: [] };
    known.a.push(content);
    groups.set(key, known);
  }
  for (const content of contentsB) {
    const reading = content.readings.find((one) => groups.has(keyOfReading(content, one)));
    if (reading) groups.get(keyOfReading(content, reading))?.b.push({ content, axes: reading.axes });
  }
  return groups.values();
}

const keyOfReading = ({ group }: Content, { shape, digest }: Reading): string => `${group} ${shape.join()} ${digest}`;
