import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../bytes/source.ts';
import type { Entry, JsonNode, StateDict } from '../../model/state-dict.ts';
import type { ReadResult } from '../format.ts';
import { json, plainText, toml, yaml } from './index.ts';

const FOLDER = 'src-core/fixtures/text';
const HOSTILE = 'src-core/fixtures/hostile';

interface GoldenEntry {
  key: string;
  path: (string | number)[];
  type: string;
  value?: unknown;
  lexeme?: string;
  of?: string;
}
interface Golden {
  entries: GoldenEntry[];
  dialect?: string;
  layout?: string;
  metadata: Record<string, unknown>;
  expect?: string;
}

const read = (folder: string, name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(join(folder, name)));
const golden = (folder: string, name: string): Golden => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
const names = (folder: string): string[] =>
  readdirSync(folder).filter((name) => readdirSync(folder).includes(`${name}.json`));
const isText = (name: string): boolean => /\.(json|toml|ya?ml)$/.test(name) && !name.endsWith('.index.json');

function open(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<ReadResult> {
  const format = [json, toml, yaml, plainText].find((f) => f.probe(bytes.subarray(0, 4096), name) !== 'no');
  if (!format) throw new Error(`no format takes ${name}`);
  const source: ByteSource = {
    name,
    size: bytes.length,
    handle: { kind: 'buffer', bytes, name },
    read: async (start, end) => bytes.slice(start, end),
  };
  return format.load().then((f) => f.read({ id: name, source, files: new Map([[name, source]]), set: [name] }));
}

async function openState(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<StateDict> {
  const result = await open(bytes, name);
  if ('decline' in result) throw new Error(result.decline);
  return result.state;
}

const entriesOf = (state: StateDict): Entry[] =>
  Array.from({ length: state.entries.length }, (_, i) => state.entries.at(i));

/** [key, value] of everything that is no container, so that it does not matter how far a list is taken apart. */
type Leaf = readonly [key: string, value: unknown];

function leavesOf(key: string, value: unknown): Leaf[] {
  if (Array.isArray(value) && value.length > 0)
    return value.flatMap((item, i) => leavesOf(key === '' ? `${i}` : `${key}.${i}`, item));
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([name, item]) => leavesOf(`${key}.${name}`, item));
  return [
    [key, Array.isArray(value) ? 'empty list' : value !== null && typeof value === 'object' ? 'empty dict' : value],
  ];
}

function goldenLeaves(entry: GoldenEntry): Leaf[] {
  if (entry.type === 'empty') return [[entry.key, `empty ${entry.of}`]];
  if (entry.type === 'null') return [[entry.key, null]];
  if (entry.type === 'int') return [[entry.key, Number(entry.value)]];
  if (entry.type === 'float') return [[entry.key, number(entry.value)]];
  return leavesOf(entry.key, entry.value);
}

function ourLeaves({ key, value }: Entry): Leaf[] {
  switch (value.type) {
    case 'empty':
      return [[key, `empty ${value.of}`]];
    case 'null':
      return [[key, null]];
    case 'int':
      return [[key, Number(value.digits)]];
    case 'float':
    case 'bool':
      return [[key, value.value]];
    case 'text':
      return [[key, value.text]];
    case 'json':
      return leavesOf(key, plain(value.json));
    default:
      throw new Error(value.type);
  }
}

function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'null':
      return null;
    case 'number':
      return number(node.lexeme);
    case 'bool':
    case 'string':
      return node.value;
    case 'literal':
      // Python writes microseconds in full.
      return node.lexeme.replace(/\.(\d+)/, (_, digits: string) => `.${digits.padEnd(6, '0')}`);
    case 'array':
      return node.items.map(plain);
    case 'object':
      return Object.fromEntries(node.members.map(([key, value]) => [key, plain(value)]));
  }
}

const number = (value: unknown): number =>
  value === 'inf' ? Infinity : value === '-inf' ? -Infinity : value === 'nan' ? Number.NaN : Number(value);

