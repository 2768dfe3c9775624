import { oncePerOutline } from './once-per-outline.ts';

/**
 * The modules that dotted keys tell of, and those that are declared without a value: by prefix (`layers.0.`, empty for the root),
 * numbered as they are visited, parents first.
 */
export const listModules = oncePerOutline(({ entries, modules }): ReadonlyMap<string, number> => {
  const known = new Map([['', 0]]);
  const add = (prefix: string): void => {
    if (known.has(prefix)) return;
    add(prefix.slice(0, prefix.lastIndexOf('.', prefix.length - 2) + 1));
    known.set(prefix, known.size);
  };
  for (const path of modules?.keys() ?? []) add(path === '' ? '' : `${path}.`);
  for (const { key } of entries) add(key.slice(0, key.lastIndexOf('.') + 1));
  return known;
});
