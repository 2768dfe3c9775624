import { dotted } from './dotted.ts';
import { dspy } from './dspy.ts';
import type { KeySyntax } from './key.ts';
import { keystr } from './keystr.ts';
import { slashSeparated } from './slash-separated.ts';
import { tuple } from './tuple.ts';

/** The strictest first. Dotted is what is left: any text is a dotted key. */
const STRICT: readonly KeySyntax[] = [tuple, keystr, dspy, slashSeparated];

/**
 * The syntax the keys of a container are written in, whatever the container is: people store keystr names in safetensors too.
 * One key that does not fit a stricter syntax is enough to fall back to dotted.
 */
export function recogniseSyntax(sample: readonly string[]): KeySyntax {
  return STRICT.find((syntax) => syntax.recognises(sample)) ?? dotted;
}

/** How keys are written, by id. Each turns a key into parts and back. */
export const KEY_SYNTAXES: Readonly<Record<KeySyntax['id'], KeySyntax>> = {
  dotted,
  'slash-separated': slashSeparated,
  keystr,
  tuple,
  dspy,
};
