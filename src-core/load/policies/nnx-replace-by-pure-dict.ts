import { parsePythonInt } from '../../model/keys/python-int.ts';
import { compareValues } from '../compare-values.ts';
import { identifyPath, type Outline, type OutlineEntry } from '../outline.ts';
import { indexPaths, listLeaves, sortPaths } from '../path-tree.ts';
import type { LoadPolicy } from '../policy.ts';
import { ReportDraft } from '../report-draft.ts';
import { showPath, typeOf } from '../words.ts';

/** Exact paths first, then with ints for texts; the state is written at the end, or not at all. */
export const nnxReplaceByPureDict: LoadPolicy = {
  id: 'nnx-replace-by-pure-dict',
  label: 'flax.nnx replace_by_pure_dict',
  call: 'nnx.replace_by_pure_dict(state, pure_dict)',
  missing: 'ignore',
  unexpected: 'error',
  shape: 'ignore',
  dtype: 'ignore',
  match: 'exact, then ints',
  atomic: true,
  plan(target: Outline, source: Outline): ReportDraft {
    const draft = new ReportDraft();
    const raise = (type: string, message: string) => draft.raise(type, message, { atomic: true });
    if (source.notDict !== undefined) return raise('AssertionError', `expected Mapping; got ${source.notDict}`);
    const places = listLeaves(target);
    const order = sortPaths(target);
    if ('wrong' in order) raise('TypeError', order.wrong);
    const byPath = indexPaths(target);
    const taken = new Set<OutlineEntry>();
    for (const entry of listLeaves(source)) {
      const place = byPath.get(identifyPath(entry.parts)) ?? byPath.get(identifyPath(entry.parts.map(toInt)));
      if (!place) {
        draft.unexpected.push(entry.key);
        raise('ValueError', `key in pure_dict not available in state: ${showPath(entry.parts)}`);
        continue;
      }
      // A text has a method of that name too, with other arguments.
      if (typeOf(place.value) === 'str') raise('TypeError', 'replace expected at least 2 arguments, got 1');
      taken.add(place);
      draft.assign(place.key, entry.key, compareValues(place, entry));
    }
    for (const place of places) if (!taken.has(place)) draft.missing.push(place.key);
    return draft;
  },
};

function toInt(part: string | number): string | number {
  const int = typeof part === 'string' ? parsePythonInt(part) : undefined;
  return int === undefined ? part : Number(int);
}
