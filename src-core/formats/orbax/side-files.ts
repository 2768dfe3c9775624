/** What lies beside the arrays: strings, shardings, facts of arrays, and JSON of the checkpoint. */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { FileId, FileSet } from '../../bytes/source.ts';
import { readJsonText } from '../../model/json-text.ts';
import type { JsonNode, MetaItem } from '../../model/state-dict.ts';
import { folderOf, nameOf } from './gather.ts';
import { memberOf, textOf } from './tree-metadata.ts';

/** @throws `limit` for a text that is longer than any real one. */
export async function readText(
  id: FileId,
  files: FileSet,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const source = files.get(id);
  if (!source) return undefined;
  const { name, size } = source;
  if (size > LIMITS.orbaxMetadataBytes) {
    const max = LIMITS.orbaxMetadataBytes;
    const detail = 'it is longer than the metadata of any checkpoint';
    throw new StateglassError({ kind: 'limit', file: name, limit: 'orbaxMetadataBytes', value: size, max, detail });
  }
  return new TextDecoder().decode(await source.read(0, size, signal));
}

/** A JSON file beside the tree; undefined where it is not there or is none, which keeps nothing from being read. */
export async function readSideJson(
  id: FileId,
  files: FileSet,
  signal: AbortSignal | undefined,
): Promise<JsonNode | undefined> {
  try {
    const text = await readText(id, files, signal);
    return text === undefined || text.trim() === '' ? undefined : readJsonText(text, id);
  } catch (error) {
    if (error instanceof StateglassError && error.info.kind !== 'cancelled') return undefined;
    throw error;
  }
}

/** Strings by the names of their leaves. */
export async function readStrings(
  folder: string,
  files: FileSet,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const node = await readSideJson(`${folder}_strings.json`, files, signal);
  const members = node?.kind === 'object' ? node.members : [];
  return new Map(members.flatMap(([name, value]) => (value.kind === 'string' ? [[name, value.value]] : [])));
}

/** How each array lay on its devices, as JSON; names are in base64. */
export async function readShardings(
  folder: string,
  files: FileSet,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, JsonNode>> {
  const node = await readSideJson(`${folder}_sharding`, files, signal);
  const found = new Map<string, JsonNode>();
  for (const [key, value] of node?.kind === 'object' ? node.members : []) {
    const name = decodeName(key);
    if (name === undefined || value.kind !== 'string') continue;
    try {
      found.set(name, readJsonText(value.value, '_sharding'));
    } catch {
      found.set(name, value);
    }
  }
  return found;
}

function decodeName(key: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(key), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** Names of arrays that hold random keys of JAX, and how those are made. */
export async function readRandomKeys(
  names: readonly FileId[],
  folder: string,
  files: FileSet,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const id of names) {
    if (folderOf(id) !== `${folder}array_metadatas/`) continue;
    const list = memberOf(await readSideJson(id, files, signal), 'array_metadatas');
    for (const item of list?.kind === 'array' ? list.items : []) {
      const facts = memberOf(item, 'array_metadata');
      const name = textOf(memberOf(facts, 'param_name'));
      const kind = textOf(memberOf(memberOf(facts, 'ext_metadata'), 'random_key_impl'));
      if (name !== undefined && kind !== undefined) found.set(name, kind);
    }
  }
  return found;
}

/** What is said of the whole checkpoint, and JSON that was saved beside the tree. */
export async function readCheckpointMetadata(
  names: readonly FileId[],
  step: string,
  folder: string,
  files: FileSet,
  signal: AbortSignal | undefined,
): Promise<readonly MetaItem[]> {
  const items: MetaItem[] = [];
  for (const id of names) {
    const isCheckpoint = id === `${step}_CHECKPOINT_METADATA`;
    const isItem = nameOf(id) === 'metadata' && id.startsWith(step) && folderOf(id) !== folder;
    if (!isCheckpoint && !isItem) continue;
    const node = await readSideJson(id, files, signal);
    const section = isCheckpoint ? '_CHECKPOINT_METADATA' : folderOf(id).slice(step.length, -1);
    for (const [key, value] of node?.kind === 'object' ? node.members : []) items.push({ section, key, value });
  }
  return items;
}
