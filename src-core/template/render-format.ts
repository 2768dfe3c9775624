import { LIMITS } from '../base/limits.ts';
import { type FormatField, parseFormat, SPEC_DEPTH } from './format-fields.ts';
import { formatBySpec } from './format-spec.ts';
import { type TemplateValue, writeRepr, writeStr } from './python-words.ts';
import { templateError } from './template-error.ts';

export type Variables = Readonly<Record<string, TemplateValue>>;

/**
 * `text.format(**variables)`. Places (`{}`, `{0}`) take the variables called `0`, `1`…
 *
 * @throws `template` with the line and Python's reason
 */
export function renderFormat(text: string, variables: Variables): string {
  let place = 0;
  const render = (part: string, depth: number, lineOf: (field: FormatField) => number): string => {
    if (depth < 0) throw templateError('syntax', 'Max string recursion exceeded');
    let rendered = '';
    for (const { literal, field } of parseFormat(part)) {
      rendered += literal;
      if (!field) continue;
      const line = lineOf(field);
      const found = findValue(field.name, variables, () => String(place++), line);
      const spec =
        field.spec.includes('{') || field.spec.includes('}') ? render(field.spec, depth - 1, () => line) : field.spec;
      rendered += formatBySpec(convert(found, field, line), spec, line);
      if (rendered.length > LIMITS.renderedCharacters)
        throw templateError('limit', `a text of more than ${LIMITS.renderedCharacters} characters`, line);
    }
    return rendered;
  };
  return render(text, SPEC_DEPTH - 1, ({ line }) => line);
}

function findValue(name: string, variables: Variables, next: () => string, line: number): TemplateValue {
  const [, first = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(name)!;
  const key = first === '' ? next() : first;
  if (!Object.hasOwn(variables, key)) {
    const advice = /^[\p{L}_\d]/u.test(key) ? '' : '. Write {{ and }} for braces that stay';
    throw templateError('undefined', `str.format asks for a variable called ${writeRepr(key)}${advice}`, line);
  }
  let value = variables[key] as TemplateValue;
  let path = key;
  for (let at = 0; at < rest.length; ) {
    const step = /^(?:\.([^.[]+)|\[([^\]]+)\])/.exec(rest.slice(at));
    if (!step) throw templateError('syntax', 'Empty attribute in format string', line);
    const member = step[1] ?? step[2]!;
    path += step[0];
    const inner = step[2] !== undefined && Array.isArray(value) ? listItem(value, member) : memberOf(value, member);
    if (inner === undefined) throw templateError('undefined', `${path} is not there`, line);
    value = inner;
    at += step[0].length;
  }
  return value;
}

const listItem = (list: readonly TemplateValue[], index: string): TemplateValue | undefined =>
  /^\d+$/.test(index) ? list[Number(index)] : undefined;

const memberOf = (value: TemplateValue, name: string): TemplateValue | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, TemplateValue>>)[name]
    : undefined;

function convert(value: TemplateValue, { conversion }: FormatField, line: number): TemplateValue {
  switch (conversion) {
    case undefined:
      return value;
    case 's':
      return writeStr(value);
    case 'r':
      return writeRepr(value);
    case 'a':
      return writeRepr(value).replace(/[^\0-\x7f]/gu, escapeForAscii);
    default:
      throw templateError('syntax', `Unknown conversion specifier '${conversion}'`, line);
  }
}

function escapeForAscii(c: string): string {
  const code = c.codePointAt(0)!;
  const [letter, digits] = code < 0x100 ? ['x', 2] : code < 0x10000 ? ['u', 4] : ['U', 8];
  return `\\${letter}${code.toString(16).padStart(digits as number, '0')}`;
}
