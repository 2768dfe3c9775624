import {
  compareDocuments,
  type Document,
  emptyDocument,
  hasDifferences,
  makeReport,
  reportAsHtml,
  reportAsJson,
  reportAsMarkdown,
  reportAsText,
  StateglassError,
  viewPaired,
} from '../src-core/index.ts';
import { openPaths } from './open-paths.ts';
import { Output } from './output.ts';
import { threadPool } from './pool.ts';
import { showProgress } from './progress.ts';
import { readRules } from './rule-file.ts';
import { readWorkers } from './stats.ts';
import { writePatch } from './write-patch.ts';

export interface DiffOptions {
  readonly values?: boolean;
  /** Rules, or files of them. */
  readonly map?: string | readonly string[];
  readonly json?: boolean;
  readonly md?: boolean;
  readonly html?: boolean;
  /** In JSON what is the same too. */
  readonly all?: boolean;
  /** Write the difference to this file. */
  readonly patch?: string | number;
  readonly force?: boolean;
  readonly workers?: number | string;
}

/** Exit code when the two differ. */
const DIFFERENT = 1;

/** `diff A B`: what changed from one state dict to another, whatever formats they are in. */
export async function diff(pathA: string, pathB: string, options: DiffOptions): Promise<void> {
  if ([options.json, options.md, options.html].filter(Boolean).length > 1)
    throw new StateglassError({ kind: 'bad-input', detail: 'one of --json, --md and --html, not several' });
  const rules = await readRules([options.map ?? []].flat());
  const opened = [await openOne(pathA), await openOne(pathB)] as const;
  if (options.patch !== undefined) return writePatch(...opened, rules, String(options.patch), options);
  const [a, b] = await viewPaired(...opened);
  const pool = options.values ? threadPool(readWorkers(options.workers)) : undefined;
  const progress = showProgress('diff');
  try {
    const comparison = await compareDocuments(a, b, {
      rules,
      onProgress: progress.update,
      ...(pool && { values: true, pool }),
    });
    progress.end();
    const out = new Output();
    const report = makeReport(comparison, a, b);
    if (options.json) out.write(reportAsJson(comparison, a, b, options.all));
    else out.write((options.html ? reportAsHtml : options.md ? reportAsMarkdown : reportAsText)(report));
    await out.end();
    // The JSON has no place for it.
    if (options.json && comparison.failures.size > 0) process.stderr.write(`${report.notes.join('\n')}\n`);
    if (hasDifferences(comparison)) process.exitCode = DIFFERENT;
  } finally {
    progress.end();
    await pool?.close();
  }
}

/** What git names where a file is new or gone. */
const NOTHING = '/dev/null';

async function openOne(path: string): Promise<Document> {
  if (path === NOTHING) return emptyDocument(path);
  const documents = await openPaths([path]);
  const [document] = documents;
  if (document && documents.length === 1) return document;
  const names = documents.map(({ name }) => name).join(', ');
  throw new StateglassError({ kind: 'bad-input', detail: `${path} holds several state dicts, name one: ${names}` });
}
