import { lineAt, templateError } from './template-error.ts';

/** A piece of a format string: text, and the field behind it. */
export interface FormatPiece {
  readonly literal: string;
  readonly field?: FormatField;
}

export interface FormatField {
  /** As it is written: `a.b[0]`. */
  readonly name: string;
  readonly spec: string;
  /** `r`, `s`, `a`, or another character, which is refused when it is rendered. */
  readonly conversion?: string;
  /** From 1. */
  readonly line: number;
}

/**
 * Splits a format string as Python's `string.Formatter().parse` does, with its words for what is wrong.
 * https://docs.python.org/3/library/string.html#format-string-syntax
 *
 * @throws `template`
 */
export function parseFormat(text: string): readonly FormatPiece[] {
  const pieces: FormatPiece[] = [];
  let at = 0;
  let [line, counted] = [1, 0];
  while (at < text.length) {
    const start = at;
    while (at < text.length && text[at] !== '{' && text[at] !== '}') at++;
    const brace = text[at];
    if (brace === undefined) {
      pieces.push({ literal: text.slice(start) });
    } else if (text[at + 1] === brace) {
      pieces.push({ literal: text.slice(start, at + 1) });
      at += 2;
    } else if (brace === '}' || at + 1 === text.length) {
      throw templateError('syntax', `Single '${brace}' encountered in format string`, lineAt(text, at));
    } else {
      line += lineAt(text.slice(counted, at), at) - 1;
      counted = at;
      const { end, ...field } = readField(text, at + 1, line);
      pieces.push({ literal: text.slice(start, at), field });
      at = end;
    }
  }
  return pieces;
}

function readField(text: string, from: number, line: number): FormatField & { readonly end: number } {
  const refuse = (detail: string) => templateError('syntax', detail, line);
  let at = from;
  while (at < text.length && !'}:!'.includes(text[at]!)) {
    if (text[at] === '{') throw refuse("unexpected '{' in field name");
    // What an index is may hold any of these.
    if (text[at] === '[') while (at + 1 < text.length && text[at + 1] !== ']') at++;
    at++;
  }
  if (at >= text.length) throw refuse("expected '}' before end of string");
  const name = text.slice(from, at);
  if (text[at] === '}') return { name, spec: '', line, end: at + 1 };
  let conversion: string | undefined;
  if (text[at] === '!') {
    conversion = text[at + 1];
    if (conversion === undefined) throw refuse('end of string while looking for conversion specifier');
    const next = text[at + 2];
    if (next === '}') return { name, spec: '', conversion, line, end: at + 3 };
    if (next === undefined) throw refuse("unmatched '{' in format spec");
    if (next !== ':') throw refuse("expected ':' after conversion specifier");
    at += 2;
  }
  const end = closeSpec(text, at + 1);
  if (end < 0) throw refuse("unmatched '{' in format spec");
  return { name, spec: text.slice(at + 1, end), line, end: end + 1, ...(conversion !== undefined && { conversion }) };
}

function closeSpec(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

/** Names that `format` asks for, those inside the specs of others too; `''` and digits are places. */
export function findFields(pieces: readonly FormatPiece[], depth = SPEC_DEPTH): readonly FormatField[] {
  return pieces.flatMap(({ field }) => {
    if (!field) return [];
    return depth > 1 && field.spec.includes('{') ? [field, ...findFields(parseFormat(field.spec), depth - 1)] : [field];
  });
}

/** Python nests specs this deep, the text itself counted. */
export const SPEC_DEPTH = 2;

/** A field's name up to the first `.` or `[`. */
export const firstName = (name: string): string => /^[^.[]*/.exec(name)![0];

/** Python takes any text for a name; prose and JSON in braces are none. */
export const isVariable = ({ name }: FormatField): boolean =>
  /^[\p{ID_Start}_][\p{ID_Continue}]*(?:\.[\p{ID_Start}_][\p{ID_Continue}]*|\[[^[\]]+\])*$/u.test(name);
