import { type RenameRule, StateglassError } from '../src-core/index.ts';

/**
 * A rule as `sed` writes it, `s/PATTERN/NEW/`, with any delimiter. The pattern is a JavaScript regular expression; in NEW, `&` is
 * the match and `\1` a group. Flags are `i` and `g`, which changes nothing: every match is replaced.
 *
 * @throws `bad-input` saying what is wrong with it.
 */
export function readSedRule(rule: string, option = '--rule'): RenameRule {
  const refuse = (detail: string) =>
    new StateglassError({ kind: 'bad-input', detail: `${option} ${rule}: ${detail}; write s/PATTERN/NEW/` });
  const delimiter = rule[1];
  if (rule[0] !== 's' || delimiter === undefined || /[\\\n\w\s]/.test(delimiter)) throw refuse('this is no rule');
  const end = findDelimiter(rule, delimiter, 2, true);
  const last = end === -1 ? -1 : findDelimiter(rule, delimiter, end + 1, false);
  if (last === -1) throw refuse(`a ${delimiter} is missing`);
  const flags = rule.slice(last + 1);
  if (!/^[giI]*$/.test(flags)) throw refuse(`its flags can be g and i, not ${flags}`);
  const pattern = unescapeDelimiter(rule.slice(2, end), delimiter);
  const groups = countGroups(pattern);
  if (groups === undefined) throw refuse(`${pattern} is no regular expression`);
  const to = translate(rule.slice(end + 1, last), (group) => {
    if (group > groups) throw refuse(`there is no group \\${group}`);
  });
  return { pattern, to, ...(/i/i.test(flags) && { flags: 'i' as const }) };
}

/** The next delimiter that is neither escaped nor, in a pattern, one of a set of characters. */
function findDelimiter(rule: string, delimiter: string, from: number, isPattern: boolean): number {
  let inSet = false;
  for (let at = from; at < rule.length; at++) {
    const letter = rule[at];
    if (letter === '\\') at++;
    else if (isPattern && letter === '[') inSet = true;
    else if (inSet && letter === ']') inSet = false;
    else if (!inSet && letter === delimiter) return at;
  }
  return -1;
}

/** An escaped delimiter means itself. JavaScript refuses a backslash before what has no other meaning. */
function unescapeDelimiter(pattern: string, delimiter: string): string {
  if (/[$^*+?.()[\]{}|/]/.test(delimiter)) return pattern;
  return pattern.replace(/\\(.)/gs, (found, letter) => (letter === delimiter ? letter : found));
}

function countGroups(pattern: string): number | undefined {
  try {
    return (new RegExp(`${pattern}|`, 'u').exec('')?.length ?? 1) - 1;
  } catch {
    return undefined;
  }
}

/** `\1` and `&` as JavaScript has them. */
function translate(text: string, checkGroup: (group: number) => void): string {
  return text.replace(/\\(.)|[&$]/gs, (found, letter: string | undefined, at: number) => {
    if (letter === undefined) return found === '&' ? '$&' : '$$';
    if (letter === '0') return '$&';
    if (/[1-9]/.test(letter)) {
      checkGroup(Number(letter));
      // A digit that follows is no part of the number.
      return /\d/.test(text[at + 2] ?? '') ? `$0${letter}` : `$${letter}`;
    }
    return letter === 'n' ? '\n' : letter === '$' ? '$$' : letter;
  });
}
