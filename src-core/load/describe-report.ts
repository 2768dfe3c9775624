import type { LoadReport, LoadSuggestion, Mismatch, PolicyId } from './report.ts';

/** A report as JSON, for other programs: the members are these and no others. */
export interface LoadReportJson {
  readonly policy: PolicyId;
  readonly raises: boolean;
  /** `RuntimeError: …` as Python prints it; else what the system says: warnings, and what the call gives back. */
  readonly message: string;
  /** Keys of the target. */
  readonly assigned: readonly string[];
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly added: readonly string[];
  readonly mismatched: readonly Omit<Mismatch, 'remedy'>[];
  readonly suggestions: readonly LoadSuggestion[];
  readonly partial: readonly string[];
}

export function describeReport(report: LoadReport): LoadReportJson {
  const { policy, error, assigned, missing, unexpected, added, mismatched, suggestions, partial } = report;
  return {
    policy,
    raises: error !== null,
    message: wordOutcome(report),
    assigned: assigned.map(({ target }) => target),
    missing,
    unexpected,
    added,
    mismatched: mismatched.map(({ key, what, expected, actual }) => ({ key, what, expected, actual })),
    suggestions,
    partial,
  };
}

/** What the system would say, line by line; empty where it is silent. */
export function wordOutcome({ error, warnings, returns }: LoadReport): string {
  if (error) return `${error.type}: ${error.message}`;
  return [...warnings, ...(returns === undefined ? [] : [returns])].join('\n');
}

/** Whether it loads, and leaves nothing on either side. */
export const loadsWhole = ({ error, missing, unexpected }: LoadReport): boolean =>
  error === null && missing.length === 0 && unexpected.length === 0;
