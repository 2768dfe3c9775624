import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
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

/** Statistics of fixtures that stand elsewhere, what libraries write for them, and cases of operations have no fixture beside them. */
const APART = ['stats', 'export', 'systems', 'derived'];

const paths = readdirSync(FIXTURES, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => !isGolden(path))
  .map((path) => relative(FIXTURES, path));

function isGolden(path: string): boolean {
  const isApart = APART.some((folder) => path.startsWith(join(FIXTURES, folder)));
  if (path.endsWith('.json') && isApart) return true;
  return path.endsWith('.json') && existsSync(path.slice(0, -'.json'.length));
}

const readGolden = (path: string): Golden => JSON.parse(readFileSync(join(FIXTURES, `${path}.json`), 'utf8'));

test('there are fixtures', () => {
  expect(paths.length).toBeGreaterThan(100);
});

test.each(paths)('%s has a golden that says where it comes from', (path) => {
  expect(existsSync(join(FIXTURES, `${path}.json`))).toBe(true);
  const golden = readGolden(path);
  expect(golden.script).toMatch(/^tools\/fixtures\/\w+\.py$/);
  expect(golden.scriptSha256).toMatch(/^[0-9a-f]{64}$/);
  expect(golden.library).not.toBe('');
  expect(golden.version).not.toBe('');
});

test.each(paths.filter((path) => path.startsWith('hostile/')))('%s is answered as it should be', async (path) => {
  const golden = readGolden(path);
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