describe.each(names(FOLDER))('%s', (name) => {
  const expected = golden(FOLDER, name);

  it('lists the names, the order and the values Python lists', async () => {
    const state = await openState(read(FOLDER, name), name);
    expect(entriesOf(state).flatMap(ourLeaves)).toEqual(expected.entries.flatMap(goldenLeaves));
  });

  it('keeps digits and lexemes', async () => {
    const entries = entriesOf(await openState(read(FOLDER, name), name));
    for (const entry of expected.entries) {
      const found = entries.filter(({ key }) => key === entry.key).map(({ value }) => value);
      // Inside the language model, which is kept whole.
      if (found.length === 0) continue;
      if (entry.type === 'int')
        expect(found).toContainEqual(expect.objectContaining({ type: 'int', digits: entry.value }));
      if (entry.lexeme !== undefined) expect(found).toContainEqual(expect.objectContaining({ lexeme: entry.lexeme }));
    }
  });

  it('makes the columns of a tree', async () => {
    const state = await openState(read(FOLDER, name), name);
    expect(state.entries.columns().count).toBe(state.entries.length);
  });

  it('answers cuts and damaged bytes with a document or a typed error', async () => {
    const bytes = read(FOLDER, name);
    const step = Math.max(1, Math.floor(Math.min(bytes.length, 4096) / 60));
    for (let i = 0; i < Math.min(bytes.length, 4096); i += step) {
      await survive(bytes.slice(0, i), name);
      const damaged = bytes.slice();
      damaged[i]! ^= [0x01, 0x80, 0xff, 0x20][i % 4]!;
      await survive(damaged, name);
    }
  });
});

const ofDialect = (dialect: string): string[] =>
  names(FOLDER).filter((name) => golden(FOLDER, name).dialect === dialect);

describe.each(ofDialect('msgflux'))('msgflux %s', (name) => {
  const expected = golden(FOLDER, name);
  it('has exactly the entries of the state dict', async () => {
    const state = await openState(read(FOLDER, name), name);
    expect(state).toMatchObject({ dialect: 'msgflux', layout: 'flat' });
    const rows = entriesOf(state).map(({ key, path, value }) => ({ key, path: path.parts, type: value.type }));
    expect(rows).toEqual(expected.entries.map(({ key, path, type }) => ({ key, path, type })));
  });
});

describe.each(ofDialect('dspy'))('DSPy %s', (name) => {
  const expected = golden(FOLDER, name);
  it('keeps parameter paths, roles and versions', async () => {
    const state = await openState(read(FOLDER, name), name);
    expect(state).toMatchObject({ dialect: 'dspy', layout: 'nested' });
    const entries = entriesOf(state);
    for (const row of expected.entries) {
      // Lists of fields are taken apart here, the language model is kept whole.
      if (/signature\.fields$|(^|\.)lm\./.test(row.key)) continue;
      const entry = entries.find(({ key }) => key === row.key);
      expect({ path: entry?.path.parts, type: entry?.value.type }).toEqual({ path: row.path, type: row.type });
    }
    const versions = state.metadata.find((item) => item.section === 'metadata' && item.key === 'dependency_versions');
    expect(versions && plain(versions.value)).toEqual(expected.metadata.dependency_versions);
    const demos = entries.find(({ key, value }) => key.endsWith('demos') && value.type === 'json');
    if (demos)
      expect(demos).toMatchObject({
        value: { flavour: 'demos' },
        role: { role: 'parameter' },
        roleSource: 'heuristic',
      });
  });
});

/** Opens, declines, or fails with a place inside the file. */
async function survive(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<void> {
  const format = name.endsWith('.toml') ? toml : /\.ya?ml$/.test(name) ? yaml : json;
  if (format.probe(bytes.subarray(0, 4096), name) === 'no') return;
  try {
    const result = await open(bytes, name);
    if ('decline' in result) return;
    for (const { at } of result.state.problems) expect(at ?? 0).toBeLessThanOrEqual(bytes.length);
    result.state.entries.columns();
  } catch (error) {
    expect(error).toMatchObject({
      name: 'StateglassError',
      info: { kind: expect.stringMatching(/^(malformed|limit)$/) },
    });
    expect((error as { info: { at?: number } }).info.at ?? 0).toBeLessThanOrEqual(bytes.length);
  }
}

/** Python's reader refuses these; they open here with a problem that says so. */
const KINDER: Readonly<Record<string, string>> = {
  'nan.json': 'non-finite',
  'not-utf8.json': 'not-utf8',
  'duplicate-keys.toml': 'duplicate-key',
};

describe.each(names(HOSTILE).filter(isText))('hostile %s', (name) => {
  it('is refused, or opens with a problem', async () => {
    const expected = golden(HOSTILE, name).expect;
    const outcome = await openState(read(HOSTILE, name), name).then(
      (state) => state,
      (error: { info?: { kind: string } }) => error.info?.kind ?? error,
    );
    const kinder = KINDER[name];
    if (expected === 'malformed' && kinder) expect(outcome).toMatchObject({ problems: [{ code: kinder }] });
    else if (expected?.startsWith('opens')) expect(outcome).toHaveProperty('entries');
    else expect(outcome).toBe(expected);
  });
});
