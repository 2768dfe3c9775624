import type { Edit } from '../model/edit.ts';
import type { RenameRule } from '../model/keys/rename-rules.ts';

/** What a system would do if one state dict were loaded into another. Keys are as a person writes them. */
export interface LoadReport {
  readonly policy: PolicyId;
  /** What it raises: the class of the exception and its words in gist. */
  readonly error: { readonly type: string; readonly message: string } | null;
  /** What it says on the way, or should: warnings, and what its silence hides. */
  readonly warnings: readonly string[];
  /** What a call that succeeds gives back, where that says something. */
  readonly returns?: string;
  /** Entries that fit together by the system's own rule. */
  readonly assigned: readonly LoadPair[];
  /** Keys of the target that nothing is loaded into. */
  readonly missing: readonly string[];
  /** Keys of the source that go nowhere. */
  readonly unexpected: readonly string[];
  /** Keys of the source that the target did not have, and has afterwards. */
  readonly added: readonly string[];
  readonly mismatched: readonly Mismatch[];
  /** For missing keys, those of the source that may have been meant, best first. */
  readonly suggestions: readonly LoadSuggestion[];
  /** Keys of the target that have changed already when it raises. */
  readonly partial: readonly string[];
}

export interface LoadPair {
  readonly target: string;
  readonly source: string;
}

export interface LoadSuggestion {
  readonly key: string;
  readonly candidates: readonly string[];
}

export const MISMATCHES = ['shape', 'dtype', 'rank', 'alignment', 'quant', 'kind', 'uninitialized'] as const;
export type MismatchKind = (typeof MISMATCHES)[number];

export interface Mismatch {
  /** Of the target. */
  readonly key: string;
  readonly what: MismatchKind;
  readonly expected: string;
  readonly actual: string;
  /** What would make the source fit without guessing: a cast, a reshape that keeps every element. */
  readonly remedy?: Edit;
}

export const POLICY_IDS = [
  'torch-strict',
  'torch-nonstrict',
  'torch-assign',
  'max-strict',
  'max-nonstrict',
  'caten',
  'caten-silent',
  'nnx-replace-by-pure-dict',
  'nnx-update',
  'nnx-merge',
  'flax-from-state-dict',
  'inox-update-state',
  'inox-combine',
  'msgflux',
  'msgflux-fixed',
  'dspy',
] as const;
export type PolicyId = (typeof POLICY_IDS)[number];

export interface LoadOptions {
  /** Rules that the keys of the source go through first, in this order. */
  readonly map?: readonly RenameRule[];
  /** Torch names the class of the module in its message; the declared one, or `Module`, unless told. */
  readonly className?: string;
  /** MAX: bytes that every weight has to be aligned to; 0 is ignored. */
  readonly weightAlignment?: number;
  /** MAX: a weight takes the quantisation of what is loaded. */
  readonly overrideQuantizationEncoding?: boolean;
}
