import type { Outline, OutlineEntry } from './outline.ts';
import { splitKey } from './split-key.ts';

/** The outline with other keys. Of keys that become one the last is kept, as a dict would. */
export function renameOutline(outline: Outline, rename: (key: string) => string): Outline {
  const renamed = new Map<string, OutlineEntry>();
  for (const entry of outline.entries) {
    const key = rename(entry.key);
    renamed.set(key, key === entry.key ? entry : { ...entry, key, parts: splitKey(key) });
  }
  return { ...outline, entries: [...renamed.values()] };
}
