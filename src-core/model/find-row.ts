import { keyOfRow } from './key-text.ts';
import { similarKeys } from './keys/similar.ts';
import type { EntryId, StateDict } from './state-dict.ts';

type KeyIndex = ReadonlyMap<string, EntryId>;
const indexes = new WeakMap<StateDict, KeyIndex>();
const storedIndexes = new WeakMap<StateDict, KeyIndex>();

/** The first row of each key, its parts joined by dots. Made once for a state. */
function keyIndex(state: StateDict): KeyIndex {
  return remember(indexes, state, () => {
    const columns = state.entries.columns();
    return Array.from({ length: columns.count }, (_, row) => keyOfRow(columns, row));
  });
}

/** The first row of a key, its parts joined by dots or as it is stored (`['b'].value`). */
export function findRow(state: StateDict, key: string): EntryId | undefined {
  const row = keyIndex(state).get(key);
  if (row !== undefined) return row;
  const { entries } = state;
  const listStored = () => Array.from({ length: entries.length }, (_, at) => entries.at(at).key);
  return remember(storedIndexes, state, listStored).get(key);
}

function remember(known: WeakMap<StateDict, KeyIndex>, state: StateDict, list: () => readonly string[]): KeyIndex {
  const found = known.get(state);
  if (found) return found;
  const index = new Map<string, EntryId>();
  for (const [row, key] of list().entries()) if (!index.has(key)) index.set(key, row);
  known.set(state, index);
  return index;
}

/** Suggestions look at so many keys: about a second's work. */
const MOST_COMPARED = 500_000;

/** That there is no such key, with keys like it. `where` names what was looked through. */
export function wordMissing(state: StateDict, key: string, where: string): string {
  function* keys() {
    let left = MOST_COMPARED;
    for (const one of keyIndex(state).keys()) if (left-- > 0) yield one;
  }
  const similar = similarKeys(key, keys());
  const advice = similar.length > 0 ? `; did you mean ${similar.join(', ')}?` : '';
  return `no such key in ${where}, which has ${state.entries.length}${advice}`;
}
