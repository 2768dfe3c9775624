import type { Outline } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import { ReportDraft } from '../report-draft.ts';
import { takeAll } from '../systems/take-all.ts';

/** A copy of the state with the other in it: unknown keys are added, nothing is compared. */
export const inoxUpdateState: LoadPolicy = {
  id: 'inox-update-state',
  label: 'inox update_state',
  call: 'nn.update_state(state, mutation)',
  missing: 'ignore',
  unexpected: 'add',
  shape: 'ignore',
  dtype: 'ignore',
  match: 'exact',
  atomic: true,
  plan(target: Outline, source: Outline): ReportDraft {
    const draft = new ReportDraft();
    if (source.notDict !== undefined)
      return draft.raise('TypeError', `'${source.notDict}' object is not iterable`, { atomic: true });
    for (const key of takeAll(draft, target, source)) draft.added.push(key);
    return draft;
  },
};
