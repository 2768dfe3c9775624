import { compareValues } from '../compare-values.ts';
import { joinKeys } from '../join-keys.ts';
import type { Outline } from '../outline.ts';
import type { ReportDraft } from '../report-draft.ts';

/** Loads whatever comes under the same name, and tells which does not look like what was there. Returns keys that nothing takes. */
export function takeAll(draft: ReportDraft, target: Outline, source: Outline): readonly string[] {
  const { sourceOf, given, targetOf } = joinKeys(target, source);
  for (const [i, place] of target.entries.entries()) {
    const entry = source.entries[sourceOf[i]!];
    if (entry) draft.assign(place.key, entry.key, compareValues(place, entry));
    else draft.missing.push(place.key);
  }
  const left: string[] = [];
  for (const row of given) if (targetOf[row]! < 0) left.push(source.entries[row]!.key);
  return left;
}
