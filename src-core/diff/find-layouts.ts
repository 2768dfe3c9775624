import { NO_SHAPE } from '../model/state-dict.ts';
import { layoutsBetween, sameShape } from './layout.ts';
import { gpt2Conv1d } from './mappings/gpt2-conv1d.ts';
import type { LayoutRule } from './mappings/mapping.ts';
import { nnxValue } from './mappings/nnx-value.ts';
import { MAPPINGS } from './mappings/registry.ts';
import type { OpenPairing } from './pair.ts';
import type { Match } from './pairing.ts';
import type { Side } from './side.ts';

/** Weights that one rule is about: what their shapes say of the square ones among them. */
interface Votes {
  transposed: number;
  same: number;
}

/**
 * Axes of each match's B that make it look like A; undefined where they stand in the same order. Shapes tell most; of square
 * weights the others of the same rule tell.
 */
export function findLayouts({ a, b, matches }: OpenPairing): (readonly number[] | undefined)[] {
  const votes = new Map<LayoutRule, Votes>();
  const ruleOf = matches.map((match) => findRule(a.keys[match.rowA] as string, b.keys[match.rowB] as string, match));
  const found = matches.map((match, i) => {
    const [shapeA, shapeB] = [shapeOfRow(a, match.rowA), shapeOfRow(b, match.rowB)];
    if (!shapeA || !shapeB || shapeA.length < 2) return {};
    const isSame = sameShape(shapeA, shapeB);
    const [axes] = layoutsBetween(shapeA, shapeB);
    const rule = ruleOf[i];
    if (rule && match.axes === undefined && isSame !== (axes !== undefined)) {
      const vote = votes.get(rule) ?? { transposed: 0, same: 0 };
      vote[isSame ? 'same' : 'transposed']++;
      votes.set(rule, vote);
    }
    return { isSame, axes };
  });
  return found.map(({ isSame, axes }, i) => {
    const { axes: told } = matches[i] as Match;
    if (told) return isIdentity(told) ? undefined : told;
    if (!axes) return undefined;
    const rule = ruleOf[i];
    return !isSame || (rule && isTransposed(rule, votes.get(rule))) ? axes : undefined;
  });
}

const isTransposed = ({ otherwise }: LayoutRule, vote: Votes = { transposed: 0, same: 0 }): boolean =>
  vote.transposed === vote.same ? otherwise === 'transposed' : vote.transposed > vote.same;

const isIdentity = (axes: readonly number[]): boolean => axes.every((axis, i) => axis === i);

function findRule(keyA: string, keyB: string, { how, mapping }: Match): LayoutRule | undefined {
  const { layout } = MAPPINGS.find(({ id }) => id === mapping) ?? {};
  const rule = how === 'mapping' ? (layout ?? gpt2Conv1d) : gpt2Conv1d;
  const isMeant = (key: string) => rule.of.test(key.replace(nnxValue.strip, ''));
  return isMeant(keyA) || isMeant(keyB) ? rule : undefined;
}

/** Undefined for what is no tensor, and for one whose shape nobody declared. */
export function shapeOfRow({ columns }: Side, row: number): readonly number[] | undefined {
  const shape = columns.shape[row]!;
  return shape === NO_SHAPE ? undefined : columns.shapes[shape];
}
