import { type JsonNode, writeJson } from '../../../src-core/index.ts';

/** The object or list a string holds as JSON; undefined for any other string. For showing only: numbers may be shortened. */
export function nestedJson(text: string): JsonNode | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return toNode(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function toNode(value: unknown): JsonNode {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'boolean') return { kind: 'bool', value };
  if (Array.isArray(value)) return { kind: 'array', items: value.map(toNode) };
  if (typeof value === 'object')
    return { kind: 'object', members: Object.entries(value).map(([k, v]) => [k, toNode(v)]) };
  return { kind: 'number', lexeme: String(value) };
}

/** What the copy button gives: a string as it is, anything else as JSON on one line. */
export const copyText = (value: JsonNode): string =>
  value.kind === 'string' ? value.value : writeJson(value, { gap: ' ', bareLiterals: true });
