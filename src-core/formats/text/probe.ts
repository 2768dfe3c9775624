import type { Likelihood } from '../format.ts';

/** The beginning of a file as text, or undefined when it is not text. A character cut at the end does not count. */
export function headText(head: Uint8Array): string | undefined {
  const wide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  // Refused by name later on: UTF-16 text is text.
  if (wide) return new TextDecoder(head[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(head);
  if (head.includes(0)) return undefined;
  return new TextDecoder('utf-8').decode(head);
}

/** Judges the first characters. A `[` may begin a JSON list or a TOML table. */
export function probeJson(text: string, name: string): Likelihood {
  const named = /\.(json|jsonc|jsonl|ndjson)$/i.test(name);
  const body = skipJsonBlank(text);
  // A prompt may open with an example in JSON, and YAML is nearly JSON.
  if (/^\{\s*(?:["}]|$|\/[/*])/.test(body)) return PROSE.test(name) || isNamedYaml(name) ? 'maybe' : 'yes';
  if (named) return /^[[{"\-0-9tfnNI]/.test(body) ? 'yes' : 'maybe';
  if (/^\.toml$/i.test(name.slice(-5))) return 'no';
  if (body[0] === '[' && !TABLE_LINE.test(body))
    return /^\[\s*(?:[\]["{\-0-9]|true|false|null)/.test(body) ? 'maybe' : 'no';
  return 'no';
}

/** Any text may be YAML, so the content alone makes it no more than possible, where it begins with a name and a colon. */
export function probeYaml(text: string, name: string): Likelihood {
  const body = text.replace(/^\uFEFF?(?:(?:[ \t]*(?:#[^\n]*)?|%YAML[^\n]*|---(?:[ \t][^\n]*)?)\r?\n)*/, '');
  if (isNamedYaml(name)) return /^\{\s*"/.test(body) ? 'maybe' : 'yes';
  if (PROSE.test(name) || SOURCE.test(name)) return 'no';
  return YAML_PAIR.test(body) ? 'maybe' : 'no';
}

const YAML_PAIR = /^(?:[a-z_$][A-Za-z0-9_./\-[\]]*|"(?:[^"\\\n]|\\.)+"|'[^'\n]+')[ \t]*:(?:[ \t]|\r?\n|$)/;
/** What has a colon behind a name for reasons of its own. */
const SOURCE = /\.(?:py|js|ts|css|sh|c|cpp|h|rs|go|rst|log|csv|tsv|ini|cfg|toml|json|jsonl|ndjson)$/i;

export const isNamedYaml = (name: string): boolean => /\.ya?ml$/i.test(name);

export function probeToml(text: string, name: string): Likelihood {
  if (/\.toml$/i.test(name)) return 'yes';
  if (isNamedYaml(name)) return 'no';
  const body = skipTomlBlank(text);
  return TABLE_LINE.test(body) || PAIR.test(body) ? 'maybe' : 'no';
}

/** `[table]` or `[[list]]` alone on its line, not `[1, 2]` or `["a"]` with no more to come. */
const KEY_PART = `(?:[A-Za-z0-9_-]+|"[^"\\n]*"|'[^'\\n]*')`;
const KEY = `${KEY_PART}(?:[ \\t]*\\.[ \\t]*${KEY_PART})*`;
const TABLE_LINE = new RegExp(
  `^\\[\\[?[ \\t]*${KEY}[ \\t]*\\]\\]?[ \\t]*(?:#[^\\n]*)?\\r?\\n\\s*(?:[A-Za-z0-9_"'#-]|\\[)`,
);
const PAIR = new RegExp(`^${KEY}[ \\t]*=[ \\t]*(?:["'[{]|[+-]?(?:[0-9]|inf|nan)|true|false)`);

/** Names of plain texts. */
export const PROSE = /\.(?:txt|md|prompt|jinja|j2)$/i;

const skipJsonBlank = (text: string): string => text.replace(/^\uFEFF?(?:\s|\/\/[^\n]*\n|\/\*[^*]*\*\/)*/, '');
const skipTomlBlank = (text: string): string => text.replace(/^\uFEFF?(?:\s|#[^\n]*(?:\n|$))*/, '');

/** What pasted or unnamed text is. Whoever begins an object gets its error, not a page of text. */
export function looksLikeObject(text: string): boolean {
  return /^\{\s*"(?:[^"\\\n]|\\.){0,400}"\s*:/.test(skipJsonBlank(text.slice(0, 4096)));
}
