/**
 * Patterns of a tokenizer are run by the engine of the browser, which goes back and tries again: a repetition inside a repetition
 * can take it longer than anyone waits. No tokenizer that is known has one; those that do are refused.
 */

/** More repetitions than this count as without end. Real patterns have up to three. */
const FEW = 16;

/** Every pattern in a parsed `tokenizer.json`. */
export function* listPatterns(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  // Vocabularies and merges are long, and have none.
  for (const [key, item] of Object.entries(value)) {
    if (key === 'vocab' || key === 'merges') continue;
    if (key === 'Regex' && typeof item === 'string') yield item;
    else yield* listPatterns(item);
  }
}

/** Whether a group that is repeated without end holds another such repetition, or alternatives. */
export function repeatsRepetitions(pattern: string): boolean {
  /** Of each group that is open, whether it can match the same in several ways. */
  const open: boolean[] = [false];
  for (let at = 0; at < pattern.length; ) {
    const character = pattern[at]!;
    if (character === '(') {
      open.push(false);
      at = afterPrefix(pattern, at + 1);
    } else if (character === ')') {
      const isAmbiguous = open.length > 1 ? open.pop()! : false;
      const [isEndless, next] = readRepetition(pattern, at + 1);
      if (isEndless && isAmbiguous) return true;
      if (isEndless || isAmbiguous) open[open.length - 1] = true;
      at = next;
    } else if (character === '|') {
      if (open.length > 1) open[open.length - 1] = true;
      at++;
    } else {
      const [isEndless, next] = readRepetition(pattern, afterAtom(pattern, at));
      if (isEndless) open[open.length - 1] = true;
      at = next;
    }
  }
  return false;
}

/** Past `?:`, `?i:`, `?=`, `?<!`, `?<name>`. */
function afterPrefix(pattern: string, at: number): number {
  const prefix = /^\?(?:[a-z]*:|<?[=!]|>|<\w+>)/.exec(pattern.slice(at, at + 64));
  return at + (prefix?.[0].length ?? 0);
}

/** Past a character, an escape or a class, with the classes inside it. */
function afterAtom(pattern: string, start: number): number {
  if (pattern[start] === '\\') {
    const braced = /^\\[pPxu]\{[^}]*\}/.exec(pattern.slice(start, start + 64));
    return start + (braced?.[0].length ?? 2);
  }
  if (pattern[start] !== '[') return start + 1;
  let depth = 0;
  for (let at = start; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === '[') depth++;
    else if (pattern[at] === ']' && --depth === 0) return at + 1;
  }
  return pattern.length;
}

/** Whether a repetition without end stands here, and the place after it. */
function readRepetition(pattern: string, at: number): readonly [isEndless: boolean, next: number] {
  const found = /^(?:[*+?]|\{(\d*)(,?)(\d*)\})[+?]?/.exec(pattern.slice(at, at + 64));
  if (!found) return [false, at];
  const [text, least, comma, most] = found;
  const isEndless = /^[*+]/.test(text) || (comma === ',' && most === '') || Number(most || least || 0) > FEW;
  return [isEndless, at + text.length];
}
