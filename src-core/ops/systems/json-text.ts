import { JsonReader } from '../../model/json-reader.ts';
import type { JsonNode } from '../../model/state-dict.ts';

/** Strict JSON; integers of any length and the order of members stay. `file` names it in errors. */
export function readJsonText(text: string, file: string): JsonNode {
  const reader = new JsonReader(new TextEncoder().encode(text), file, 'JSON', 0);
  const node = reader.readNode();
  if (reader.peek() !== -1) reader.fail('more text after the value');
  return node;
}

/** One line, numbers as they are written. */
export function writeJsonText(node: JsonNode): string {
  switch (node.kind) {
    case 'null':
      return 'null';
    case 'bool':
      return String(node.value);
    case 'number':
      return node.lexeme;
    case 'string':
      return JSON.stringify(node.value);
    case 'literal':
      return JSON.stringify(node.lexeme);
    case 'array':
      return `[${node.items.map(writeJsonText).join(',')}]`;
    case 'object':
      return `{${node.members.map(([key, value]) => `${JSON.stringify(key)}:${writeJsonText(value)}`).join(',')}}`;
  }
}
