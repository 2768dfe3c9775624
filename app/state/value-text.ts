import { indentJson, type Value } from '../../src-core/index.ts';

/** Texts as they are, all else as JSON. */
export function textOfValue(value: Value): string {
  switch (value.type) {
    case 'text':
      return value.text;
    case 'json':
      return indentJson(value.json);
    case 'int':
      return value.digits;
    case 'float':
      return value.lexeme ?? String(value.value);
    case 'bool':
      return String(value.value);
    case 'empty':
      return value.of === 'dict' ? '{}' : '[]';
    default:
      return 'null';
  }
}
