import { type Datum, type Dict, isDict, isList, isTagged, type List } from '../data.ts';
import { showFloat, showType } from '../python-repr.ts';
import { raised } from '../raise.ts';

/**
 * TOML as `tomli_w.dumps` writes it, which `msgspec.toml.encode` calls and msgflux up to 0.1.0a3 saved with. Dotted keys of
 * a flat dict are quoted; values that are dicts become tables and move to the end.
 */
export function writeToml(table: Dict): string {
  return tableChunks(table, '', false).join('');
}

const INDENT = 4;
const MAX_LINE = 100;

function tableChunks(table: Dict, name: string, inArray: boolean): string[] {
  const literals = table.items.filter(([, value]) => !isTable(value));
  const tables = table.items.filter(([, value]) => isTable(value)).flatMap(([key, value]) => listTables(key, value));
  const chunks: string[] = [];
  if (inArray || (name !== '' && (literals.length > 0 || tables.length === 0)))
    chunks.push(inArray ? `[[${name}]]\n` : `[${name}]\n`);
  for (const [key, value] of literals) chunks.push(`${writeKey(key)} = ${writeValue(value, 0)}\n`);
  for (const [key, value, inList] of tables) {
    if (chunks.length > 0) chunks.push('\n');
    const part = writeKey(key);
    chunks.push(...tableChunks(value, name === '' ? part : `${name}.${part}`, inList));
  }
  return chunks;
}

function listTables(key: Datum, value: Datum): readonly (readonly [key: Datum, table: Dict, inList: boolean])[] {
  if (isDict(value)) return [[key, value, false]];
  return isList(value) ? value.filter(isDict).map((item) => [key, item, true] as const) : [];
}

/** Arrays of dicts are tables when one of them would not fit on a line. */
const isTable = (value: Datum): boolean =>
  isDict(value) || (isList(value) && value.length > 0 && value.every(isDict) && !value.every(fitsLine));

function fitsLine(value: Datum): boolean {
  const line = `${' '.repeat(INDENT)}${writeValue(value, 0)},`;
  return line.length <= MAX_LINE && !line.includes('\n');
}

function writeValue(value: Datum, level: number): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return showFloat(value);
  if (typeof value === 'string') return writeText(value);
  if (isList(value)) return writeArray(value, level);
  if (isTagged(value) && value.kind === 'tuple') return writeArray(value.items, level);
  if (isDict(value)) return writeInline(value);
  throw raised('msgflux', 'TypeError', `Object of type '<class '${showType(value)}'>' is not TOML serializable`);
}

function writeArray(items: List, level: number): string {
  if (items.length === 0) return '[]';
  const pad = ' '.repeat(INDENT * (level + 1));
  const lines = items.map((item) => pad + writeValue(item, level + 1));
  return `[\n${lines.join(',\n')},\n${' '.repeat(INDENT * level)}]`;
}

function writeInline(table: Dict): string {
  if (table.items.length === 0) return '{}';
  return `{ ${table.items.map(([key, value]) => `${writeKey(key)} = ${writeValue(value, 0)}`).join(', ')} }`;
}

function writeKey(key: Datum): string {
  if (typeof key !== 'string')
    throw raised('msgflux', 'TypeError', `Only string keys are supported in TOML, not '${showType(key)}'`);
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : writeText(key);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

const writeText = (text: string): string =>
  `"${text.replace(/["\\\0-\x08\n-\x1f\x7f]/g, (c) => ESCAPES[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
