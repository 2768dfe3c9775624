import { dspy } from '../../model/keys/dspy.ts';
import type { Entry, StateDict } from '../../model/state-dict.ts';
import { isPredictState, PREDICT_FIELDS } from './dspy.ts';
import type { TextNode } from './tree.ts';

/** The keys and positions an entry is found by in the text, outermost first. */
export type FindSteps = (entry: Entry) => readonly (string | number)[];

/** Nested files have a key for each part of a path; flat ones write it whole; DSPy writes the names of its predictors whole. */
export function stepsIn({ layout, dialect }: StateDict, root: TextNode): FindSteps {
  if (layout === 'flat') return ({ path, key }) => [path.raw ?? key];
  if (dialect !== 'dspy' || root.kind !== 'object' || isPredictState(root)) return ({ path }) => path.parts;
  const names = new Map(root.members.map(({ key }) => [dspy.parse(key).parts.join('\0'), key]));
  return ({ path: { parts }, key }) => {
    for (let length = parts.length - 1; length > 0; length--) {
      const known = names.get(parts.slice(0, length).join('\0'));
      if (known !== undefined) return [known, ...parts.slice(length)];
    }
    // A new predictor: its name ends where the fields of a Predict begin.
    const field = parts.findIndex((part, i) => i > 0 && PREDICT_FIELDS.has(String(part)));
    if (field < 0) return parts;
    const below = parts.slice(field);
    return [key.slice(0, -(below.join('.').length + 1)), ...below];
  };
}
