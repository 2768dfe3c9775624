import { globalOf, intOf, itemsOf, type PickleNode, textOf } from '../../bytes/pickle/nodes.ts';

/** Small values as torch's rebuild calls take them. */

export function hasBit(node: PickleNode | undefined, name: string): boolean {
  const dict = node?.kind === 'dict' ? node : undefined;
  return dict?.keys.some((key, i) => textOf(key) === name && isTrue(dict.values[i])) ?? false;
}

export const isTrue = (node: PickleNode | undefined): boolean => node?.kind === 'bool' && node.value;
export const numberOf = (node: PickleNode | undefined): number | undefined =>
  node?.kind === 'int' || node?.kind === 'float' ? node.value : undefined;

/** `torch.device('cuda', 1)` or the text `cuda:1`. */
export function deviceText(node: PickleNode | undefined): string | undefined {
  if (node?.kind === 'str') return node.value;
  if (node?.kind !== 'reduce') return undefined;
  const [type, index] = itemsOf(node.args) ?? [];
  const text = textOf(type);
  return text === undefined ? undefined : intOf(index) === undefined ? text : `${text}:${intOf(index)}`;
}

/** `sparse_coo` of `_get_layout('torch.sparse_coo')` or of the global itself. */
export function layoutText(node: PickleNode | undefined): string | undefined {
  const name = node?.kind === 'reduce' ? textOf(itemsOf(node.args)?.[0]) : globalOf(node);
  return name?.startsWith('torch.') ? name.slice('torch.'.length) : undefined;
}
