import type { TextNode } from './tree.ts';
import type { YamlText } from './yaml-scan.ts';

/**
 * Whether a text that nobody named YAML is meant as such. Nearly any prose with colons can be read as YAML (`Note: be brief`), so more
 * is asked for: names as a program would write them, and something that prose has not (levels, quotes, blocks, numbers, dots in names).
 */
export function looksLikeYaml({ root, places }: YamlText): boolean {
  const documents = root.kind === 'array' && places.get(root)?.style === 'documents' ? root.items : [root];
  if (!documents.every(isNamed)) return false;
  const members = documents.flatMap((document) => (document.kind === 'object' ? document.members : []));
  const hasStructure = members.some(({ key, value }) => key.includes('.') || isStructured(value));
  return hasStructure || (members.length > 1 && members.some(({ value }) => isTyped(value)));

  function isNamed(node: TextNode): boolean {
    if (node.kind !== 'object' || places.get(node)?.style !== 'block') return false;
    return node.members.length > 0 && node.members.every(({ key }) => NAME.test(key));
  }

  function isStructured(node: TextNode): boolean {
    const style = places.get(node)?.style;
    if (node.kind === 'object') return node.members.some(({ key }) => NAME.test(key));
    if (node.kind === 'array')
      return style === 'flow' || node.items.some((item) => isStructured(item) || isTyped(item));
    return style === '|' || style === '>' || style === '"' || style === "'" || style === 'alias';
  }
}

const isTyped = ({ kind }: TextNode): boolean =>
  kind === 'number' || kind === 'bool' || kind === 'null' || kind === 'literal';

const NAME = /^[a-z_$][A-Za-z0-9_./\-[\]]*$/;
