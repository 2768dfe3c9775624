import type { Outline } from './outline.ts';

/** What is made of an outline is made once: one is asked for by a policy after the other, and of half a million entries that takes long. */
export function oncePerOutline<T>(make: (outline: Outline) => T): (outline: Outline) => T {
  const known = new WeakMap<Outline, { readonly made: T }>();
  return (outline) => {
    let found = known.get(outline);
    if (!found) {
      found = { made: make(outline) };
      known.set(outline, found);
    }
    return found.made;
  };
}
