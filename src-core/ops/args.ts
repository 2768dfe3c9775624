import { StateglassError } from '../base/errors.ts';

type Kind = 'text' | 'texts' | 'anything';
type Optional<K extends Kind> = `${K}?`;
type Read<K> = K extends 'text' ? string : K extends 'texts' ? readonly string[] : unknown;
type Spec = Readonly<Record<string, Kind | Optional<Kind>>>;
export type ArgsOf<S extends Spec> = {
  readonly [N in keyof S as S[N] extends Optional<Kind> ? never : N]: Read<S[N]>;
} & {
  readonly [N in keyof S as S[N] extends Optional<Kind> ? N : never]?: S[N] extends Optional<infer K> ? Read<K> : never;
};

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
    if (kind.startsWith('texts')) {
      if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
        throw refuse(op, `${name} is not a list of texts`);
    } else if (kind.startsWith('text') && typeof value !== 'string') throw refuse(op, `${name} is not a text`);
  }
  return given as ArgsOf<S>;
}

const refuse = (op: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `${op}: ${detail}` });
