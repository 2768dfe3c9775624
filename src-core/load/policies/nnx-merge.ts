import { compareValues } from '../compare-values.ts';
import { identifyPath, type Outline } from '../outline.ts';
import { listLeaves, sortPaths } from '../path-tree.ts';
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
    const [wanted, given] = [sortPaths(listLeaves(target)), sortPaths(listLeaves(source))];
    if ('wrong' in given) return raise('TypeError', given.wrong);
    if ('wrong' in wanted) return raise('TypeError', wanted.wrong);
    const [places, entries] = [wanted.sorted, given.sorted];
    const [placeIds, entryIds] = [places, entries].map((side) => side.map(({ parts }) => identifyPath(parts)));
    const [known, found] = [new Set(placeIds), new Set(entryIds)];
    for (const [i, { key }] of places.entries()) if (!found.has(placeIds?.[i] ?? '')) draft.missing.push(key);
    for (const [i, { key }] of entries.entries()) if (!known.has(entryIds?.[i] ?? '')) draft.unexpected.push(key);
    if (places.length !== entries.length)
      return raise(
        'ValueError',
        `Incorrect number of leaves, expected ${places.length} leaves, but got ${entries.length}.`,
      );
    const moved: string[] = [];
    for (const [i, place] of places.entries()) {
      const entry = entries[i]!;
      if (placeIds?.[i] !== entryIds?.[i]) moved.push(`${entry.key} goes to ${place.key}`);
      draft.assign(place.key, entry.key, compareValues(place, entry));
    }
    if (moved.length > 0)
      draft.warnings.push(`positional merge: ${moved.slice(0, TOLD).join(', ')}${more(moved.length)}`);
    return draft;
  },
};

const TOLD = 3;
const more = (count: number): string => (count > TOLD ? ` and ${count - TOLD} more` : '');
