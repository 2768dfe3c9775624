import { StateglassError } from '../../base/errors.ts';

/** `pattern` is a regular expression; `to` may name its groups: `$1`, `$<name>`, `$&`. Every match in a key is replaced. */
export interface RenameRule {
  readonly pattern: string;
  readonly to: string;
  /** Letters match in either case. */
  readonly flags?: 'i';
}

/**
 * One function of rules, each of which works on what those before it made.
 *
 * @throws `bad-input` for a pattern that is no regular expression.
 */
export function compileRules(rules: readonly RenameRule[]): (key: string) => string {
  const compiled = rules.map(({ pattern, to, flags = '' }) => {
    try {
      return { regex: new RegExp(pattern, `gu${flags}`), to };
    } catch (error) {
      const detail = `${pattern} is no regular expression: ${(error as Error).message}`;
      throw new StateglassError({ kind: 'bad-input', detail }, { cause: error });
    }
  });
  return (key) => compiled.reduce((text, { regex, to }) => text.replace(regex, to), key);
}
