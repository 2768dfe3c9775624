import { writePythonString } from '../model/keys/python-text.ts';

/** A value of a template as plain data: what JSON holds. */
export type TemplateValue =
  | string
  | number
  | boolean
  | null
  | readonly TemplateValue[]
  | { readonly [name: string]: TemplateValue };

/** A value as Python's `str` writes it. */
export const writeStr = (value: TemplateValue): string => (typeof value === 'string' ? value : writeRepr(value));

/** A value as Python's `repr` writes it. */
export function writeRepr(value: TemplateValue): string {
  if (value === null) return 'None';
  if (typeof value === 'string') return writePythonString(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(writeRepr).join(', ')}]`;
  const members = Object.entries(value).map(([name, item]) => `${writePythonString(name)}: ${writeRepr(item)}`);
  return `{${members.join(', ')}}`;
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** A time as Python's `strftime` writes it in English; codes that are not known stay. */
export function writeTime(time: Date, format: string): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const month = MONTHS[time.getMonth()]!;
  const day = DAYS[time.getDay()]!;
  const codes: Readonly<Record<string, string>> = {
    Y: String(time.getFullYear()),
    y: two(time.getFullYear() % 100),
    m: two(time.getMonth() + 1),
    B: month,
    b: month.slice(0, 3),
    d: two(time.getDate()),
    A: day,
    a: day.slice(0, 3),
    H: two(time.getHours()),
    I: two(time.getHours() % 12 || 12),
    M: two(time.getMinutes()),
    S: two(time.getSeconds()),
    p: time.getHours() < 12 ? 'AM' : 'PM',
    '%': '%',
  };
  return format.replace(/%(.)/gs, (whole, code: string) => codes[code] ?? whole);
}
