import { closeMatches } from '../model/keys/close-matches.ts';
import type { LoadSuggestion } from './report.ts';

/** Pairs of keys that are looked at: about half a second's work. Past it only the first missing keys get suggestions. */
const MOST_PAIRS = 200_000;

/** For each missing key, the spare ones most like it, as `difflib.get_close_matches` has them. */
export function suggestKeys(missing: readonly string[], spare: readonly string[]): readonly LoadSuggestion[] {
  if (spare.length === 0) return [];
  const most = Math.max(1, Math.floor(MOST_PAIRS / spare.length));
  return missing.slice(0, most).flatMap((key) => {
    const candidates = closeMatches(key, spare);
    return candidates.length > 0 ? [{ key, candidates }] : [];
  });
}
