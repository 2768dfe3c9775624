import { compareText } from '../../model/keys/python-text.ts';
import type { Datum } from './data.ts';
import type { SystemName } from './operation.ts';
import { identityOf } from './python-keys.ts';
import { showType } from './python-repr.ts';
import { raised } from './raise.ts';

/** `sorted(items, key=partsOf)` for keys that are tuples. Raises where Python's `<` does: for an int beside a str. */
export function sortByParts<T>(items: readonly T[], partsOf: (item: T) => readonly Datum[], system: SystemName): T[] {
  const compare = (a: T, b: T): number => comparePaths(partsOf(a), partsOf(b), system);
  // Python compares each item with the one before it first, which decides what the message names.
  for (let i = 1; i < items.length; i++) compare(items[i] as T, items[i - 1] as T);
  return [...items].sort(compare);
}

function comparePaths(a: readonly Datum[], b: readonly Datum[], system: SystemName): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const [left, right] = [a[i] as Datum, b[i] as Datum];
    if (identityOf(left) !== identityOf(right)) return compareKeys(left, right, system);
  }
  return a.length - b.length;
}

function compareKeys(a: Datum, b: Datum, system: SystemName): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const [left, right] = [toNumber(a), toNumber(b)];
  if (left !== undefined && right !== undefined) return left < right ? -1 : Number(left > right);
  throw raised(system, 'TypeError', `'<' not supported between instances of '${showType(a)}' and '${showType(b)}'`);
}

const toNumber = (datum: Datum): number | bigint | undefined =>
  typeof datum === 'boolean'
    ? BigInt(datum)
    : typeof datum === 'bigint' || typeof datum === 'number'
      ? datum
      : undefined;
