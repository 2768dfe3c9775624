import type { PathPart } from '../model/keys/key.ts';
import type { Entry, JsonNode, TensorValue } from '../model/state-dict.ts';
import { countElements } from '../tensor/dtype.ts';
import type { Document } from './document.ts';
import { readValues } from './values.ts';

/** Elements of a tensor that are written out; of larger ones only the declaration is given. */
const MOST_ELEMENTS = 1024;

/**
 * What a document holds, nested by the parts of its keys, as the operations of the systems take it (docs/operations.md): texts and numbers
 * as they are, tensors as `$tensor`, Variables whose class the file tells as `$variable`, and `$dict` where a key is an integer. Reads small
 * tensors.
 *
 * @throws `source`, `cancelled`.
 */
export async function stateAsData(document: Document, signal?: AbortSignal): Promise<JsonNode> {
  const root: Branch = new Map();
  const { entries } = document.state;
  for (let row = 0; row < entries.length; row++) {
    const entry = entries.at(row);
    place(root, entry.path.parts, await dataOf(document, entry, signal));
  }
  return nodeOf(root);
}

type Branch = Map<PathPart, Branch | JsonNode>;
const isBranch = (item: Branch | JsonNode | undefined): item is Branch => item instanceof Map;

function place(root: Branch, parts: readonly PathPart[], leaf: JsonNode): void {
  let branch = root;
  for (const part of parts.slice(0, -1)) {
    let next = branch.get(part);
    if (!isBranch(next)) {
      next = new Map();
      branch.set(part, next);
    }
    branch = next;
  }
  branch.set(parts.at(-1) ?? '', leaf);
}

function nodeOf(branch: Branch): JsonNode {
  const items = [...branch].map(([part, item]) => [part, isBranch(item) ? nodeOf(item) : item] as const);
  const isPlain = items.every(([part]) => typeof part === 'string' && !part.startsWith('$'));
  if (isPlain) return { kind: 'object', members: items.map(([part, node]) => [String(part), node]) };
  const pairs = items.map(([part, node]): JsonNode => ({ kind: 'array', items: [scalar(part), node] }));
  return object({ $dict: { kind: 'array', items: pairs } });
}

const scalar = (value: PathPart): JsonNode =>
  typeof value === 'number' ? { kind: 'number', lexeme: String(value) } : { kind: 'string', value };
const object = (members: Readonly<Record<string, JsonNode>>): JsonNode => ({
  kind: 'object',
  members: Object.entries(members),
});

async function dataOf(document: Document, entry: Entry, signal?: AbortSignal): Promise<JsonNode> {
  const { value, role } = entry;
  const data = value.type === 'tensor' ? await tensorData(document, entry.id, value, signal) : plainData(entry);
  return role.role === 'variable' && entry.roleSource === 'file'
    ? object({ $variable: { kind: 'string', value: role.variable }, value: data })
    : data;
}

async function tensorData(
  document: Document,
  id: number,
  { dtype, shape, storage }: TensorValue,
  signal?: AbortSignal,
): Promise<JsonNode> {
  const declared = {
    dtype: { kind: 'string', value: dtype },
    shape: { kind: 'array', items: shape.map(scalar) },
  } as const satisfies Record<string, JsonNode>;
  if (storage === undefined || countElements(shape) > MOST_ELEMENTS) return object({ $tensor: object(declared) });
  const { values, complex } = await readValues(document, id, undefined, signal);
  if (complex) return object({ $tensor: object(declared) });
  const data = Array.from(values as ArrayLike<number | bigint>, numberData);
  return object({ $tensor: object({ ...declared, data: { kind: 'array', items: data } }) });
}

function numberData(value: number | bigint): JsonNode {
  if (typeof value === 'bigint' || Number.isFinite(value)) return { kind: 'number', lexeme: String(value) };
  const text = Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  return object({ $float: { kind: 'string', value: text } });
}

function plainData({ value }: Entry): JsonNode {
  switch (value.type) {
    case 'text':
      return { kind: 'string', value: value.text };
    case 'int':
      return { kind: 'number', lexeme: value.digits };
    case 'float':
      return numberData(value.value);
    case 'bool':
      return { kind: 'bool', value: value.value };
    case 'json':
      return value.json;
    case 'empty':
      return value.of === 'none'
        ? { kind: 'null' }
        : value.of === 'dict' || value.of === 'unknown'
          ? { kind: 'object', members: [] }
          : { kind: 'array', items: [] };
    default:
      return { kind: 'null' };
  }
}
