import { type Document, planPatch, type RenameRule, writePlan } from '../src-core/index.ts';
import { openNodeHandle } from '../src-core/node.ts';
import { Output } from './output.ts';
import { threadPool } from './pool.ts';
import { showProgress } from './progress.ts';
import { readWorkers } from './stats.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { checkFree, writeFile } from './write-file.ts';

interface PatchFileOptions {
  readonly json?: boolean;
  readonly force?: boolean;
  readonly workers?: number | string;
}

/** The difference of two documents as a file that `replay` applies; none where they do not differ. */
export async function writePatch(
  a: Document,
  b: Document,
  rules: readonly RenameRule[],
  path: string,
  { json, force = false, workers }: PatchFileOptions,
): Promise<void> {
  checkFree(path, force);
  const pool = threadPool(readWorkers(workers));
  const progress = showProgress('diff');
  const { signal, release } = stopOnSignals();
  try {
    const plan = await planPatch(a, b, { pool, rules, signal, onProgress: progress.update });
    const { edits, tensors, size } = plan;
    if (edits.length > 0) await writeFile(path, force, (sink) => writePlan(plan, sink, openNodeHandle, { signal }));
    progress.end();
    const out = new Output();
    if (json) out.line(JSON.stringify({ output: edits.length > 0 ? path : null, size, tensors, edits }));
    else if (edits.length === 0) out.line('no difference, nothing written');
    else
      out.line(
        `${path}: ${count(edits.length, 'edit', 'edits')}, ${count(tensors, 'tensor', 'tensors')}, ${size} bytes`,
      );
    await out.end();
  } finally {
    progress.end();
    release();
    await pool.close();
  }
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;
