import type { ErrorInfo } from '../base/errors.ts';
import { toErrorInfo } from '../base/errors.ts';
import { compileRules, type RenameRule } from '../model/keys/rename-rules.ts';
import type { StateDict } from '../model/state-dict.ts';
import { storedKeys } from '../model/stored-keys.ts';

/** What rules make of A's keys, beside what B has. */
export interface RulePreview {
  /** The first of those that the rules rename, in the order of A. */
  readonly shown: readonly RenamedKey[];
  /** Of all that are renamed. */
  readonly renamed: number;
  /** Of those, the ones that B has. */
  readonly found: number;
  /** Keys of B that more than one entry of A would have; the first of A takes it. */
  readonly collisions: readonly string[];
  /** Keys of A as the rules leave them, that B has not. */
  readonly missing: number;
}

export interface RenamedKey {
  readonly row: number;
  readonly from: string;
  readonly to: string;
  readonly isInB: boolean;
}

/** A screen holds some fifty. */
const SHOWN = 500;

/**
 * What rules would pair, while they are typed: nothing is paired, and nothing read. What is wrong with a rule instead, when it
 * is no regular expression.
 */
export function previewRules(a: StateDict, b: StateDict, rules: readonly RenameRule[]): RulePreview | ErrorInfo {
  let rename: (key: string) => string;
  try {
    rename = compileRules(rules);
  } catch (error) {
    return toErrorInfo(error);
  }
  const [keyA, keyB] = [storedKeys(a.entries), storedKeys(b.entries)];
  const inB = new Set(Array.from({ length: b.entries.length }, (_, row) => keyB(row)));
  const shown: RenamedKey[] = [];
  const taken = new Set<string>();
  const collisions = new Set<string>();
  let [renamed, found, missing] = [0, 0, 0];
  for (let row = 0; row < a.entries.length; row++) {
    const from = keyA(row);
    const to = rename(from);
    const isInB = inB.has(to);
    if (!isInB) missing++;
    else if (taken.has(to)) collisions.add(to);
    taken.add(to);
    if (to === from) continue;
    renamed++;
    if (isInB) found++;
    if (shown.length < SHOWN) shown.push({ row, from, to, isInB });
  }
  return { shown, renamed, found, collisions: [...collisions], missing };
}
