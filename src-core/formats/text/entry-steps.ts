import { dspy } from '../../model/keys/dspy.ts';
import type { Entry, StateDict } from '../../model/state-dict.ts';
import { isPredictState, PREDICT_FIELDS } from './dspy.ts';
import type { TextNode } from './tree.ts';

/** The keys and positions an entry is found by in the text, outermost first. */
export type FindSteps = (entry: Entry) => readonly (string | number)[];

/** Nested files have a key for each part of a path; flat ones write it whole; DSPy writes the names of its predictors whole. */
export function stepsIn({ layout, dialect }: Pick<StateDict, 'layout' | 'dialect'>, root: TextNode): FindSteps {
  if (layout === 'flat') return ({ path, key }) => [path.raw ?? key];
  if (dialect !== 'dspy' || root.kind !== 'object' || isPredictState(root)) return ({ path }) => path.parts;
  const names = new Map(root.members.map(({ key }) => [dspy.parse(key).parts.join('\0'), key]));
  return ({ path: { parts }, key }) => {
    for (let length = parts.length - 1; length > 0; length--) {
      const known = names.get(parts.slice(0, length).join('\0'));
      if (known !== undefined) return [known, ...parts.slice(length)];
    }
    // Typed by a person, whose dots say nothing of brackets. A new predictor's name ends where the fields of a Predict begin.
    const name = nameIn(key, [...names.values()]);
    return name === undefined ? parts : [name, ...key.slice(name.length + 1).split('.')];
  };
}

function nameIn(key: string, known: readonly string[]): string | undefined {
  const [longest] = known.filter((name) => key.startsWith(`${name}.`)).sort((a, b) => b.length - a.length);
  if (longest !== undefined) return longest;
  for (let at = key.indexOf('.'); at >= 0; at = key.indexOf('.', at + 1)) {
    const [field = ''] = key.slice(at + 1).split('.', 1);
    if (PREDICT_FIELDS.has(field)) return key.slice(0, at);
  }
  return undefined;
}
