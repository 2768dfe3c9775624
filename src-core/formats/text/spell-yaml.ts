import type { JsonNode } from '../../model/state-dict.ts';
import { spellBlock } from './yaml-block.ts';
import { quoteDouble, spellYamlKey, spellYamlText } from './yaml-quote.ts';
import { spellYamlNumber } from './yaml-scalar.ts';

/** How a file writes YAML. */
export interface YamlStyle {
  readonly newline: string;
  /** One level. */
  readonly unit: string;
}

/** On one line, in brackets where it is a list or a map. */
export function spellFlow(node: JsonNode, isInFlow: boolean): string {
  switch (node.kind) {
    case 'null':
      return 'null';
    case 'bool':
      return String(node.value);
    case 'number':
      return spellYamlNumber(node.lexeme);
    case 'literal':
      return node.lexeme;
    case 'string':
      return spellYamlText(node.value, isInFlow);
    case 'array':
      return `[${node.items.map((item) => spellFlow(item, true)).join(', ')}]`;
    case 'object':
      return `{${node.members.map(([key, value]) => `${spellYamlKey(key, true)}: ${spellFlow(value, true)}`).join(', ')}}`;
  }
}

/** What stands behind `key:` or `-`, with the blank or the line break before it. `indent` is that of the key or the dash. */
export function spellBehind(node: JsonNode, indent: string, style: YamlStyle, isItem = false): string {
  const { newline } = style;
  const deeper = indent + (isItem ? '  ' : style.unit);
  if (node.kind === 'string' && node.value.includes('\n')) {
    const block = spellBlock(node.value, deeper, indent);
    // What follows has to be read as another value: with `+` the empty lines would belong to this one.
    return block && !block.header.endsWith('+')
      ? ` ${[block.header, ...block.lines].join(newline)}`
      : ` ${quoteDouble(node.value)}`;
  }
  if ((node.kind !== 'array' && node.kind !== 'object') || isShort(node)) return ` ${spellFlow(node, false)}`;
  const lines =
    node.kind === 'array'
      ? node.items.map((item) => `-${spellBehind(item, deeper, style, true)}`)
      : node.members.map(([key, value]) => spellPair(key, value, deeper, style));
  return `${isItem ? ' ' : newline + deeper}${lines.join(newline + deeper)}`;
}

export const spellPair = (key: string, node: JsonNode, indent: string, style: YamlStyle): string =>
  `${spellYamlKey(key, false)}:${spellBehind(node, indent, style)}`;

/** Empty, or a few scalars on a line. */
function isShort(node: Extract<JsonNode, { kind: 'array' | 'object' }>): boolean {
  if (node.kind === 'object') return node.members.length === 0;
  const isScalar = ({ kind }: JsonNode) => kind !== 'array' && kind !== 'object';
  return node.items.every(isScalar) && spellFlow(node, false).length <= 80;
}

/** Why YAML has no way to write it. */
export function refuseYaml(node: JsonNode): string | undefined {
  if (node.kind === 'string') return refuseYamlKey(node.value);
  if (node.kind === 'literal' && /^local-time$|^sexagesimal$|^binary$/.test(node.what))
    return `YAML has no ${node.what.replaceAll('-', ' ')}: make it a text`;
  if (node.kind === 'array') return node.items.map(refuseYaml).find((why) => why !== undefined);
  if (node.kind !== 'object') return undefined;
  if (new Set(node.members.map(([key]) => key)).size < node.members.length) return 'YAML takes no key twice';
  return node.members.map(([key, value]) => refuseYamlKey(key) ?? refuseYaml(value)).find((why) => why !== undefined);
}

export const refuseYamlKey = (text: string): string | undefined =>
  text.isWellFormed() ? undefined : 'it has half a surrogate pair, which YAML has no escape for';
