/**
 * Edits every text fixture and saves it into a folder, for `saved_texts.py`. Each line of output is a case: the file, the original,
 * and the edits as Python can do them on what it reads. An edit that is refused is none.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bufferSource } from '../../src-core/bytes/buffer.ts';
import { json, plainText, toml, yaml } from '../../src-core/formats/text/index.ts';
import { changeState } from '../../src-core/model/change-state.ts';
import type { NewEntry } from '../../src-core/model/edited-entries.ts';
import type { Entry, StateDict, Value } from '../../src-core/model/state-dict.ts';

/** What is done to an entry; `value` as JSON writes it. */
interface TextEdit {
  readonly act: 'set' | 'delete' | 'rename' | 'add';
  readonly key: string;
  readonly parts: readonly (string | number)[];
  readonly name?: string;
  readonly value?: string;
}

const FIXTURES = 'src-core/fixtures/text';
const out = process.argv[2] ?? '';
const names = readdirSync(FIXTURES).filter(
  (name, _, all) => !(name.endsWith('.json') && all.includes(name.slice(0, -5))),
);
// Python keeps one of two equal keys.
for (const name of names.filter((fixture) => fixture !== 'duplicates.json'))
  for (const act of ['set', 'delete', 'rename', 'add'] as const) await editFile(name, act);

async function editFile(name: string, act: TextEdit['act']): Promise<void> {
  const format = [json, toml, yaml].find(({ extensions }) => extensions.some((e) => name.endsWith(e))) ?? plainText;
  const bytes = new Uint8Array(readFileSync(join(FIXTURES, name)));
  const source = bufferSource(bytes, name);
  const files = new Map([[name, source]]);
  const { read, save } = await format.load();
  const result = await read({ id: name, source, files, set: [name] });
  if ('decline' in result || !save) throw new Error(`${name} cannot be saved`);
  let after = result.state;
  const edits: TextEdit[] = [];
  for (const [i, { key }] of listEntries(after).entries()) {
    // From the end, so that rows stay what they were; alone first, to leave out what is refused.
    const entry = after.entries.at(listEntries(after).findIndex((other) => other.key === key));
    const done = applyAct(after, entry, act, i);
    if (!done) continue;
    try {
      await save({ before: result.state, after: done.after, files });
    } catch {
      continue;
    }
    after = done.after;
    edits.push(done.edit);
  }
  const [plan] = await save({ before: result.state, after, files });
  const pieces = [...(plan?.parts() ?? [])].map((part) => {
    if (part.kind === 'bytes') return part.bytes;
    if (part.kind === 'copy') return bytes.subarray(part.offset, part.offset + part.length);
    throw new Error(`a part of the kind ${part.kind}`);
  });
  const file = `${act}-${name}`;
  writeFileSync(join(out, file), Buffer.concat(pieces));
  const { dialect, layout } = result.state;
  process.stdout.write(`${JSON.stringify({ file, original: name, dialect, layout, edits })}\n`);
}

function listEntries({ entries }: StateDict): Entry[] {
  return Array.from({ length: entries.length }, (_, row) => entries.at(row));
}

function applyAct(
  state: StateDict,
  entry: Entry,
  act: TextEdit['act'],
  i: number,
): { after: StateDict; edit: TextEdit } | undefined {
  const { key, path, id } = entry;
  const edit = { act, key, parts: path.parts };
  const last = path.parts.at(-1);
  if (act === 'delete') return i % 2 ? { after: changeState(state, { remove: new Set([id]) }), edit } : undefined;
  if (act === 'set') {
    const next = otherValue(entry.value, i);
    if (!next) return undefined;
    return {
      after: changeState(state, { replace: new Map([[id, { ...entry, value: next.value }]]) }),
      edit: { ...edit, value: next.text },
    };
  }
  if (typeof last !== 'string') return undefined;
  const name = `${last.replace(/[^A-Za-z0-9_]/g, '')}_${act}`;
  if (act === 'rename')
    return {
      after: changeState(state, { replace: new Map([[id, renameLast(entry, last, name)]]) }),
      edit: { ...edit, name },
    };
  const value: Value = { type: 'text', text: `${i}: "é"\n\\` };
  const added = { ...renameLast(entry, last, name), value };
  return { after: changeState(state, { add: [added] }), edit: { ...edit, name, value: JSON.stringify(value.text) } };
}

function renameLast({ id: _, source: __, ...entry }: Entry, last: string, name: string): NewEntry {
  const { path, key } = entry;
  const raw = path.raw === null ? null : path.raw.slice(0, path.raw.length - last.length) + name;
  return {
    ...entry,
    key: key.slice(0, key.length - last.length) + name,
    path: { ...path, raw, parts: [...path.parts.slice(0, -1), name] },
  };
}

function otherValue(value: Value, i: number): { value: Value; text: string } | undefined {
  if (value.type === 'text') {
    const text = `${value.text.slice(0, 20).toWellFormed()}${i} 'new' "text"\r\n\ttab \\ é 🧠 """ '''\u0001`;
    return { value: { type: 'text', text }, text: JSON.stringify(text) };
  }
  if (value.type === 'int')
    return { value: { type: 'int', digits: `-${2n ** 70n + BigInt(i)}` }, text: `-${2n ** 70n + BigInt(i)}` };
  if (value.type === 'float')
    return { value: { type: 'float', value: 1e22 + i / 3 }, text: (1e22 + i / 3).toExponential() };
  if (value.type === 'bool') return { value: { type: 'bool', value: !value.value }, text: String(!value.value) };
  return undefined;
}
