import { LIMITS } from '../base/limits.ts';
import type { Problem } from './state-dict.ts';

/** A note tells of something; an error or a warning marks the entry it points at. */
export const marksEntry = (problem: Pick<Problem, 'severity'>): boolean => problem.severity !== 'note';

/** Problems as they are found, with a cap for each kind and a count of the rest. */
export class ProblemList {
  private readonly found: Problem[] = [];
  private counts = new Map<string, { readonly count: number; readonly last: Problem }>();

  /** Whether it is told by itself: past the cap a problem is only counted. */
  add(problem: Problem): boolean {
    const count = (this.counts.get(problem.code)?.count ?? 0) + 1;
    this.counts.set(problem.code, { count, last: problem });
    const isTold = count <= LIMITS.problemsPerKind;
    if (isTold) this.found.push(problem);
    return isTold;
  }

  mark(): ProblemMark {
    return { found: this.found.length, counts: new Map(this.counts) };
  }

  /** Forgets the problems added since the mark. */
  rollBack(mark: ProblemMark): void {
    this.found.length = mark.found;
    this.counts = new Map(mark.counts);
  }

  finish(): readonly Problem[] {
    const rest: Problem[] = [];
    for (const [code, { count, last }] of this.counts) {
      const more = count - LIMITS.problemsPerKind;
      if (more > 0)
        rest.push({ code, severity: last.severity, message: `${more} more problems of this kind were found.` });
    }
    return [...this.found, ...rest];
  }
}

export interface ProblemMark {
  readonly found: number;
  readonly counts: ReadonlyMap<string, { readonly count: number; readonly last: Problem }>;
}
