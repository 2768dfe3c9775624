import { indentJson, type JsonNode } from '../../../src-core/index.ts';

/** A list of objects as a table: few-shot examples of a prompt program, one row each. */
export interface DemoTable {
  readonly fields: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Wider tables are read better as a tree. */
const MOST_FIELDS = 12;

/** The table of a value that is a non-empty list of flat-enough objects; undefined otherwise. */
export function demoTable(value: JsonNode): DemoTable | undefined {
  if (value.kind !== 'array' || value.items.length === 0) return undefined;
  const fields = new Map<string, number>();
  for (const item of value.items) {
    if (item.kind !== 'object') return undefined;
    for (const [key] of item.members) fields.set(key, (fields.get(key) ?? 0) + 1);
  }
  if (fields.size === 0 || fields.size > MOST_FIELDS) return undefined;
  const names = [...fields.keys()];
  const rows = value.items.map((item) => {
    const members = new Map(item.kind === 'object' ? item.members : []);
    return names.map((name) => {
      const cell = members.get(name);
      return cell ? plainText(cell) : '';
    });
  });
  return { fields: names, rows };
}

/** Strings as they are, the rest as JSON. */
export function plainText(value: JsonNode): string {
  return value.kind === 'string' ? value.value : indentJson(value);
}
