import { StateglassError } from '../../../base/errors.ts';
import { compareText, writePythonString } from '../../../model/keys/python-text.ts';
import { type Datum, type Dict, isDict, isList, isTagged, type Member, type Module, type Pair } from '../data.ts';
import { sortByParts } from '../python-order.ts';
import { showValue } from '../python-repr.ts';
import { raised } from '../raise.ts';

/** inox 0.8.0 renamed the field of a Reference, which is a part of the key. */
export type InoxVersion = '0.7.1' | '0.8.0';

/** Maps the leaves of a tree as JAX walks it, with each leaf's `keystr`. A StateEntry is a leaf, None is none. */
export function mapLeaves(tree: Datum, version: InoxVersion, change: (leaf: Datum, key: string) => Datum): Datum {
  const field = version === '0.7.1' ? 'value' : 'obj';
  const visit = (datum: Datum, key: string, memory: Memory | undefined): Datum => {
    if (datum === null) return datum;
    if (isList(datum)) return datum.map((item, i) => visit(item, `${key}[${i}]`, memory));
    if (isDict(datum)) return visitDict(datum, key, memory);
    if (!isTagged(datum)) return change(datum, key);
    switch (datum.kind) {
      case 'tuple': {
        const step = (i: number) => (datum.fields ? `.${datum.fields[i]}` : `[${i}]`);
        return { ...datum, items: datum.items.map((item, i) => visit(item, key + step(i), memory)) };
      }
      case 'parameter':
        return { ...datum, value: visit(datum.value, `${key}.value`, memory) };
      case 'key':
        return datum;
      case 'reference': {
        const first = memory?.meet(datum.tag, datum.obj) ?? true;
        if (datum.obj === undefined || !first) return { kind: 'reference', tag: datum.tag };
        return { ...datum, obj: visit(datum.obj, `${key}.${field}`, memory) };
      }
      case 'module':
        return visitModule(datum, key, memory);
      default:
        return change(datum, key);
    }
  };
  const visitDict = (datum: Dict, key: string, memory: Memory | undefined): Dict => {
    const changed = new Map<Datum, Datum>();
    for (const [name, value] of sortKeys(datum)) changed.set(name, visit(value, `${key}[${showKey(name)}]`, memory));
    return { kind: 'dict', items: [...changed].map(([name, value]): Pair => [name, value]) };
  };
  const visitModule = (datum: Module, key: string, memory: Memory | undefined): Datum => {
    const within = datum.scope ? new Memory() : memory;
    if (datum.style === 'list')
      return { ...datum, members: datum.members.map(([n, v], i): Member => [n, visit(v, `${key}[${i}]`, within)]) };
    const names = [...new Map(datum.members)].sort(([a], [b]) => compareText(a, b));
    const step = (name: string) => (datum.style === 'dict' ? `[${writePythonString(name)}]` : `.${name}`);
    return { ...datum, members: names.map(([name, value]): Member => [name, visit(value, key + step(name), within)]) };
  };
  return visit(tree, '', undefined);
}

const showKey = (key: Datum): string => (typeof key === 'string' ? writePythonString(key) : showValue(key));

/** JAX sorts the keys of a dict, and says this when they cannot be compared. */
function sortKeys(datum: Dict): readonly Pair[] {
  try {
    return sortByParts(datum.items, ([key]) => [key], 'inox');
  } catch (error) {
    if (!(error instanceof StateglassError)) throw error;
    throw raised('inox', 'ValueError', 'Comparator raised exception while sorting pytree dictionary keys.');
  }
}

/** What a Scope remembers while it is flattened: the first object of every tag. */
class Memory {
  readonly #objects: { readonly tag: string; readonly obj: Datum }[] = [];

  /** Whether this is the first that has the object. */
  meet(tag: Datum, obj: Datum | undefined): boolean {
    const text = showValue(tag);
    const held = this.#objects.find((one) => one.tag === text);
    if (obj === undefined) return false;
    if (!held) this.#objects.push({ tag: text, obj });
    else if (held.obj !== obj)
      throw raised('inox', 'AssertionError', `#${typeof tag === 'string' ? tag : text} has conflicting identities`);
    return held === undefined;
  }
}
