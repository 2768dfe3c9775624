import type { JsonNode } from './state-dict.ts';

export interface JsonStyle {
  /** What follows commas and colons. */
  readonly gap?: '' | ' ';
  /** How a number is written; as it was when absent. */
  readonly number?: (lexeme: string) => string;
  /** What JSON has no word for (dates of TOML) as it was, instead of as a text: for people, not for parsers. */
  readonly bareLiterals?: boolean;
}

/** A value as JSON on one line: the order of members stays, and numbers keep their text. */
export function writeJson(node: JsonNode, style: JsonStyle = {}): string {
  const { gap = '', number, bareLiterals } = style;
  switch (node.kind) {
    case 'null':
      return 'null';
    case 'bool':
      return String(node.value);
    case 'number':
      return number ? number(node.lexeme) : node.lexeme;
    case 'string':
      return JSON.stringify(node.value);
    case 'literal':
      return bareLiterals ? node.lexeme : JSON.stringify(node.lexeme);
    case 'array':
      return `[${node.items.map((item) => writeJson(item, style)).join(`,${gap}`)}]`;
    case 'object':
      return `{${node.members.map(([key, value]) => `${JSON.stringify(key)}:${gap}${writeJson(value, style)}`).join(`,${gap}`)}}`;
  }
}

/** A value as JSON for people, indented by two spaces: what fits in `width` letters stays on its line, by default nothing that has parts. */
export function indentJson(node: JsonNode, width = 0, indent = ''): string {
  const parts = node.kind === 'array' ? node.items.length : node.kind === 'object' ? node.members.length : 0;
  if (parts === 0 || width > 0) {
    const line = writeJson(node, { gap: ' ', bareLiterals: true });
    if (parts === 0 || indent.length + line.length <= width) return line;
  }
  const deeper = `${indent}  `;
  if (node.kind === 'array')
    return `[\n${node.items.map((item) => deeper + indentJson(item, width, deeper)).join(',\n')}\n${indent}]`;
  const members = node.kind === 'object' ? node.members : [];
  return `{\n${members
    .map(([key, value]) => `${deeper}${JSON.stringify(key)}: ${indentJson(value, width, deeper)}`)
    .join(',\n')}\n${indent}}`;
}
