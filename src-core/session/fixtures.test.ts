import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { nodeSource } from '../bytes/node.ts';
import type { StateDict } from '../model/state-dict.ts';
import { openFiles } from './open.ts';

/** Every fixture has a golden made by a library; every hostile file, opened as a drop would open it, is answered as its golden says. */
const FIXTURES = join(import.meta.dirname, '../fixtures');

interface Golden {
  readonly library: string;
  readonly version: string;
  readonly script: string;
  readonly scriptSha256: string;
  readonly expect?: string;
  readonly orElse?: readonly string[];
  readonly marker?: string;
}

/** A golden says which script wrote it: one beside a fixture, one of cases that need no file, or one of all files of its folder. */
const isGolden = (path: string): boolean =>
  path.endsWith('.json') && /"scriptSha256":/.test(readFileSync(join(FIXTURES, path), 'utf8').slice(0, HEAD));
/** Characters in which the record stands. */
const HEAD = 2000;

const files = readdirSync(FIXTURES, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(FIXTURES, join(entry.parentPath, entry.name)));
const goldens = files.filter(isGolden);
const paths = files.filter((path) => !goldens.includes(path));

const readGolden = (path: string): Golden => JSON.parse(readFileSync(join(FIXTURES, path), 'utf8'));

/** Folders whose files one golden describes, and cases from the systems' own texts, which libraries are held against. */
const TOGETHER = ['compare', 'renames'];
const CASES = ['systems'];

function hasGolden(path: string): boolean {
  const folder = dirname(path);
  if (TOGETHER.includes(folder)) return goldens.some((golden) => dirname(golden) === folder);
  if (folder === 'modules') return goldens.includes(path.replace(/(\.io)?\.safetensors$|$/, '.json'));
  if (folder === 'packed/decoded') return goldens.includes(`packed/${basename(path)}.json`);
  return goldens.includes(`${path}.json`) || CASES.includes(folder);
}

test('there are fixtures', () => {
  expect(paths.length).toBeGreaterThan(100);
});

test.each(paths)('%s has a golden', (path) => {
  expect(hasGolden(path)).toBe(true);
});

test.each(goldens)('%s says where it comes from', (path) => {
  const golden = readGolden(path);
  expect(golden.script).toMatch(/^tools\/fixtures\/\w+\.py$/);
  expect(golden.scriptSha256).toMatch(/^[0-9a-f]{64}$/);
  expect(golden.library).not.toBe('');
  expect(golden.version).not.toBe('');
});

test.each(paths.filter((path) => path.startsWith('hostile/')))('%s is answered as it should be', async (path) => {
  const golden = readGolden(`${path}.json`);
  const { documents, failures } = await openFiles([
    { id: basename(path), source: await nodeSource(join(FIXTURES, path)) },
  ]);
  const answer = outcomeOf(documents[0]?.state, failures[0]?.error.kind);
  expect([golden.expect, ...(golden.orElse ?? [])]).toContain(answer);
  if (golden.marker) expect(existsSync(golden.marker)).toBe(false);
});

function outcomeOf(state: StateDict | undefined, failure: string | undefined): string {
  if (!state) return failure ?? 'nothing';
  return state.problems.length > 0 ? 'opens-with-problems' : 'opens';
}
