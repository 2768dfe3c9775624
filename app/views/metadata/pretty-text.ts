/** Characters drawn; a tokeniser's vocabulary of megabytes would stop the page. */
export const MOST_CHARACTERS = 100_000;

/** JSON on lines of its own, anything else as it is; cut at `most`, with what was left out counted. */
export function prettyText(text: string, most = MOST_CHARACTERS): { readonly shown: string; readonly left: number } {
  const pretty = text.length > most ? text : indented(text);
  return { shown: pretty.slice(0, most), left: Math.max(0, pretty.length - most) };
}

/** Only where nothing is lost: a number too long for this program is kept as the file writes it. */
function indented(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const tight = (of: string) => of.replace(/\s+/g, '');
    const pretty = JSON.stringify(value, null, 2);
    return tight(pretty) === tight(text) ? pretty : text;
  } catch {
    return text;
  }
}
