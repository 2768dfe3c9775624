import { compareValues } from '../compare-values.ts';
import type { OutlineEntry } from '../outline.ts';
import type { ReportDraft } from '../report-draft.ts';

/** Loads whatever comes under the same name, and tells which does not look like what was there. */
export function takeAll(
  draft: ReportDraft,
  places: readonly OutlineEntry[],
  find: (place: OutlineEntry) => OutlineEntry | undefined,
): ReadonlySet<OutlineEntry> {
  const used = new Set<OutlineEntry>();
  for (const place of places) {
    const entry = find(place);
    if (!entry) {
      draft.missing.push(place.key);
      continue;
    }
    used.add(entry);
    draft.assign(place.key, entry.key, compareValues(place, entry));
  }
  return used;
}
