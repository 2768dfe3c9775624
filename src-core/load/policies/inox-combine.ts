import type { Outline } from '../outline.ts';
import type { LoadPolicy } from '../policy.ts';
import { ReportDraft } from '../report-draft.ts';
import { takeAll } from '../systems/take-all.ts';
import { quoteAll } from '../words.ts';

/** Every leaf of the tree has to be there, and nothing else. */
export const inoxCombine: LoadPolicy = {
  id: 'inox-combine',
  label: 'inox combine',
  call: 'inox.tree.combine(treedef, leaves)',
  missing: 'error',
  unexpected: 'error',
  shape: 'ignore',
  dtype: 'ignore',
  match: 'exact',
  atomic: true,
  plan(target: Outline, source: Outline): ReportDraft {
    const draft = new ReportDraft();
    const raise = (type: string, message: string) => draft.raise(type, message, { atomic: true });
    if (source.notDict !== undefined)
      return raise('AttributeError', `'${source.notDict}' object has no attribute 'items'`);
    for (const key of takeAll(draft, target, source)) draft.unexpected.push(key);
    if (draft.missing.length > 0) raise('KeyError', `Missing key(s) in leaves: ${quoteAll(draft.missing)}.`);
    if (draft.unexpected.length > 0) raise('KeyError', `Unexpected key(s) in leaves: ${quoteAll(draft.unexpected)}.`);
    return draft;
  },
};
