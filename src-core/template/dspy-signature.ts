import type { JsonNode } from '../model/state-dict.ts';

/** A field as DSPy writes it: its name, and whether it goes in or comes out, are no state. */
export interface WrittenField {
  readonly prefix: string;
  readonly description: string;
}

export interface DspyField {
  readonly name: string;
  readonly description: string;
  readonly isOutput: boolean;
}

export interface DspySignature {
  readonly fields: readonly DspyField[];
  /** Why the outputs are taken for outputs. */
  readonly why: string;
}

/**
 * Names by descriptions (`${name}` where nobody wrote one), by the names in demos, or by prefixes. What comes out: what a person says, what
 * the default instructions say, what follows `reasoning`, or the last.
 *
 * @param outputs names that come out, where a person knows better.
 */
export function guessSignature(
  instructions: string,
  fields: readonly WrittenField[],
  demos: readonly JsonNode[],
  outputs?: readonly string[],
): DspySignature {
  const known = new Map(demos.flatMap(namesOf).map((name) => [`${inferPrefix(name)}:`, name]));
  const names = fields.map(({ prefix, description }) => nameOf(prefix, description, known));
  const { isOutput, why } = guessOutputs(instructions, names, outputs);
  return { fields: fields.map(({ description }, i) => ({ name: names[i]!, description, isOutput: isOutput(i) })), why };
}

const namesOf = (demo: JsonNode): readonly string[] =>
  demo.kind === 'object' ? demo.members.map(([name]) => name) : [];

function nameOf(prefix: string, description: string, known: ReadonlyMap<string, string>): string {
  const own = /^\$\{(\w+)\}$/.exec(description)?.[1];
  return own ?? known.get(prefix) ?? prefix.replace(/:$/, '').trim().toLowerCase().replace(/\W+/g, '_');
}

function guessOutputs(instructions: string, names: readonly string[], outputs: readonly string[] | undefined) {
  if (outputs) return { isOutput: (i: number) => outputs.includes(names[i]!), why: 'as you said' };
  const given = /^Given the fields (.+), produce the fields .+\.$/.exec(instructions)?.[1]?.match(/\w+/g);
  if (given?.every((name) => names.includes(name)))
    return { isOutput: (i: number) => !given.includes(names[i]!), why: 'its instructions name what is given' };
  const reasoning = names.indexOf('reasoning');
  if (reasoning > 0)
    return { isOutput: (i: number) => i >= reasoning, why: 'ChainOfThought puts reasoning before what it produces' };
  return { isOutput: (i: number) => i === names.length - 1, why: 'the last field comes out of most predictors' };
}

/** As `dspy.signatures.signature.infer_prefix` words a name. */
export function inferPrefix(name: string): string {
  const snake = name
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([a-zA-Z])(\d)/g, '$1_$2')
    .replace(/(\d)([a-zA-Z])/g, '$1_$2');
  const isUpper = (word: string) => /[A-Z]/.test(word) && word === word.toUpperCase();
  return snake
    .split('_')
    .map((word) => (isUpper(word) ? word : word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()))
    .join(' ');
}
