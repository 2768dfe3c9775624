import type { Outline } from './outline.ts';
import type { LoadOptions, PolicyId } from './report.ts';
import type { ReportDraft } from './report-draft.ts';

/** What a policy does about one kind of difference. */
export type Reaction = 'error' | 'warn' | 'ignore' | 'add' | 'assign' | 'cast' | 'report' | 'none';

/** How one system loads a state dict: a file in `policies/` and a line in the list of them. */
export interface LoadPolicy {
  readonly id: PolicyId;
  readonly label: string;
  /** The call as a person writes it. */
  readonly call: string;
  readonly missing: Reaction;
  readonly unexpected: Reaction;
  readonly shape: Reaction;
  readonly dtype: Reaction;
  readonly match: 'exact' | 'exact, then ints' | 'by position' | 'replace in the whole key';
  /** Nothing has changed when it raises. */
  readonly atomic: boolean;
  plan(target: Outline, source: Outline, options: LoadOptions): ReportDraft;
}

/** A policy as it is listed. */
export type LoadPolicyInfo = Omit<LoadPolicy, 'plan'>;
