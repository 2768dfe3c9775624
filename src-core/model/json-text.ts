import { JsonReader } from './json-reader.ts';
import type { JsonNode } from './state-dict.ts';

/** Strict JSON; integers of any length and the order of members stay. `file` names it in errors. */
export function readJsonText(text: string, file: string): JsonNode {
  const reader = new JsonReader(new TextEncoder().encode(text), file, 'JSON', 0);
  const node = reader.readNode();
  if (reader.peek() !== -1) reader.fail('more text after the value');
  return node;
}
