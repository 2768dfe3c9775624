import type { JsonNode, Value } from './state-dict.ts';

/** What a JSON, TOML or YAML value is as an entry: lists and objects whole, empty ones as `empty`. `flavour` is what the source calls them. */
export function valueOfJson(node: JsonNode, flavour?: string): Value {
  switch (node.kind) {
    case 'null':
      return { type: 'null' };
    case 'bool':
      return { type: 'bool', value: node.value };
    case 'string':
      return { type: 'text', text: node.value };
    case 'number':
      return valueOfNumber(node.lexeme);
    case 'literal':
      return { type: 'json', json: node, flavour: node.what };
    case 'array':
      if (node.items.length === 0) return { type: 'empty', of: 'list' };
      return { type: 'json', json: node, flavour: flavour ?? 'list' };
    case 'object':
      if (node.members.length === 0) return { type: 'empty', of: 'dict' };
      return { type: 'json', json: node, flavour: flavour ?? 'dict' };
  }
}

/** Numbers of JSON, TOML and YAML: an integer keeps its digits, a float its text. */
export function valueOfNumber(lexeme: string): Extract<Value, { type: 'int' | 'float' }> {
  const digits = integerDigits(lexeme);
  if (digits === undefined) return { type: 'float', value: floatValue(lexeme), lexeme };
  return digits === lexeme ? { type: 'int', digits } : { type: 'int', digits, lexeme };
}

function integerDigits(lexeme: string): string | undefined {
  const based = /^([+-]?)(0[xob].*)$/.exec(lexeme);
  if (based) {
    const digits = BigInt(based[2]!.replaceAll('_', '')).toString();
    return based[1] === '-' && digits !== '0' ? `-${digits}` : digits;
  }
  if (!/^[+-]?[0-9_]+$/.test(lexeme)) return undefined;
  // YAML takes zeros in front.
  return lexeme
    .replaceAll('_', '')
    .replace(/^([+-]?)0+(?=[0-9])/, '$1')
    .replace(/^\+|^-(?=0$)/, '');
}

function floatValue(lexeme: string): number {
  const word = /^([+-]?)\.?(inf|infinity|nan)$/i.exec(lexeme);
  if (!word) return Number(lexeme.replaceAll('_', ''));
  if (word[2]!.toLowerCase() === 'nan') return Number.NaN;
  return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
