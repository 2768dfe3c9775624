import type { JsonNode, StateDict, Value } from '../model/state-dict.ts';

/**
 * Two values as the program that wrote them means them: TOML has no null, and msgflux writes and reads it as the text "None".
 * Against another format that is null, unless the other says "None" too.
 */
export function alignNones(stateA: StateDict, stateB: StateDict, a: Value, b: Value): readonly [Value, Value] {
  if (writesNones(stateA) && stateB.format !== 'toml') return [readNones(a, b), b];
  if (writesNones(stateB) && stateA.format !== 'toml') return [a, readNones(b, a)];
  return [a, b];
}

const writesNones = ({ format, dialect }: StateDict): boolean => format === 'toml' && dialect === 'msgflux';

const NONE = 'None';

function readNones(value: Value, other: Value): Value {
  if (value.type === 'text') return value.text === NONE && other.type === 'null' ? { type: 'null' } : value;
  return value.type === 'json' ? { ...value, json: readNode(value.json) } : value;
}

function readNode(node: JsonNode): JsonNode {
  switch (node.kind) {
    case 'string':
      return node.value === NONE ? { kind: 'null' } : node;
    case 'array':
      return { ...node, items: node.items.map(readNode) };
    case 'object':
      return { ...node, members: node.members.map(([name, member]) => [name, readNode(member)] as const) };
    default:
      return node;
  }
}
