import type { JsonNode, Value } from './state-dict.ts';

/** What a JSON value is as an entry: lists and objects whole, empty ones as `empty`. Numbers keep their text. */
export function valueOfJson(node: JsonNode): Value {
  switch (node.kind) {
    case 'null':
      return { type: 'null' };
    case 'bool':
      return { type: 'bool', value: node.value };
    case 'string':
      return { type: 'text', text: node.value };
    case 'number':
      return /^-?\d+$/.test(node.lexeme)
        ? {
            type: 'int',
            digits: node.lexeme === '-0' ? '0' : node.lexeme,
            ...(node.lexeme === '-0' && { lexeme: '-0' }),
          }
        : { type: 'float', value: Number(node.lexeme), lexeme: node.lexeme };
    case 'literal':
      return { type: 'json', json: node, flavour: node.what };
    case 'array':
      return node.items.length === 0 ? { type: 'empty', of: 'list' } : { type: 'json', json: node, flavour: 'list' };
    case 'object':
      return node.members.length === 0 ? { type: 'empty', of: 'dict' } : { type: 'json', json: node, flavour: 'dict' };
  }
}
