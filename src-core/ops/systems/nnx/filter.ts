import { type Datum, isList, isTagged, isVariable, type List } from '../data.ts';
import { identityOf } from '../python-keys.ts';
import { showType, showValue } from '../python-repr.ts';
import { badInput, raised } from '../raise.ts';
import { pathOf } from './flat.ts';
import { isOfType, isVariableType, tagOf } from './variables.ts';

/** The filter language of flax.nnx (`filterlib`), without callables, which JSON has no way to write. */
export type Filter =
  | { readonly is: 'everything'; readonly written: string }
  | { readonly is: 'nothing' }
  | { readonly is: 'type'; readonly type: string }
  | { readonly is: 'tag'; readonly tag: string }
  | { readonly is: 'path-contains'; readonly key: Datum; readonly exact: boolean }
  | { readonly is: 'path-in'; readonly paths: readonly List[] }
  | { readonly is: 'any' | 'all'; readonly of: readonly Filter[] }
  | { readonly is: 'not'; readonly of: Filter }
  | { readonly is: 'invalid'; readonly datum: Datum };

export type Predicate = (path: List, leaf: Datum) => boolean;

/**
 * A filter written as data: `"..."` and true take everything, null and false nothing, an array any of its filters;
 * `{"type": "Param"}`, `{"tag": "dropout"}`, `{"path_contains": "linear", "exact": false}`, `{"path_in": [["a", 0]]}`,
 * `{"any": […]}`, `{"all": […]}`, `{"not": …}`. A bare text is the type where one has that name, else a tag.
 */
export function readFilter(datum: Datum, types: ReadonlySet<string>): Filter {
  if (datum === '...') return { is: 'everything', written: 'Ellipsis' };
  if (typeof datum === 'boolean') return datum ? { is: 'everything', written: 'True' } : { is: 'nothing' };
  if (datum === null) return { is: 'nothing' };
  if (typeof datum === 'string')
    return isVariableType(datum) || types.has(datum) ? { is: 'type', type: datum } : { is: 'tag', tag: datum };
  if (isList(datum)) return { is: 'any', of: datum.map((item) => readFilter(item, types)) };
  if (isTagged(datum) && datum.kind === 'tuple') return readFilter(datum.items, types);
  if (!isTagged(datum) || datum.kind !== 'dict' || datum.items.length === 0) return { is: 'invalid', datum };
  const [[name, value] = ['', null]] = datum.items;
  switch (name) {
    case 'type':
    case 'tag':
      if (typeof value !== 'string') throw badInput(`"${name}" of a filter has to be a text`);
      return name === 'type' ? { is: 'type', type: value } : { is: 'tag', tag: value };
    case 'path_contains': {
      const exact = datum.items.find(([key]) => key === 'exact')?.[1] ?? true;
      return { is: 'path-contains', key: value, exact: exact === true };
    }
    case 'path_in':
      return { is: 'path-in', paths: listOf(value, 'path_in').map(pathOf) };
    case 'any':
    case 'all':
      return construct({ is: name, of: listOf(value, name).map((item) => readFilter(item, types)) });
    case 'not':
      return construct({ is: 'not', of: readFilter(value, types) });
    default:
      throw badInput(
        `a filter has no "${showValue(name)}"; there are type, tag, path_contains, path_in, any, all, not`,
      );
  }
}

/** `Any`, `All` and `Not` are objects that refuse what is no filter when they are made; a list is looked at when it is used. */
function construct(filter: Filter): Filter {
  toPredicate(filter);
  return filter;
}

function listOf(datum: Datum, name: string): List {
  if (!isList(datum)) throw badInput(`"${name}" of a filter has to be an array`);
  return datum;
}

/** `to_predicate`. What is no filter fails in the way of flax: its own message has a format that Python refuses. */
export function toPredicate(filter: Filter): Predicate {
  switch (filter.is) {
    case 'everything':
      return () => true;
    case 'nothing':
      return () => false;
    case 'type':
      return (_, leaf) => (isVariable(leaf) ? isOfType(leaf, filter.type) : showType(leaf) === filter.type);
    case 'tag':
      return (_, leaf) => isVariable(leaf) && tagOf(leaf) === filter.tag;
    case 'path-contains': {
      const wanted = identityOf(filter.key);
      if (filter.exact) return (path) => path.some((part) => identityOf(part) === wanted);
      const text = toText(filter.key);
      return (path) => path.some((part) => toText(part).includes(text));
    }
    case 'path-in': {
      const paths = new Set(filter.paths.map(identityOfPath));
      return (path) => paths.has(identityOfPath(path));
    }
    case 'any':
    case 'all': {
      const predicates = filter.of.map(toPredicate);
      return filter.is === 'any'
        ? (path, leaf) => predicates.some((holds) => holds(path, leaf))
        : (path, leaf) => predicates.every((holds) => holds(path, leaf));
    }
    case 'not': {
      const holds = toPredicate(filter.of);
      return (path, leaf) => !holds(path, leaf);
    }
    case 'invalid':
      throw refuse(filter.datum);
  }
}

/** The text that `filterlib` cannot print (`{filter:!r}`): a number's `__format__` raises ValueError, others TypeError. */
function refuse(datum: Datum): Error {
  const type = showType(datum);
  if (typeof datum === 'bigint' || typeof datum === 'number')
    return raised('nnx', 'ValueError', `Invalid format specifier '!r' for object of type '${type}'`);
  return raised('nnx', 'TypeError', `unsupported format string passed to ${type}.__format__`);
}

/** `str(part)`. */
const toText = (part: Datum): string => (typeof part === 'string' ? part : showValue(part));
const identityOfPath = (path: List): string => JSON.stringify(path.map((part) => identityOf(part) ?? null));
