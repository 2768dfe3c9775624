import { type Datum, type Dict, isVariable } from '../data.ts';
import { sortByParts } from '../python-order.ts';
import { raised } from '../raise.ts';
import { type Filter, readFilter, toPredicate } from './filter.ts';
import { type FlatLeaf, flattenMapping, unflattenMapping } from './flat.ts';
import { showState } from './show-state.ts';

/** `to_flat_state`: leaves sorted by their paths. Ints beside texts at one level cannot be sorted. */
export const toFlatState = (state: Datum): FlatLeaf[] => sortByParts(flattenMapping(state), ({ path }) => path, 'nnx');

/** `filter_state`: one State for each filter, of the leaves whose first match it is. The rest is left out. */
export function filterState(state: Datum, filters: readonly Filter[]): readonly Dict[] {
  return splitFlat(toFlatState(state), filters).states.map(unflattenMapping);
}

/** `split_state`: the same, and nothing may be left. */
export function splitState(state: Datum, filters: readonly Filter[]): readonly Dict[] {
  const { states, rest } = splitFlat(toFlatState(state), filters);
  const split = states.map(unflattenMapping);
  if (rest.length > 0)
    throw raised(
      'nnx',
      'ValueError',
      `Non-exhaustive filters, got a non-empty remainder: ${showState(unflattenMapping(rest))}.\n` +
        'Use `...` to match all remaining elements.',
    );
  return split;
}

function splitFlat(leaves: readonly FlatLeaf[], filters: readonly Filter[]) {
  checkOrder(filters);
  const predicates = filters.map(toPredicate);
  const states: FlatLeaf[][] = filters.map(() => []);
  const rest: FlatLeaf[] = [];
  for (const leaf of leaves) {
    const first = predicates.findIndex((holds) => holds(leaf.path, leaf.leaf));
    (states[first] ?? rest).push(leaf);
  }
  return { states, rest };
}

/** After a filter that takes everything only such filters may follow. Python holds 1 for True. */
function checkOrder(filters: readonly Filter[]): void {
  filters.forEach((filter, i) => {
    if (!takesAll(filter) || filters.slice(i + 1).every(takesAll)) return;
    const written = filter.is === 'everything' ? filter.written : '1';
    throw raised(
      'nnx',
      'ValueError',
      `\`...\` or \`True\` can only be used as the last filters, got ${written} it at index ${i}.`,
    );
  });
}

const takesAll = (filter: Filter): boolean =>
  filter.is === 'everything' || (filter.is === 'invalid' && (filter.datum === 1n || filter.datum === 1));

/** Filters as data, with the Variable classes that the state itself names. */
export function readFilters(filters: readonly Datum[], state: Datum): readonly Filter[] {
  const types = new Set<string>();
  for (const { leaf } of flattenMapping(state))
    if (isVariable(leaf)) for (const type of [leaf.type, ...leaf.bases]) types.add(type);
  return filters.map((filter) => readFilter(filter, types));
}
