import { oncePerOutline } from './once-per-outline.ts';
import type { Outline } from './outline.ts';

/**
 * Which entries of two outlines have the same key, by their places. It is found once for two outlines, whatever policy asks: of half
 * a million keys a table of its own for each would take seconds.
 */
export interface JoinedKeys {
  /** By place in the target, that of the entry of the source that has its key: of several the last, as in a dict; -1. */
  readonly sourceOf: Int32Array;
  /** Places in the source of what a dict holds: every key once, where it came first, with what came last. */
  readonly given: Int32Array;
  /** By place in the source, that of the target's last entry of the same key; -1. */
  readonly targetOf: Int32Array;
}

const joinsOf = oncePerOutline((target) => oncePerOutline((source) => join(target, source)));

export const joinKeys = (target: Outline, source: Outline): JoinedKeys => joinsOf(target)(source);

function join(target: Outline, { entries }: Outline): JoinedKeys {
  const places = placesOf(target);
  const targetOf = new Int32Array(entries.length);
  const given = new Int32Array(entries.length);
  /** Where in `given` a key stands, + 1: by the target's place, and of keys that it has not. */
  const known = new Int32Array(target.entries.length);
  const others = new Map<string, number>();
  let count = 0;
  for (let row = 0; row < entries.length; row++) {
    const { key } = entries[row]!;
    const place = places.get(key) ?? -1;
    targetOf[row] = place;
    const at = (place < 0 ? others.get(key) : known[place]) || ++count;
    given[at - 1] = row;
    if (place < 0) others.set(key, at);
    else known[place] = at;
  }
  const sourceOf = known.map((at) => (at === 0 ? -1 : given[at - 1]!));
  // What the target has twice is found at the last place.
  if (places.size < sourceOf.length)
    for (const [place, { key }] of target.entries.entries()) sourceOf[place] = sourceOf[places.get(key)!]!;
  return { sourceOf, given: given.subarray(0, count), targetOf };
}

/** The last place of each key. */
export const placesOf = oncePerOutline(({ entries }): ReadonlyMap<string, number> => {
  const places = new Map<string, number>();
  for (let place = 0; place < entries.length; place++) places.set(entries[place]!.key, place);
  return places;
});
