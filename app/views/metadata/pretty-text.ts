/** Characters drawn; a tokeniser's vocabulary of megabytes would stop the page. */
export const MOST_CHARACTERS = 100_000;

/** JSON on lines of its own, anything else as it is; cut at `most`, with what was left out counted. */
export function prettyText(text: string, most = MOST_CHARACTERS): { readonly shown: string; readonly left: number } {
  const pretty = text.length > most ? text : indented(text);
  return { shown: pretty.slice(0, most), left: Math.max(0, pretty.length - most) };
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** The text's own words on lines of their own: numbers stay as the file writes them, and keys that repeat stay. */
function indented(text: string): string {
  if (!isJson(text)) return text;
  let out = '';
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  const tokens = text.match(TOKEN) ?? [];
  for (const [i, token] of tokens.entries()) {
    const empty = /[{[]/.test(tokens[i - 1] ?? '') && tokens[i - 1]!.length === 1;
    if (token === '{' || token === '[') {
      depth++;
      out += tokens[i + 1] === '}' || tokens[i + 1] === ']' ? token : token + line();
    } else if (token === '}' || token === ']') {
      depth--;
      out += empty ? token : line() + token;
    } else if (token === ',') out += token + line();
    else out += token === ':' ? ': ' : token;
  }
  return out;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
