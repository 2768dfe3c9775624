import { keyOfRow, planRenames, StateglassError } from '../src-core/index.ts';
import { applyEdits, type EditOptions, editFile } from './edit-file.ts';
import { readSedRule } from './sed-rule.ts';

export interface RenameOptions extends EditOptions {
  readonly rule?: string | number | readonly (string | number)[];
}

/** New names that are shown; a count stands for the rest. */
const SHOWN = 5;

/** `rename FILE --rule s/PATTERN/NEW/`: what rules make of all keys, each working on what those before it made. */
export async function rename(file: string, options: RenameOptions): Promise<void> {
  const rules = [options.rule ?? []].flat().map((rule) => readSedRule(String(rule)));
  if (rules.length === 0) throw new StateglassError({ kind: 'bad-input', detail: "give a rule: --rule 's/OLD/NEW/'" });
  await editFile(file, options, (before) => {
    const document = applyEdits(before, [{ op: 'rename-rules', args: { rules } }]);
    const plan = planRenames(before.state, rules);
    if ('kind' in plan) throw new StateglassError(plan);
    const { renamed } = plan;
    const columns = before.state.entries.columns();
    const shown = [...renamed].slice(0, SHOWN).map(([row, to]) => `  ${keyOfRow(columns, row)} → ${to}`);
    const count = `${renamed.size} of ${columns.count} names change`;
    return { document, lines: [count, ...shown, ...(renamed.size > SHOWN ? ['  …'] : [])] };
  });
}
