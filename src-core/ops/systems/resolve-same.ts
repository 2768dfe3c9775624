import { type Datum, isDict, isList, isTagged, type List, type Member, type Pair, type Tagged } from './data.ts';
import { badInput } from './raise.ts';

/**
 * A declaration with every `$same` replaced by the object it points at, so that sharing is one reference in two places.
 * A module inside itself has no end and is refused, as each of the systems would recurse for ever.
 */
export function resolveSame(root: Datum): Datum {
  const done = new Map<Datum, Datum>();
  const open = new Set<Datum>();
  const visit = (datum: Datum): Datum => {
    if (!isList(datum) && !isTagged(datum)) return datum;
    const held = done.get(datum);
    if (held !== undefined) return held;
    if (open.has(datum)) throw badInput('a declaration contains itself: $same points at something around it');
    open.add(datum);
    const resolved = isTagged(datum) && datum.kind === 'same' ? visit(find(root, datum.path)) : rebuild(datum, visit);
    open.delete(datum);
    done.set(datum, resolved);
    return resolved;
  };
  return visit(root);
}

function rebuild(datum: List | Tagged, visit: (datum: Datum) => Datum): Datum {
  if (isList(datum)) return datum.map(visit);
  switch (datum.kind) {
    case 'shared':
      return { ...datum, weight: visit(datum.weight) };
    case 'module':
      return { ...datum, members: datum.members.map(([name, value]): Member => [name, visit(value)]) };
    case 'dict':
      return { ...datum, items: datum.items.map(([key, value]): Pair => [key, visit(value)]) };
    case 'tuple':
      return { ...datum, items: datum.items.map(visit) };
    case 'reference':
      return datum.obj === undefined ? datum : { ...datum, obj: visit(datum.obj) };
    default:
      return datum;
  }
}

function find(root: Datum, path: string): Datum {
  let at: Datum | undefined = root;
  for (const part of path === '' ? [] : path.split('.')) at = at === undefined ? undefined : childOf(at, part);
  if (at === undefined) throw badInput(`nothing is at "${path}", which $same or $shared points at`);
  return at;
}

function childOf(datum: Datum, part: string): Datum | undefined {
  if (isList(datum)) return datum[Number(part)];
  if (isDict(datum)) return datum.items.find(([key]) => String(key) === part)?.[1];
  if (!isTagged(datum)) return undefined;
  if (datum.kind === 'module') return datum.members.findLast(([name]) => name === part)?.[1];
  if (datum.kind === 'tuple') return datum.items[datum.fields ? datum.fields.indexOf(part) : Number(part)];
  return datum.kind === 'reference' && part === 'obj' ? datum.obj : undefined;
}
