import { type Datum, type Dict, isDict, type List, type Pair } from '../data.ts';
import { identityOf, uniqueKeys } from '../python-keys.ts';
import { type FlatLeaf, flattenMapping, pathOf, unflattenMapping, uniquePaths } from './flat.ts';
import { toFlatState } from './split.ts';

/** `merge_state`: later wins, the first place stays, empty mappings vanish. A single state is handed back whole. */
export function mergeStates(states: readonly Datum[]): Dict {
  const [only] = states;
  if (states.length === 1 && only !== undefined && isDict(only)) return only;
  return unflattenMapping(uniquePaths(states.flatMap((state) => flattenMapping(state))));
}

/** `from_flat_state`: a dict first, so that the last of equal keys wins, then each path as it comes. */
export function fromFlatState(pairs: readonly Pair[]): Dict {
  const { items } = uniqueKeys(pairs, 'nnx');
  return unflattenMapping(leavesOf(items));
}

/** One by one: a key that is no path raises when its turn comes. */
function* leavesOf(pairs: readonly Pair[]): Generator<FlatLeaf> {
  for (const [key, leaf] of pairs) yield { path: pathOf(key), leaf };
}

/** `statelib.diff`: the leaves of `state` at paths that `other` has not. Values are not compared. */
export function diffStates(state: Dict, other: Dict): Dict {
  if (other.items.length === 0) return state;
  const taken = new Set(toFlatState(other).map(({ path }) => identityOfPath(path)));
  return unflattenMapping(toFlatState(state).filter(({ path }) => !taken.has(identityOfPath(path))));
}

const identityOfPath = (path: List): string => JSON.stringify(path.map((part) => identityOf(part) ?? null));
