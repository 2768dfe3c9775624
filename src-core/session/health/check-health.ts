import { StateglassError, toErrorInfo } from '../../base/errors.ts';
import { ProblemList } from '../../model/problem-list.ts';
import type { Problem } from '../../model/state-dict.ts';
import type { Document } from '../document.ts';
import type { Pool } from '../ports.ts';
import { readConfig } from '../read-config.ts';
import { type EntryStats, type ScanOptions, scanStats } from '../scan.ts';
import { viewUnpacked } from '../view-unpacked.ts';
import { gatherFacts, type HealthFacts, type Laid } from './facts.ts';
import { STRUCTURE_RULES } from './structure-rules.ts';
import { ValueCheck } from './value-check.ts';

export interface HealthOptions extends ScanOptions {
  /** Columns and tree of the document, where somebody has them already. */
  readonly laid?: Laid;
  /** Told of each problem that values show, as soon as it is found. */
  readonly onProblem?: (problem: Problem) => void;
  /** Statistics, for whoever else wants them. */
  readonly onStats?: (stats: EntryStats) => void;
}

/**
 * What is wrong with a document: what its reader found, what its names and shapes tell, and with a pool what its values tell.
 * Without one no tensor is read. Each problem says what and where, why it matters and what to do.
 *
 * @throws `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function checkHealth(
  document: Document,
  pool?: Pool,
  options: HealthOptions = {},
): Promise<readonly Problem[]> {
  const facts = await prepareHealth(document, options);
  const problems = checkStructure(facts);
  return pool ? [...problems, ...(await checkValues(facts, pool, options))] : problems;
}

/** What rules look at, gathered once: reads the model's `config.json` and nothing else. */
export async function prepareHealth(document: Document, options: HealthOptions = {}): Promise<HealthFacts> {
  return gatherFacts(document, await readConfig(document, options.signal), options.laid);
}

/** What a reader found, and what names and shapes tell. */
export function checkStructure(facts: HealthFacts): readonly Problem[] {
  const list = new ProblemList();
  for (const rule of STRUCTURE_RULES) for (const problem of rule(facts)) list.add(problem);
  return [...facts.document.state.problems, ...list.finish()];
}

/**
 * What values tell; of packed weights the numbers they stand for. Each tensor is read once, and those that look odd are looked at again.
 *
 * @throws `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function checkValues(
  stored: HealthFacts,
  pool: Pool,
  { signal, onProgress, onProblem, onStats }: HealthOptions = {},
): Promise<readonly Problem[]> {
  const facts = await unpackFacts(stored, signal);
  const list = new ProblemList();
  const check = new ValueCheck(facts);
  const tell = (problem: Problem) => {
    if (list.add(problem)) onProblem?.(problem);
  };
  const scan = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  await scanAll(facts.document, pool, scan, (stats) => {
    onStats?.(stats);
    for (const problem of check.add(stats)) tell(problem);
  });
  for await (const problem of check.finish(pool, signal)) tell(problem);
  return list.finish();
}

async function unpackFacts(facts: HealthFacts, signal: AbortSignal | undefined): Promise<HealthFacts> {
  const document = await viewUnpacked(facts.document, undefined, signal);
  return document === facts.document ? facts : { ...facts, document, columns: document.state.entries.columns() };
}

/** Statistics of every tensor. A stream that breaks inside one (a damaged deflate) stops no other: the rest are asked for one by one. */
async function scanAll(
  document: Document,
  pool: Pool,
  options: ScanOptions,
  take: (stats: EntryStats) => void,
): Promise<void> {
  const left = new Set(Array.from({ length: document.state.entries.length }, (_, row) => row));
  const settle = (stats: EntryStats) => {
    left.delete(stats.id);
    take(stats);
  };
  try {
    await scanStats(document, [...left], pool, settle, options);
    return;
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const { signal } = options;
  for (const row of [...left]) {
    try {
      await scanStats(document, [row], pool, settle, { ...(signal && { signal }) });
    } catch (error) {
      if (!isDamage(error)) throw error;
      settle({ id: row, of: 'values', sameAs: [], error: toErrorInfo(error) });
    }
  }
}

const isDamage = (error: unknown): error is StateglassError =>
  error instanceof StateglassError && (error.info.kind === 'malformed' || error.info.kind === 'limit');
