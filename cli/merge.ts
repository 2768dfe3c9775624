import { basename } from 'node:path';
import {
  AVERAGE,
  attachDonor,
  compareThree,
  type Document,
  MERGE_CONFLICT_WORDS,
  type MergePlan,
  planMerge,
  readMergeChoice,
  StateglassError,
} from '../src-core/index.ts';
import { readAlpha, readFinite } from './bake.ts';
import { applyEdits, type EditOptions, editFile, openForEditing } from './edit-file.ts';
import { Output } from './output.ts';
import { threadPool } from './pool.ts';
import { showProgress } from './progress.ts';
import { readRules } from './rule-file.ts';
import { readWorkers } from './stats.ts';

export interface MergeOptions extends EditOptions {
  readonly base?: string | number;
  readonly take?: string | number | readonly (string | number)[];
  readonly average?: boolean;
  readonly lora?: string | number;
  readonly alpha?: string | number;
  readonly metadata?: string | number;
  readonly map?: string | readonly string[];
  readonly workers?: number | string;
}

/** Exit code while somebody has to decide. */
const CONFLICTS = 1;

/** `merge A B`: what both made of a base, as edits of A. */
export async function merge(pathA: string, pathB: string, options: MergeOptions): Promise<void> {
  const choices = [options.take ?? []].flat().map((text) => readMergeChoice(String(text)));
  const lora = readLora(options);
  const metadata = readSide(options.metadata);
  const rules = await readRules([options.map ?? []].flat());
  const b = await openForEditing(pathB);
  const base = options.base === undefined ? undefined : await openForEditing(String(options.base));
  const names = nameDonors(pathB, options.base);
  await editFile(pathA, options, async (a) => {
    const three = await compare(base, a, b, rules, options);
    const plan = planMerge(
      three,
      { base, a, b },
      {
        choices,
        ...(options.average && { rest: AVERAGE }),
        ...(lora && { lora }),
        ...(metadata && { metadata }),
        names,
      },
    );
    if (plan.conflicts.length > 0) {
      await tellConflicts(plan, options.json === true);
      process.exitCode = CONFLICTS;
      return undefined;
    }
    const withB = attachDonor(a, names.b, b);
    const attached = base ? attachDonor(withB, names.base, base) : withB;
    return { document: applyEdits(attached, plan.edits), more: { conflicts: [], counts: plan.counts } };
  });
}

async function compare(
  base: Document | undefined,
  a: Document,
  b: Document,
  rules: Awaited<ReturnType<typeof readRules>>,
  { workers }: MergeOptions,
) {
  const pool = threadPool(readWorkers(workers));
  const progress = showProgress('compare');
  try {
    return await compareThree(base, a, b, { pool, rules, onProgress: progress.update });
  } finally {
    progress.end();
    await pool.close();
  }
}

/** Recipes call donors by the names of their files. */
function nameDonors(b: string, base: MergeOptions['base']): { readonly b: string; readonly base: string } {
  const [nameB, nameBase] = [basename(b), basename(String(base ?? 'base'))];
  return { b: nameB, base: nameBase === nameB ? `base/${nameBase}` : nameBase };
}

function readLora({ lora, alpha }: MergeOptions) {
  if (lora === undefined) {
    if (alpha !== undefined) throw bad('--alpha is of LoRA updates: give --lora STRENGTH too');
    return undefined;
  }
  const strength = readFinite('--lora', lora);
  return { ...(strength !== 1 && { strength }), ...(alpha !== undefined && { alpha: readAlpha(alpha) }) };
}

function readSide(side: MergeOptions['metadata']): 'a' | 'b' | 'base' | undefined {
  if (side === undefined || side === 'a' || side === 'b' || side === 'base') return side;
  throw bad(`--metadata takes a, b or base, not "${side}"`);
}

async function tellConflicts({ conflicts, counts }: MergePlan, json: boolean): Promise<void> {
  const out = new Output();
  if (json) out.line(JSON.stringify({ output: null, conflicts, counts }));
  else {
    for (const { key, kind, why, keyA, keyB } of conflicts) {
      const names = kind === 'renamed' ? ` (${keyA}, ${keyB})` : '';
      const advice = kind === 'metadata' ? ': give --metadata a, b or base' : '';
      out.line(`${key}: ${MERGE_CONFLICT_WORDS[kind]}${advice}${names}${why === undefined ? '' : `; ${why}`}`);
    }
    const count = conflicts.length === 1 ? '1 conflict' : `${conflicts.length} conflicts`;
    out.line(`${count}, nothing written. --take 'QUERY=a' (b, base, average, weighted:0.3) decides.`);
  }
  await out.end();
}

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
