import { type PickleNode, textOf } from '../../bytes/pickle/nodes.ts';
import { showFloat, showNode } from '../../bytes/pickle/show.ts';
import type { JsonNode } from '../../model/state-dict.ts';

const MAX_DEPTH = 8;
const MAX_ITEMS = 1000;

export interface ModuleMetadata {
  /** Of the module: `` is the root. */
  readonly path: string;
  readonly value: JsonNode;
  readonly version?: string;
}

/** `{'_metadata': OrderedDict({'': {'version': 1}, …})}`, the attribute a state dict carries. */
export function readModuleMetadata(state: PickleNode | undefined): ModuleMetadata[] {
  const { keys, values } = pairsOf(state);
  const at = keys.findIndex((key) => textOf(key) === '_metadata');
  if (at < 0) return [];
  const modules = pairsOf(values[at]);
  return modules.keys.flatMap((key, i): ModuleMetadata[] => {
    const path = textOf(key);
    if (path === undefined) return [];
    const value = toJson(modules.values[i]!, 0);
    const version = value.kind === 'object' ? value.members.find(([name]) => name === 'version')?.[1] : undefined;
    return [{ path, value, ...(version?.kind === 'number' ? { version: version.lexeme } : {}) }];
  });
}

function pairsOf(node: PickleNode | undefined): { keys: readonly PickleNode[]; values: readonly PickleNode[] } {
  if (node?.kind === 'dict') return node;
  if (node?.kind === 'reduce' || node?.kind === 'newobj')
    return { keys: node.dictKeys ?? [], values: node.dictValues ?? [] };
  return { keys: [], values: [] };
}

/** Plain values as JSON; anything else as the text of what it is. Bounded, as every walk over a pickle is. */
function toJson(node: PickleNode, depth: number): JsonNode {
  switch (node.kind) {
    case 'none':
      return { kind: 'null' };
    case 'bool':
      return { kind: 'bool', value: node.value };
    case 'int':
      return { kind: 'number', lexeme: String(node.value) };
    case 'long':
      return /^-?\d+$/.test(node.digits)
        ? { kind: 'number', lexeme: node.digits }
        : { kind: 'string', value: node.digits };
    case 'float':
      return Number.isFinite(node.value)
        ? { kind: 'number', lexeme: showFloat(node.value) }
        : { kind: 'literal', lexeme: showFloat(node.value), what: 'float' };
    case 'str':
      return { kind: 'string', value: node.value };
    case 'list':
    case 'tuple':
      if (depth >= MAX_DEPTH || node.items.length > MAX_ITEMS) return { kind: 'string', value: showNode(node) };
      return { kind: 'array', items: node.items.map((item) => toJson(item, depth + 1)) };
    case 'dict':
      if (depth >= MAX_DEPTH || node.keys.length > MAX_ITEMS) return { kind: 'string', value: showNode(node) };
      return {
        kind: 'object',
        members: node.keys.map((key, i) => [textOf(key) ?? showNode(key), toJson(node.values[i]!, depth + 1)] as const),
      };
    default:
      return { kind: 'string', value: showNode(node) };
  }
}
