import type { ErrorInfo } from '../../base/errors.ts';
import { StateglassError, toErrorInfo } from '../../base/errors.ts';
import { changeState } from '../../model/change-state.ts';
import type { NewEntry } from '../../model/edited-entries.ts';
import { compileRules, type RenameRule } from '../../model/keys/rename-rules.ts';
import { keyOfPath, renamePath } from '../../model/rename-path.ts';
import type { EntryId, StateDict } from '../../model/state-dict.ts';
import { storedKeys } from '../../model/stored-keys.ts';
import { readArgs } from '../args.ts';
import type { Op } from '../op.ts';

export interface RenameRulesArgs {
  /** Each works on what those before it made. */
  readonly rules: readonly RenameRule[];
}

/** Renames every key that rules change. Two keys that would become one are refused, and named. */
export const renameRules: Op<RenameRulesArgs> = {
  id: 'rename-rules',
  title: ({ rules }) =>
    `Rename by ${rules.map(({ pattern, to }) => (to === '' ? `removing ${pattern}` : `${pattern} → ${to}`)).join(', then ')}`,
  parse(args) {
    const { rules } = readArgs('rename-rules', args, { rules: 'anything' });
    if (!Array.isArray(rules)) throw refuse('rules is not a list');
    return { rules: rules.map(readRule) };
  },
  check(state, { rules }) {
    const plan = planRenames(state, rules);
    return 'kind' in plan ? plan : plan.collisions.length > 0 ? wordCollisions(plan.collisions) : undefined;
  },
  apply(state, { rules }) {
    const plan = planRenames(state, rules);
    if ('kind' in plan || plan.renamed.size === 0) return state;
    const replace = new Map<EntryId, NewEntry>();
    for (const [row, to] of plan.renamed) {
      const entry = state.entries.at(row);
      const path = renamePath(entry.path, to);
      replace.set(row, { ...entry, path, key: keyOfPath(path) });
    }
    return changeState(state, { replace });
  },
};

function readRule(rule: unknown): RenameRule {
  const { flags, ...read } = readArgs('rename-rules', rule, { pattern: 'text', to: 'text', flags: 'text?' });
  if (flags === undefined) return read;
  if (flags !== 'i') throw refuse(`flags can be i, not ${flags}`);
  return { ...read, flags };
}

export interface RenamePlan {
  readonly renamed: ReadonlyMap<EntryId, string>;
  /** Keys that more than one entry would have. */
  readonly collisions: readonly string[];
}

/** What rules would do, for a preview; or what is wrong with a rule. */
export function planRenames(state: StateDict, rules: readonly RenameRule[]): RenamePlan | ErrorInfo {
  let renameKey: (key: string) => string;
  try {
    renameKey = compileRules(rules);
  } catch (error) {
    return toErrorInfo(error);
  }
  const keyOf = storedKeys(state.entries);
  const renamed = new Map<EntryId, string>();
  /** What the first entry of each new key was called. */
  const seen = new Map<string, string>();
  const collisions = new Set<string>();
  for (let row = 0; row < state.entries.length; row++) {
    const key = keyOf(row);
    const to = renameKey(key);
    if (to === '' && key !== '') return { kind: 'bad-input', detail: `${key} would have no name` };
    if (to !== key) renamed.set(row, to);
    // Keys that looked the same before (0 and "0", or a dot inside a part) are not the rules' doing.
    if ((seen.get(to) ?? key) !== key) collisions.add(to);
    if (!seen.has(to)) seen.set(to, key);
  }
  return { renamed, collisions: [...collisions] };
}

const TOLD = 3;

function wordCollisions(keys: readonly string[]): ErrorInfo {
  const more = keys.length > TOLD ? ` and ${keys.length - TOLD} more` : '';
  return { kind: 'bad-input', detail: `two entries would be called ${keys.slice(0, TOLD).join(', ')}${more}` };
}

const refuse = (detail: string): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `rename-rules: ${detail}` });
