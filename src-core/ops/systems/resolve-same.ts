import { type Datum, isDict, isList, isTagged, type Member, type Pair } from './data.ts';
import { badInput } from './raise.ts';

/**
 * A declaration with every `$same` replaced by the object it points at, so that sharing is one reference in two places.
 * A module inside itself has no end and is refused, as each of the systems would recurse for ever.
 */
export function resolveSame(root: Datum): Datum {
  const done = new Map<string, Datum>();
  const open = new Set<string>();
  const visit = (datum: Datum, path: string): Datum => {
    const held = done.get(path);
    if (held !== undefined) return held;
    if (open.has(path)) throw badInput(`"${path}" contains itself`);
    open.add(path);
    const resolved = rebuild(datum, path);
    open.delete(path);
    done.set(path, resolved);
    return resolved;
  };
  const rebuild = (datum: Datum, path: string): Datum => {
    if (isList(datum)) return datum.map((item, i) => visit(item, join(path, String(i))));
    if (!isTagged(datum)) return datum;
    switch (datum.kind) {
      case 'same':
        return visit(find(root, datum.path), datum.path);
      case 'shared':
        return { ...datum, weight: rebuild(datum.weight, `${path}*`) };
      case 'module':
        return {
          ...datum,
          members: datum.members.map(([name, value]): Member => [name, visit(value, join(path, name))]),
        };
      case 'dict':
        return {
          ...datum,
          items: datum.items.map(([key, value]): Pair => [key, visit(value, join(path, String(key)))]),
        };
      case 'tuple':
        return {
          ...datum,
          items: datum.items.map((item, i) => visit(item, join(path, datum.fields?.[i] ?? String(i)))),
        };
      case 'reference':
        return datum.obj === undefined ? datum : { ...datum, obj: visit(datum.obj, join(path, 'obj')) };
      default:
        return datum;
    }
  };
  return visit(root, '');
}

const join = (path: string, part: string): string => (path === '' ? part : `${path}.${part}`);

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
