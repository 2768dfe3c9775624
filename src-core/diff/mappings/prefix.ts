/** Its id among mappings. */
export const PREFIX = 'prefix';

/** Leading parts that are tried; `model.language_model.module.` has three. */
const MOST_PARTS = 4;

export interface FoundPrefix {
  readonly side: 'a' | 'b';
  /** With its last dot. */
  readonly prefix: string;
}

/**
 * What the names of one side have in front and the other's have not (`model.`, `transformer.`, `state_dict.`): the prefix by
 * which most names fit, when that is a quarter of what the smaller side has left, and no other does as well.
 */
export function findPrefix(a: ReadonlySet<string>, b: ReadonlySet<string>): FoundPrefix | undefined {
  const counts = [...countPrefixes(a, b, 'a'), ...countPrefixes(b, a, 'b')].sort((x, y) => y.count - x.count);
  const [best, second] = counts;
  if (!best || best.count < 2 || best.count * 4 < Math.min(a.size, b.size) || best.count === second?.count)
    return undefined;
  return { side: best.side, prefix: best.prefix };
}

function countPrefixes(names: ReadonlySet<string>, others: ReadonlySet<string>, side: 'a' | 'b') {
  const counts = new Map<string, number>();
  for (const name of names) {
    for (
      let dot = name.indexOf('.'), parts = 1;
      dot >= 0 && parts <= MOST_PARTS;
      dot = name.indexOf('.', dot + 1), parts++
    ) {
      if (!others.has(name.slice(dot + 1))) continue;
      const prefix = name.slice(0, dot + 1);
      counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
  }
  return [...counts].map(([prefix, count]) => ({ prefix, count, side }));
}
