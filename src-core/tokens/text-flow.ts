import type { Tokeniser } from './tokeniser.ts';

/** Tokens before the first that are looked at, for what they say of its white space. */
const BEFORE = 6;

/** What a decoder writes for bytes that are no text yet. */
const UNFINISHED = '\uFFFD';

/**
 * Text as its tokens come, after those of `prompt`: a call for each gives what it adds. A character of several tokens comes with the
 * last of them, so the text between may be empty.
 */
export function flowText({ decode }: Tokeniser, prompt: readonly number[]): (id: number) => string {
  const ids = prompt.slice(-BEFORE);
  let from = 0;
  let said = ids.length;
  return (id) => {
    ids.push(id);
    const before = decode(ids.slice(from, said));
    const now = decode(ids.slice(from));
    if (now.length <= before.length || now.endsWith(UNFINISHED)) return '';
    from = said;
    said = ids.length;
    return now.slice(before.length);
  };
}
