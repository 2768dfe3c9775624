import { NO_SHAPE } from '../model/state-dict.ts';
import { layoutsBetween, sameShape } from './layout.ts';
import { gpt2Conv1d } from './mappings/gpt2-conv1d.ts';
import type { LayoutRule } from './mappings/mapping.ts';
import { nnxValue } from './mappings/nnx-value.ts';
import { MAPPINGS } from './mappings/registry.ts';
import type { OpenPairing } from './pair.ts';
import type { PairRows } from './pair-rows.ts';
import type { Side } from './side.ts';

/** Weights that one rule is about: what their shapes say of the square ones among them. */
interface Votes {
  transposed: number;
  same: number;
}

/** How two shapes stand to each other. */
export interface ShapeFit {
  /** Dimensions of A's. */
  readonly rank: number;
  readonly isSame: boolean;
  /** Axes of B's that make it look like A's. */
  readonly axes?: readonly number[] | undefined;
}

export type FitOf = (pair: number) => ShapeFit | undefined;

/** Of tensors whose shapes are declared; shapes are few, and looked at once for all pairs that have them. */
export function fitShapes({ a, b }: OpenPairing, { count, rowA, rowB }: PairRows): FitOf {
  const fits: (ShapeFit | undefined)[] = [undefined];
  const codes = new Map<number, number>();
  const codeOf = new Int32Array(count);
  for (let pair = 0; pair < count; pair++) {
    if (rowA[pair]! < 0 || rowB[pair]! < 0) continue;
    const [inA, inB] = [a.columns.shape[rowA[pair]!]!, b.columns.shape[rowB[pair]!]!];
    if (inA === NO_SHAPE || inB === NO_SHAPE) continue;
    const both = inA * b.columns.shapes.length + inB;
    let code = codes.get(both);
    if (code === undefined) {
      code = fits.push(fitShape(a.columns.shapes[inA]!, b.columns.shapes[inB]!)) - 1;
      codes.set(both, code);
    }
    codeOf[pair] = code;
  }
  return (pair) => fits[codeOf[pair]!];
}

const fitShape = (a: readonly number[], b: readonly number[]): ShapeFit => ({
  rank: a.length,
  isSame: sameShape(a, b),
  axes: a.length < 2 ? undefined : layoutsBetween(a, b)[0],
});

/**
 * Axes of each pair's B that make it look like A; undefined where they stand in the same order. Shapes tell most; of square
 * weights the others of the same rule tell.
 */
export function findLayouts(open: OpenPairing, rows: PairRows, fitOf: FitOf) {
  const squares = new Map<number, LayoutRule>();
  for (let pair = 0; pair < rows.count; pair++) {
    const fit = fitOf(pair);
    if (!fit?.isSame || !fit.axes || rows.matchOf(pair)?.axes) continue;
    const rule = findRule(open, rows, pair);
    if (rule) squares.set(pair, rule);
  }
  // Of most files no rule is about a square weight, and nobody has to be asked.
  const votes = squares.size > 0 ? countVotes(open, rows, fitOf) : undefined;
  return (pair: number): readonly number[] | undefined => {
    const told = rows.matchOf(pair)?.axes;
    if (told) return isIdentity(told) ? undefined : told;
    const fit = fitOf(pair);
    if (!fit?.axes || !fit.isSame) return fit?.axes;
    const rule = squares.get(pair);
    return rule && isTransposed(rule, votes?.get(rule)) ? fit.axes : undefined;
  };
}

function countVotes(open: OpenPairing, rows: PairRows, fitOf: FitOf): ReadonlyMap<LayoutRule, Votes> {
  const votes = new Map<LayoutRule, Votes>();
  for (let pair = 0; pair < rows.count; pair++) {
    const fit = fitOf(pair);
    if (!fit || fit.rank < 2 || fit.isSame === (fit.axes !== undefined) || rows.matchOf(pair)?.axes) continue;
    const rule = findRule(open, rows, pair);
    if (!rule) continue;
    const vote = votes.get(rule) ?? { transposed: 0, same: 0 };
    vote[fit.isSame ? 'same' : 'transposed']++;
    votes.set(rule, vote);
  }
  return votes;
}

const isTransposed = ({ otherwise }: LayoutRule, vote: Votes = { transposed: 0, same: 0 }): boolean =>
  vote.transposed === vote.same ? otherwise === 'transposed' : vote.transposed > vote.same;

const isIdentity = (axes: readonly number[]): boolean => axes.every((axis, i) => axis === i);

function findRule({ a, b }: OpenPairing, { rowA, rowB, matchOf }: PairRows, pair: number): LayoutRule | undefined {
  const { how, mapping } = matchOf(pair) ?? {};
  const { layout } = MAPPINGS.find(({ id }) => id === mapping) ?? {};
  const rule = how === 'mapping' ? (layout ?? gpt2Conv1d) : gpt2Conv1d;
  const isMeant = (key: string) => rule.of.test(key.replace(nnxValue.strip, ''));
  return isMeant(a.keyOf(rowA[pair]!)) || isMeant(b.keyOf(rowB[pair]!)) ? rule : undefined;
}

/** Undefined for what is no tensor, and for one whose shape nobody declared. */
export function shapeOfRow({ columns }: Side, row: number): readonly number[] | undefined {
  const shape = columns.shape[row]!;
  return shape === NO_SHAPE ? undefined : columns.shapes[shape];
}
