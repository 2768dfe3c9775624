import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bufferSource } from '../../bytes/buffer.ts';
import { changeState } from '../../model/change-state.ts';
import type { NewEntry } from '../../model/edited-entries.ts';
import { dotted } from '../../model/keys/dotted.ts';
import type { PathPart } from '../../model/keys/key.ts';
import type { Entry, StateDict, Value } from '../../model/state-dict.ts';
import type { Part } from '../format.ts';
import { json, plainText, toml, yaml } from './index.ts';

const FOLDERS = ['src-core/fixtures/text', 'public/examples'];
const NO_TEXT = /\.(?:gguf|pt|safetensors)$|^examples\.json$/;

/** Every good text file there is, each once: its name and its bytes. */
export const TEXT_FILES: readonly (readonly [name: string, bytes: Uint8Array<ArrayBuffer>])[] = listFiles();

function listFiles(): [string, Uint8Array<ArrayBuffer>][] {
  const files = FOLDERS.flatMap((folder) => {
    const names = readdirSync(folder);
    const isGolden = (name: string) => name.endsWith('.json') && names.includes(name.slice(0, -5));
    return names
      .filter((name) => !NO_TEXT.test(name) && !isGolden(name))
      .map((name): [string, Uint8Array<ArrayBuffer>] => [name, new Uint8Array(readFileSync(join(folder, name)))]);
  });
  return files.filter(([, bytes], i) => files.findIndex(([, other]) => Buffer.compare(other, bytes) === 0) === i);
}

const formatOf = (name: string) =>
  [json, toml, yaml].find(({ extensions }) => extensions.some((e) => name.endsWith(e))) ?? plainText;

export async function openText(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<StateDict> {
  const { read } = await formatOf(name).load();
  const source = bufferSource(bytes, name);
  const result = await read({ id: name, source, files: new Map([[name, source]]), set: [name] });
  if ('decline' in result) throw new Error(result.decline);
  return result.state;
}

export interface SavedText {
  readonly parts: readonly Part[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly text: string;
}

export async function saveEdited(
  original: Uint8Array<ArrayBuffer>,
  name: string,
  before: StateDict,
  after: StateDict,
): Promise<SavedText> {
  const { save } = await formatOf(name).load();
  const files = new Map([[name, bufferSource(original, name)]]);
  const saved = (await save?.({ before, after, files })) ?? [];
  const [plan] = saved;
  if (!plan || saved.length !== 1 || plan.file !== name) throw new Error('not one file of that name');
  const parts = [...plan.parts()];
  const pieces = parts.map((part) => {
    if (part.kind === 'bytes') return part.bytes;
    if (part.kind === 'copy' && part.file === name) return original.subarray(part.offset, part.offset + part.length);
    throw new Error(`a part of the kind ${part.kind}`);
  });
  const bytes = new Uint8Array(Buffer.concat(pieces));
  if (bytes.length !== plan.size) throw new Error(`planned ${plan.size} bytes, made ${bytes.length}`);
  return { parts, bytes, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) };
}

/** Opens a text, edits it, saves it: what is written. */
export async function rewrite(text: string, name: string, edit: (state: StateDict) => StateDict): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const before = await openText(bytes, name);
  return (await saveEdited(bytes, name, before, edit(before))).text;
}

export const entriesOf = ({ entries }: StateDict): Entry[] =>
  Array.from({ length: entries.length }, (_, row) => entries.at(row));

export function rowOf(state: StateDict, key: string): number {
  const row = entriesOf(state).findLastIndex((entry) => entry.key === key);
  if (row < 0) throw new Error(`no entry ${key}`);
  return row;
}

/** An entry of a nested file. */
export const nestedEntry = (parts: readonly PathPart[], value: Value): NewEntry => ({
  path: { parts, kinds: parts.map((part) => (typeof part === 'number' ? 'index' : 'key')), raw: null },
  key: parts.join('.'),
  value,
  role: { role: 'unknown' },
  roleSource: 'user',
});

/** An act on a state, as an op would do it. */
export type Act = (state: StateDict) => StateDict;

export const inTurn =
  (...acts: readonly Act[]): Act =>
  (state) =>
    acts.reduce((current, act) => act(current), state);

export const setValue =
  (key: string, value: Value): Act =>
  (state) => {
    const row = rowOf(state, key);
    return changeState(state, { replace: new Map([[row, { ...state.entries.at(row), value }]]) });
  };

export const setText = (key: string, text: string): Act => setValue(key, { type: 'text', text });

export const removeKeys =
  (...keys: readonly string[]): Act =>
  (state) =>
    changeState(state, { remove: new Set(keys.map((key) => rowOf(state, key))) });

/** `key` is cut at its dots; digits alone are a position. */
export const addValue =
  (key: string, value: Value): Act =>
  (state) => {
    const parts = key.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    return changeState(state, { add: [nestedEntry(parts, value)] });
  };

export const addText = (key: string, text: string): Act => addValue(key, { type: 'text', text });

/** Every entry that `name` has another name for. */
export const renameKeys =
  (name: (key: string) => string): Act =>
  (state) => {
    const renamed = entriesOf(state).filter(({ key }) => name(key) !== key);
    const replace = new Map(
      renamed.map((entry) => {
        const key = name(entry.key);
        const path = { ...dotted.parse(key), raw: entry.path.raw === null ? null : key };
        return [entry.id, { ...entry, key, path }];
      }),
    );
    return changeState(state, { replace });
  };

/** Under another name: the last part of its path is different. */
export function renameLast(entry: Entry, name: string): NewEntry {
  const { path, key } = entry;
  const cut = String(path.parts.at(-1) ?? '').length;
  const raw = path.raw === null ? null : path.raw.slice(0, path.raw.length - cut) + name;
  const parts = path.parts.length > 1 ? [...path.parts.slice(0, -1), name] : [name];
  const kinds = parts.map((_, i) => path.kinds[i] ?? 'key');
  return { ...entry, path: { parts, kinds, raw }, key: key.slice(0, key.length - cut) + name };
}
