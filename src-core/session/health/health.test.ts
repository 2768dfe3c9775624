import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeSource, openNodeHandle } from '../../bytes/node.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { columnsOf, llamaRows, mixtureRows } from '../../model/columns.fixture.ts';
import { labelTexts } from '../../model/labels.ts';
import type { Problem } from '../../model/state-dict.ts';
import { buildTree } from '../../model/tree.ts';
import type { Document } from '../document.ts';
import { localPool } from '../local-pool.ts';
import { openFiles } from '../open.ts';
import { checkHealth, checkStructure, prepareHealth } from './check-health.ts';
import { findSequences } from './sequences.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const HEALTH = join(FIXTURES, 'health');
const EXAMPLES = join(import.meta.dirname, '../../../public/examples');

/** What a check has to find. Everything else it says may be a note at most. */
interface Fault {
  readonly code: string;
  readonly severity?: 'note';
  readonly key?: string;
  readonly file?: string;
  readonly at?: number;
  readonly says?: string;
}

const isGolden = (name: string, all: readonly string[]): boolean =>
  name.endsWith('.json') && all.includes(name.slice(0, -'.json'.length));

/** All files of a folder, as one drop. */
async function openFolder(path: string): Promise<Document> {
  const names = readdirSync(path).filter((name, _, all) => !isGolden(name, all));
  const files = names.map(async (name) => ({
    id: `${basename(path)}/${name}`,
    source: await nodeSource(join(path, name)),
  }));
  const { documents } = await openFiles(await Promise.all(files));
  return documents[0] as Document;
}

const readFaults = (path: string): readonly Fault[] =>
  readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const { faults } = JSON.parse(readFileSync(join(path, name), 'utf8'));
      return Array.isArray(faults) ? faults : [];
    });

const pool = localPool(openNodeHandle);
const serious = (problems: readonly Problem[]) => problems.filter(({ severity }) => severity !== 'note');

function fits(document: Document, problem: Problem, fault: Fault): boolean {
  const key = problem.entry === undefined ? undefined : document.state.entries.at(problem.entry).key;
  return (
    problem.code === fault.code &&
    (problem.severity === 'note') === (fault.severity === 'note') &&
    (fault.key === undefined || fault.key === key) &&
    (fault.file === undefined || fault.file === problem.file) &&
    (fault.at === undefined || fault.at === problem.at) &&
    (fault.says === undefined || problem.message.includes(fault.says))
  );
}

const damaged = readdirSync(join(HEALTH, 'damaged'));
const clean = readdirSync(join(HEALTH, 'clean'));

test('there are fixtures of both kinds', () => {
  expect(damaged.length).toBeGreaterThan(40);
  expect(clean.length).toBeGreaterThan(12);
});

test.each(damaged)('%s: the planted fault is found, and nothing else', async (name) => {
  const document = await openFolder(join(HEALTH, 'damaged', name));
  const problems = await checkHealth(document, pool);
  const faults = readFaults(join(HEALTH, 'damaged', name));
  expect(faults.length).toBeGreaterThan(0);
  for (const fault of faults) {
    const found = problems.filter((problem) => fits(document, problem, fault));
    expect(found.length, `${JSON.stringify(fault)} in ${JSON.stringify(problems, null, 1)}`).toBeGreaterThan(0);
  }
  const others = serious(problems).filter((problem) => !faults.some((fault) => fits(document, problem, fault)));
  expect(others).toEqual([]);
});

test.each(clean)('%s is healthy', async (name) => {
  const problems = await checkHealth(await openFolder(join(HEALTH, 'clean', name)), pool);
  expect(serious(problems)).toEqual([]);
});

test.each(readdirSync(EXAMPLES).filter((name) => name !== 'examples.json'))(
  'the example %s is healthy',
  async (name) => {
    const source = await nodeSource(join(EXAMPLES, name));
    const { documents } = await openFiles([{ id: name, source }]);
    expect(serious(await checkHealth(documents[0] as Document, pool))).toEqual([]);
  },
);

const hostile = readdirSync(join(FIXTURES, 'hostile')).filter((name, _, all) => !isGolden(name, all));
test.each(hostile)('%s: no rule throws, and each problem says what to do', async (name) => {
  const path = join(FIXTURES, 'hostile', name);
  if (statSync(path).isDirectory()) return;
  const { documents } = await openFiles([{ id: name, source: await nodeSource(path) }]);
  for (const document of documents) {
    const problems = await checkHealth(document, pool);
    expect(problems.filter(({ advice }) => !advice)).toEqual([]);
  }
});

test('structure reads no tensor; values are told as they are found and can be cancelled', async () => {
  const document = await openFolder(join(HEALTH, 'damaged/nan'));
  const reads: number[] = [];
  const source = [...document.files.values()].find(({ name }) => name.endsWith('.safetensors')) as ByteSource;
  const counted: ByteSource = {
    ...source,
    read: (start, end, signal) => {
      reads.push(start);
      return source.read(start, end, signal);
    },
  };
  const files = new Map([...document.files].map(([id, one]) => [id, one === source ? counted : one]));
  expect(serious(await checkHealth({ ...document, files }))).toEqual([]);
  expect(reads).toEqual([]);
  const told: string[] = [];
  await checkHealth(document, pool, { onProblem: ({ code }) => told.push(code) });
  expect(told).toContain('nan');
  const signal = AbortSignal.abort();
  await expect(checkHealth(document, pool, { signal })).rejects.toMatchObject({ info: { kind: 'cancelled' } });
});

test.each([
  ['a Llama', llamaRows(32)],
  ['a mixture of experts', mixtureRows(20_000)],
])('the names and shapes of %s are healthy', async (_, rows) => {
  const document = await openFolder(join(HEALTH, 'clean/lora'));
  const columns = columnsOf(rows);
  const facts = { ...(await prepareHealth(document)), columns, tree: buildTree(columns), isAdapter: false };
  expect(checkStructure({ ...facts, labels: labelTexts(facts.tree), sequences: findSequences(facts.tree) })).toEqual(
    [],
  );
});
