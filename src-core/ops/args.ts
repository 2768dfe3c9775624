import { StateglassError } from '../base/errors.ts';

type Kind = 'text' | 'texts' | 'number' | 'numbers' | 'flag' | 'anything';
type Optional<K extends Kind> = `${K}?`;
type Read<K> = K extends 'text'
  ? string
  : K extends 'texts'
    ? readonly string[]
    : K extends 'number'
      ? number
      : K extends 'numbers'
        ? readonly number[]
        : K extends 'flag'
          ? boolean
          : unknown;
type Spec = Readonly<Record<string, Kind | Optional<Kind>>>;
export type ArgsOf<S extends Spec> = {
  readonly [N in keyof S as S[N] extends Optional<Kind> ? never : N]: Read<S[N]>;
} & {
  readonly [N in keyof S as S[N] extends Optional<Kind> ? N : never]?: S[N] extends Optional<infer K> ? Read<K> : never;
};

const KINDS: Readonly<Record<Kind, { readonly is: (value: unknown) => boolean; readonly word: string }>> = {
  text: { is: (value) => typeof value === 'string', word: 'a text' },
  texts: { is: (value) => isListOf('string', value), word: 'a list of texts' },
  number: { is: (value) => typeof value === 'number', word: 'a number' },
  numbers: { is: (value) => isListOf('number', value), word: 'a list of numbers' },
  flag: { is: (value) => typeof value === 'boolean', word: 'true or false' },
  anything: { is: () => true, word: 'anything' },
};

const isListOf = (type: string, value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === type);

/** Args that came from outside, a recipe for instance, checked against what the op takes. */
export function readArgs<S extends Spec>(op: string, args: unknown, spec: S): ArgsOf<S> {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) throw refuse(op, 'its args are no object');
  const given = args as Record<string, unknown>;
  for (const name of Object.keys(given)) {
    if (!(name in spec)) throw refuse(op, `it has no argument ${name}; it takes ${Object.keys(spec).join(', ')}`);
  }
  for (const [name, kind] of Object.entries(spec)) {
    const value = given[name];
    if (value === undefined) {
      if (!kind.endsWith('?')) throw refuse(op, `${name} is missing`);
      continue;
    }
    const { is, word } = KINDS[kind.replace('?', '') as Kind];
    if (!is(value)) throw refuse(op, `${name} is not ${word}`);
  }
  return given as ArgsOf<S>;
}

const refuse = (op: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `${op}: ${detail}` });
