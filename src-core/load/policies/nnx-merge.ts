import { compareValues } from '../compare-values.ts';
import { identifyPath, type Outline, type OutlineEntry } from '../outline.ts';
import { indexPaths, isSamePath, sortPaths } from '../path-tree.ts';
import type { LoadPolicy } from '../policy.ts';
import { ReportDraft } from '../report-draft.ts';

/** Leaves go into the graph by their place among the sorted paths: names count for nothing but the order. */
export const nnxMerge: LoadPolicy = {
  id: 'nnx-merge',
  label: 'flax.nnx merge',
  call: 'nnx.merge(graphdef, state)',
  missing: 'error',
  unexpected: 'error',
  shape: 'ignore',
  dtype: 'ignore',
  match: 'by position',
  atomic: true,
  plan(target: Outline, source: Outline): ReportDraft {
    const draft = new ReportDraft();
    const raise = (type: string, message: string) => draft.raise(type, message, { atomic: true });
    if (source.notDict !== undefined) return raise('TypeError', `expected a state; got ${source.notDict}`);
    const [wanted, given] = [sortPaths(target), sortPaths(source)];
    if ('wrong' in given) return raise('TypeError', given.wrong);
    if ('wrong' in wanted) return raise('TypeError', wanted.wrong);
    const [places, entries] = [wanted.sorted, given.sorted];
    // Nearly all of most files lie at the same place: only the others are looked for.
    const isAbsent = ({ parts }: OutlineEntry, same: OutlineEntry | undefined, side: Outline) =>
      !(same && isSamePath(parts, same.parts)) && !indexPaths(side).has(identifyPath(parts));
    for (const [i, place] of places.entries()) if (isAbsent(place, entries[i], source)) draft.missing.push(place.key);
    for (const [i, entry] of entries.entries())
      if (isAbsent(entry, places[i], target)) draft.unexpected.push(entry.key);
    if (places.length !== entries.length)
      return raise(
        'ValueError',
        `Incorrect number of leaves, expected ${places.length} leaves, but got ${entries.length}.`,
      );
    const moved: string[] = [];
    for (const [i, place] of places.entries()) {
      const entry = entries[i]!;
      if (!isSamePath(place.parts, entry.parts)) moved.push(`${entry.key} goes to ${place.key}`);
      draft.assign(place.key, entry.key, compareValues(place, entry));
    }
    if (moved.length > 0)
      draft.warnings.push(`positional merge: ${moved.slice(0, TOLD).join(', ')}${more(moved.length)}`);
    return draft;
  },
};

const TOLD = 3;
const more = (count: number): string => (count > TOLD ? ` and ${count - TOLD} more` : '');
