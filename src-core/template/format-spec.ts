import type { TemplateValue } from './python-words.ts';
import { writeStr } from './python-words.ts';
import { templateError } from './template-error.ts';

const SPEC =
  /^(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<alternate>#)?(?<zero>0)?(?<width>\d+)?(?<group>[,_])?(?:\.(?<precision>\d+))?(?<type>[a-zA-Z%])?$/su;
/** Wider fields are no text for a person. */
const MOST_WIDE = 10_000;

/**
 * A value by a format spec: texts, integers and floats as Python writes them.
 * https://docs.python.org/3/library/string.html#format-specification-mini-language
 *
 * @throws `template`, with Python's reason
 */
export function formatBySpec(value: TemplateValue, spec: string, line: number): string {
  if (spec === '') return writeStr(value);
  const parts = SPEC.exec(spec)?.groups as Record<string, string | undefined> | undefined;
  if (!parts) throw templateError('value', `Invalid format specifier '${spec}'`, line);
  const isNumber = typeof value === 'number' || typeof value === 'boolean';
  if (!isNumber && typeof value !== 'string')
    throw templateError('value', `unsupported format string for ${value === null ? 'None' : 'a list or dict'}`, line);
  const width = Number(parts.width ?? 0);
  const precision = parts.precision === undefined ? undefined : Number(parts.precision);
  if (width > MOST_WIDE || (precision ?? 0) > 100) throw templateError('limit', `format specifier '${spec}'`, line);
  const [sign, body] = isNumber
    ? writeNumber(Number(value), parts, precision, spec, line)
    : writeText(value, parts, precision, line);
  const missing = width - [...(sign + body)].length;
  if (missing <= 0) return sign + body;
  const fill = parts.fill ?? (parts.zero ? '0' : ' ');
  switch (parts.align ?? (isNumber ? (parts.zero ? '=' : '>') : '<')) {
    case '=':
      return sign + fill.repeat(missing) + body;
    case '>':
      return fill.repeat(missing) + sign + body;
    case '^':
      return fill.repeat(missing >> 1) + sign + body + fill.repeat(missing - (missing >> 1));
    default:
      return sign + body + fill.repeat(missing);
  }
}

type Parts = Readonly<Record<string, string | undefined>>;

function writeText(text: string, parts: Parts, precision: number | undefined, line: number): [string, string] {
  if (parts.type !== undefined && parts.type !== 's')
    throw templateError('value', `Unknown format code '${parts.type}' for object of type 'str'`, line);
  if (parts.sign !== undefined) throw templateError('value', 'Sign not allowed in string format specifier', line);
  if (parts.align === '=') throw templateError('value', "'=' alignment not allowed in string format specifier", line);
  return ['', precision === undefined ? text : [...text].slice(0, precision).join('')];
}

function writeNumber(
  value: number,
  parts: Parts,
  precision: number | undefined,
  spec: string,
  line: number,
): [string, string] {
  const size = Math.abs(value);
  const minus = value < 0 || Object.is(value, -0) ? '-' : parts.sign === '+' || parts.sign === ' ' ? parts.sign : '';
  const digits = writeDigits(size, Number.isInteger(value), parts, precision);
  if (digits === undefined) throw templateError('unsupported', `format specifier '${spec}' of a number`, line);
  const [whole, ...rest] = digits.split(/(?=[.e%])/);
  const grouped = parts.group ? whole!.replace(/\B(?=(\d{3})+$)/g, parts.group) : whole!;
  return [minus, grouped + rest.join('')];
}

function writeDigits(
  size: number,
  isInteger: boolean,
  parts: Parts,
  precision: number | undefined,
): string | undefined {
  const exponent = (text: string) => text.replace(/e([-+])(\d)$/, 'e$10$2');
  switch (parts.type) {
    case undefined:
      return precision === undefined && isInteger ? String(size) : undefined;
    case 'd':
      return isInteger && precision === undefined ? String(size) : undefined;
    case 'f':
    case 'F':
      return size < 1e21 ? size.toFixed(precision ?? 6) : undefined;
    case 'e':
      return exponent(size.toExponential(precision ?? 6));
    case '%':
      return size < 1e19 ? `${(size * 100).toFixed(precision ?? 6)}%` : undefined;
    case 'x':
    case 'X':
    case 'o':
    case 'b': {
      if (!isInteger || precision !== undefined || parts.group || parts.alternate) return undefined;
      const text = size.toString({ x: 16, X: 16, o: 8, b: 2 }[parts.type]);
      return parts.type === 'X' ? text.toUpperCase() : text;
    }
    default:
      return undefined;
  }
}
