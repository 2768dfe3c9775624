import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkHealth, type Document, type Problem } from '../src-core/index.ts';
import { openPaths } from './open-paths.ts';
import { Output } from './output.ts';
import { threadPool } from './pool.ts';
import { showProgress } from './progress.ts';
import { readWorkers } from './stats.ts';

export interface CheckOptions {
  readonly json?: boolean;
  /** Names, shapes and bytes' places only: no value is read. */
  readonly structure?: boolean;
  readonly workers?: number | string;
}

const ORDER: readonly Problem['severity'][] = ['error', 'warning', 'note'];
/** Exit code when something was found that is more than a note. */
const FOUND = 1;

/** `check FILE…`: what is wrong with state dicts, where, why it matters, and what to do. */
export async function check(files: readonly string[], options: CheckOptions): Promise<void> {
  const documents = await openPaths(addConfigs(files));
  const problems = await checkAll(documents, options);
  const out = new Output();
  if (options.json) {
    const all = documents.flatMap((document, i) => (problems[i] ?? []).map((problem) => toJson(document, problem)));
    out.write(all.length === 0 ? '[]\n' : `[${all.join(',\n')}]\n`);
  } else {
    for (const [i, document] of documents.entries()) printDocument(document, problems[i] ?? [], options, out);
  }
  await out.end();
  if (problems.flat().some(({ severity }) => severity !== 'note')) process.exitCode = FOUND;
}

/** The config beside a file says what its shapes should be. A folder brings its own. */
function addConfigs(paths: readonly string[]): readonly string[] {
  const beside = paths
    .filter((path) => existsSync(path) && statSync(path).isFile())
    .map((path) => join(dirname(path), 'config.json'))
    .filter((path) => existsSync(path) && !paths.includes(path));
  return [...paths, ...new Set(beside)];
}

async function checkAll(documents: readonly Document[], options: CheckOptions): Promise<(readonly Problem[])[]> {
  const found: (readonly Problem[])[] = [];
  if (options.structure) {
    for (const document of documents) found.push(await checkHealth(document));
    return found;
  }
  const pool = threadPool(readWorkers(options.workers));
  const progress = showProgress('check');
  try {
    for (const document of documents) found.push(await checkHealth(document, pool, { onProgress: progress.update }));
    return found;
  } finally {
    progress.end();
    await pool.close();
  }
}

const keyOf = ({ state }: Document, { entry }: Problem): string | undefined =>
  entry === undefined ? undefined : state.entries.at(entry).key;

function toJson(document: Document, problem: Problem): string {
  const { code, severity, message, advice, file, at } = problem;
  return JSON.stringify({ code, severity, message, advice, key: keyOf(document, problem), file, at });
}

function printDocument(
  document: Document,
  problems: readonly Problem[],
  { structure }: CheckOptions,
  out: Output,
): void {
  const { name, state } = document;
  const what = `${state.entries.length} ${state.entries.length === 1 ? 'entry' : 'entries'}${structure ? ', values not read' : ''}`;
  const counts = ORDER.flatMap((severity) => {
    const count = problems.filter((problem) => problem.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`];
  });
  out.line(`${name}: ${counts.length === 0 ? 'nothing wrong found' : counts.join(', ')} (${what})`);
  for (const severity of ORDER) {
    for (const code of new Set(problems.filter((one) => one.severity === severity).map((one) => one.code))) {
      const alike = problems.filter((one) => one.severity === severity && one.code === code);
      out.line(`\n${severity} ${code}`);
      for (const [i, problem] of alike.entries()) {
        out.line(`  ${problem.message}`);
        const place = placeOf(document, problem);
        if (place) out.line(`    at ${place}`);
        if (problem.advice && problem.advice !== alike[i + 1]?.advice) out.line(`    ${problem.advice}`);
      }
    }
  }
}

/** The key; the byte where there is one; the file where the key does not say it. */
function placeOf(document: Document, problem: Problem): string {
  const { file, at } = problem;
  const key = keyOf(document, problem);
  const isOfShard = document.state.files.some(({ id, part }) => id === file && part === 'model');
  const where = at !== undefined ? `${file ?? document.name}, byte ${at}` : key && !isOfShard ? undefined : file;
  return [key, where].filter((part) => part !== undefined).join(' in ');
}
