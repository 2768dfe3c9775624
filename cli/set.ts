import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  attachDonor,
  type Edit,
  type EditedDocument,
  type Entry,
  findKey,
  StateglassError,
} from '../src-core/index.ts';
import { applyEdits, type EditOptions, editFile, openForEditing } from './edit-file.ts';
import { STANDARD_INPUT } from './op.ts';

export interface SetOptions extends EditOptions {
  readonly from?: string | number;
  readonly metadata?: string | number | readonly (string | number)[];
  readonly slice?: string | number;
}

/**
 * `set FILE KEY VALUE` and `set FILE --metadata KEY=VALUE`: other text, another JSON value, other numbers; with `--from`, what a
 * file holds, or a tensor of a file of tensors.
 */
export async function set(
  file: string,
  key: string | undefined,
  value: string | undefined,
  options: SetOptions,
): Promise<void> {
  const items = [options.metadata ?? []].flat().map((item) => readItem(String(item)));
  const giver = key === undefined || value !== undefined ? undefined : readGiver(options.from);
  if (key !== undefined && giver) {
    if (options.slice !== undefined)
      throw bad('--slice: a tensor of another file takes the place of all of the tensor');
    return takeFrom(file, key, giver, items, options);
  }
  const given = key === undefined ? undefined : await readGiven(key, value, options.from);
  if (given === undefined && items.length === 0) throw bad('say what to set: KEY VALUE, or --metadata KEY=VALUE');
  if (key === undefined && options.from !== undefined) throw bad('--from is the value of a KEY: name it');
  await editFile(file, options, (document) => {
    const edits = items.map((item) => setItem(document, item));
    if (key === undefined || given === undefined) return { document: applyEdits(document, edits) };
    return { document: applyEdits(document, [...edits, setEntry(findKey(document, key), given, options.slice)]) };
  });
}

/** A file of tensors, and the key of one where it is not that of the entry. */
interface Giver {
  readonly path: string;
  readonly key?: string;
}

const TENSOR_FILES = /\.(safetensors|pt|pth|bin|ckpt)(\.index\.json)?$/i;

/** `FILE` or `FILE:KEY` where FILE is one of tensors; other files hold the value itself. */
function readGiver(from: SetOptions['from']): Giver | undefined {
  const text = String(from ?? '');
  const found = /^(.+?\.(?:safetensors|pt|pth|bin|ckpt)(?:\.index\.json)?):(.+)$/i.exec(text);
  if (found && !existsSync(text)) return { path: found[1] as string, key: found[2] as string };
  return TENSOR_FILES.test(text) ? { path: text } : undefined;
}

function takeFrom(
  file: string,
  key: string,
  { path, key: from }: Giver,
  items: readonly Item[],
  options: SetOptions,
): Promise<void> {
  return editFile(file, options, async (document) => {
    const donor = basename(path);
    const attached = attachDonor(document, donor, await openForEditing(path));
    const edits = items.map((item) => setItem(document, item));
    const take: Edit = { op: 'take', args: { key, donor, ...(from !== undefined && { from }) } };
    return { document: applyEdits(attached, [...edits, take]) };
  });
}

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });

async function readGiven(key: string, value: string | undefined, from: SetOptions['from']): Promise<string> {
  if ((value === undefined) === (from === undefined)) throw bad(`${key}: give either VALUE or --from FILE`);
  return value ?? readText(String(from));
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = path === STANDARD_INPUT ? await buffer(process.stdin) : await readFile(path);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const detail = cause instanceof TypeError ? 'this is no UTF-8 text' : 'the value cannot be read';
    throw new StateglassError({ kind: 'source', file: path, detail }, { cause });
  }
}

interface Item {
  readonly key: string;
  readonly value: string;
}

function readItem(item: string): Item {
  const at = item.indexOf('=');
  if (at < 1) throw bad(`--metadata takes KEY=VALUE, not "${item}"`);
  return { key: item.slice(0, at), value: item.slice(at + 1) };
}

/** Text, unless what is there is another JSON value. */
function setItem({ state }: EditedDocument, { key, value }: Item): Edit {
  const item = state.metadata.find((one) => one.key === key);
  const isText = item === undefined || item.value.kind === 'string';
  return { op: 'set-metadata', args: { key, ...(isText ? { text: value } : { json: value }) } };
}

function setEntry({ key, value: { type } }: Entry, given: string, slice: SetOptions['slice']): Edit {
  if (type === 'tensor')
    return { op: 'set-elements', args: { key, slice: String(slice ?? ''), values: readNumbers(key, given) } };
  if (slice !== undefined) throw bad(`${key} is ${type}: only tensors have slices`);
  return { op: 'set-value', args: { key, ...(type === 'text' ? { text: given } : { json: given }) } };
}

/** JSON, and what it has no words for: NaN and infinities, and integers past 2^53, are texts to the edit. */
function readNumbers(key: string, text: string): unknown {
  const word = /^\s*([+-]?)(?:(nan)|inf(?:inity)?)\s*$/i.exec(text);
  if (word) return word[2] ? 'NaN' : word[1] === '-' ? '-Infinity' : 'Infinity';
  try {
    return JSON.parse(text.replace(/(?<![\w.+"-])-?\d{16,}(?![\w.])/g, '"$&"'));
  } catch (cause) {
    const detail = `${key}: ${text.length > 40 ? `${text.slice(0, 40)}…` : text} is no number and no JSON of numbers`;
    throw new StateglassError({ kind: 'bad-input', detail }, { cause });
  }
}
