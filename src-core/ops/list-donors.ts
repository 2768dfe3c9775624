import type { Edit } from '../model/edit.ts';

/** Args name the document that they take values from as `donor`, or each of several in `others`. */
interface Taking {
  readonly donor?: unknown;
  readonly others?: unknown;
}

/**
 * Names of the donors that edits take values from, each once, in the order they are first named. It needs no op, so that a page
 * which makes no edits itself can ask it.
 */
export function listDonors(edits: readonly Edit[]): readonly string[] {
  return [...new Set(edits.flatMap(({ args }) => donorsOf(args)))];
}

export function donorsOf(args: unknown): readonly string[] {
  const { donor, others } = (args ?? {}) as Taking;
  const several = Array.isArray(others) ? others.flatMap(donorsOf) : [];
  return typeof donor === 'string' ? [donor, ...several] : several;
}
