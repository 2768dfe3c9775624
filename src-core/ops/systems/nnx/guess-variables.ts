import { type Datum, type Dict, isDict, isVariable, type Pair } from '../data.ts';
import { typeOfCollection } from './variables.ts';

/**
 * A file of pure values does not say which Variable each was. These are the names that flax's own layers give: moving
 * statistics of norms, caches of attention, streams of random numbers. Everything else is taken for a Param.
 */
const BY_NAME: Readonly<Record<string, string>> = {
  mean: 'BatchStat',
  var: 'BatchStat',
  cached_key: 'Cache',
  cached_value: 'Cache',
  cache_index: 'Cache',
  count: 'RngCount',
  key: 'RngKey',
};

/** Leaves as Variables whose type is a guess; below a Linen collection (`params`, `batch_stats`) the collection says it. */
export function guessVariables(pure: Dict): Dict {
  return {
    kind: 'dict',
    items: pure.items.map(([key, value]): Pair => [key, guess(key, value, typeOfCollection(String(key)))]),
  };
}

function guess(key: Datum, value: Datum, type: string | undefined): Datum {
  if (isDict(value))
    return { kind: 'dict', items: value.items.map(([name, item]): Pair => [name, guess(name, item, type)]) };
  if (isVariable(value)) return value;
  const named = typeof key === 'string' && Object.hasOwn(BY_NAME, key) ? BY_NAME[key] : undefined;
  return { kind: 'variable', type: type ?? named ?? 'Param', bases: [], value, metadata: [], guessed: true };
}
