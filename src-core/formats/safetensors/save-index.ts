import type { ByteSource, FileId } from '../../bytes/source.ts';
import type { HomedTensor } from '../../model/homes.ts';
import { readJsonText } from '../../model/json-text.ts';
import { indentJson, writeJson } from '../../model/json-write.ts';
import type { JsonNode, StateDict } from '../../model/state-dict.ts';
import { countElements, packedBytes } from '../../tensor/dtype.ts';
import type { SavedFile } from '../format.ts';
import { copyFile } from '../patch-file.ts';

interface Saving {
  readonly before: StateDict;
  readonly after: StateDict;
  readonly homes: ReadonlyMap<FileId, readonly HomedTensor[]>;
}

type Members = (readonly [key: string, value: JsonNode])[];

/** `*.safetensors.index.json` with the names and the size as they are now, in the order and the style it had. */
export async function saveIndex(
  id: FileId,
  source: ByteSource,
  saving: Saving,
  signal?: AbortSignal,
): Promise<SavedFile> {
  const bytes = await source.read(0, source.size, signal);
  const copy = copyFile(id, bytes.length);
  if (saving.before === saving.after) return copy;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const tree = readJsonText(text, source.name);
  const next = changeIndex(tree, saving);
  const plain = writeJson(tree);
  if (writeJson(next) === plain) return copy;
  const written = new TextEncoder().encode(inStyleOf(text, tree, next));
  return { file: id, size: written.length, losses: [], parts: () => [{ kind: 'bytes', bytes: written }] };
}

function changeIndex(tree: JsonNode, saving: Saving): JsonNode {
  if (tree.kind !== 'object') return tree;
  const members = tree.members.map(([key, value]): readonly [string, JsonNode] => {
    if (value.kind !== 'object') return [key, value];
    if (key === 'weight_map') return [key, { ...value, members: mapWeights(value.members, saving) }];
    return key === 'metadata' ? [key, { ...value, members: resize(value.members, saving) }] : [key, value];
  });
  return { ...tree, members };
}

/** Names in the order they had; those of added tensors after all others. */
function mapWeights(members: readonly Members[number][], { before, after, homes }: Saving): Members {
  const renamed = new Map<string, string>();
  for (let row = 0; row < after.entries.length; row++) {
    const { key, source } = after.entries.at(row);
    if (source !== null) renamed.set(before.entries.at(source ?? row).key, key);
  }
  const read = new Set<string>();
  for (let row = 0; row < before.entries.length; row++) read.add(before.entries.at(row).key);
  const added: Members = [];
  for (const [file, tensors] of homes) {
    const name = file.slice(file.lastIndexOf('/') + 1);
    for (const { entry, was } of tensors) if (!was) added.push([entry.key, { kind: 'string', value: name }]);
  }
  const kept = members.flatMap(([key, value]): Members => {
    const now = renamed.get(key);
    if (now !== undefined) return [[now, value]];
    // A name that is nobody's entry stays as it is.
    return read.has(key) ? [] : [[key, value]];
  });
  return [...kept, ...added];
}

/** `total_size` moves by what the tensors have become longer or shorter: how it was counted is the writer's affair. */
function resize(members: readonly Members[number][], { before, after }: Saving): Members {
  const more = bytesIn(after) - bytesIn(before);
  return members.map(([key, value]) =>
    key === 'total_size' && value.kind === 'number' && more !== 0
      ? [key, { ...value, lexeme: String(Number(value.lexeme) + more) }]
      : [key, value],
  );
}

function bytesIn({ entries }: StateDict): number {
  let sum = 0;
  for (let row = 0; row < entries.length; row++) {
    const { value } = entries.at(row);
    if (value.type === 'tensor' && !value.undeclared) sum += packedBytes(value.dtype, countElements(value.shape)) ?? 0;
  }
  return sum;
}

/** Indented as it was, with the end it had. */
function inStyleOf(text: string, tree: JsonNode, next: JsonNode): string {
  const body = text.trimEnd();
  const end = text.slice(body.length);
  for (const write of [writeJson, (node: JsonNode) => writeJson(node, { gap: ' ' })])
    if (write(tree) === body) return write(next) + end;
  return indentJson(next) + end;
}
