import { type Datum, isDict, isList, isTagged, type List } from '../data.ts';
import { showFloat, showType } from '../python-repr.ts';
import { raised } from '../raise.ts';

/** JSON as `msgspec.json.format(msgspec.json.encode(obj), indent=4)` writes it: UTF-8 as it is, no line end at the end. */
export function writeJson(value: Datum, level = 0): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return writeFloat(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (isList(value)) return writeArray(value, level);
  if (isTagged(value) && (value.kind === 'tuple' || value.kind === 'set')) return writeArray(value.items, level);
  if (isDict(value))
    return wrap(
      '{}',
      value.items.map(([key, item]) => `${JSON.stringify(writeKey(key))}: ${writeJson(item, level + 1)}`),
      level,
    );
  throw raised('msgflux', 'TypeError', `Encoding objects of type ${showType(value)} is unsupported`);
}

const writeArray = (items: List, level: number): string =>
  wrap(
    '[]',
    items.map((item) => writeJson(item, level + 1)),
    level,
  );

function wrap(brackets: string, items: readonly string[], level: number): string {
  if (items.length === 0) return brackets;
  const pad = '    '.repeat(level);
  return `${brackets[0]}\n${items.map((item) => `${pad}    ${item}`).join(',\n')}\n${pad}${brackets[1]}`;
}

function writeKey(key: Datum): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'bigint') return String(key);
  if (typeof key === 'number') return writeFloat(key);
  throw raised('msgflux', 'TypeError', 'Only dicts with str-like or number-like keys are supported');
}

/** JSON has no NaN and no infinities: null. Exponents as Ryū has them: from 1e16, below 1e-5, without plus and zeros. */
function writeFloat(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  const text = showFloat(value);
  const [digits = '', power] = text.split('e');
  if (power === undefined) return text;
  if (Number(power) === -5)
    return `${value < 0 ? '-' : ''}0.0000${digits.replace(/[-.]/g, '').replace(/^(\d)0$/, '$1')}`;
  return `${digits}e${Number(power)}`;
}
