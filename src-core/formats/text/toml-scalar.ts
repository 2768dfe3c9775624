import { failAt, type ScalarNode, type TextSource } from './tree.ts';

/** A scalar of TOML at `start`: number, boolean, date or time. Lexemes stay as written: `1_000`, `0x1f`, `+inf`. */
export function readTomlScalar(source: TextSource, start: number): { node: ScalarNode; newer: boolean } {
  const { text } = source;
  const date = matchAt(DATE_TIME, text, start) ?? matchAt(TIME, text, start);
  if (date) return readDate(source, start, date);
  const token = matchAt(TOKEN, text, start)?.[0] ?? '';
  const end = start + token.length;
  if (token === 'true' || token === 'false')
    return { node: { kind: 'bool', value: token === 'true', start, end }, newer: false };
  if (token.length > MAX_NUMBER) throw failAt(source, 'a number of more than 4,096 characters', start);
  if (isTomlNumber(token)) return { node: { kind: 'number', lexeme: token, start, end }, newer: false };
  throw failAt(source, describe(text[start], token), start);
}

const MAX_NUMBER = 4096;
const TOKEN = /[A-Za-z0-9_+\-.]+/y;
const INTEGER =
  /^(?:[+-]?(?:0|[1-9](?:_?[0-9])*)|0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*)$/;
const FLOAT = /^[+-]?(?:inf|nan|(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?)$/;
const DATE_TIME =
  /([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?/y;
const TIME = /()()()([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?()/y;

/** Whether TOML takes this for a number. */
export const isTomlNumber = (lexeme: string): boolean => INTEGER.test(lexeme) || FLOAT.test(lexeme);

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function readDate(source: TextSource, start: number, match: RegExpExecArray): { node: ScalarNode; newer: boolean } {
  const [lexeme, year, month, day, hour, minute, second, zone] = match;
  const end = start + lexeme.length;
  const exists =
    (!year || isDay(Number(year), Number(month), Number(day))) &&
    (!hour || (Number(hour) < 24 && Number(minute) < 60 && Number(second ?? 0) < 61));
  if (!exists || /[A-Za-z0-9_:.-]/.test(source.text[end] ?? ''))
    throw failAt(source, 'a date or time that does not exist', start);
  const what = !year ? 'local-time' : !hour ? 'local-date' : zone ? 'offset-date-time' : 'local-date-time';
  return { node: { kind: 'literal', lexeme, what, start, end }, newer: hour !== undefined && second === undefined };
}

function isDay(year: number, month: number, day: number): boolean {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}

function describe(c: string | undefined, token: string): string {
  if (c === undefined) return 'the file ends where a value should be';
  if (c === '\n' || c === '\r' || c === '#') return 'a value is missing';
  if (/^[+-]?[0-9]/.test(token)) return `"${token.slice(0, 40)}" is not a number TOML knows`;
  if (token !== '') return `"${token.slice(0, 40)}" is not a value: texts must be quoted`;
  return `"${c}" does not begin a value`;
}
