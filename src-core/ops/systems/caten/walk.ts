import type { Problem } from '../../../model/state-dict.ts';
import { type Datum, isList, isModule, isTensor, type List, type Module, type Tensor } from '../data.ts';
import { warning } from '../operation.ts';

/** `((sym … int …) . tensor)`: slot names and positions from the root, and the tensor there. */
export interface Cons {
  readonly path: List;
  readonly tensor: Tensor;
}

/**
 * A method of `->state-dict` for a class of modules. It gives the pairs of the module itself; `walk` is the usual way, for
 * what it leaves to it.
 */
export type Recogniser = (
  module: Module,
  parents: List,
  walk: (value: Datum, path: List) => readonly Cons[],
) => readonly Cons[];

/** Slots that every Module inherits: they come first, and after a call some of them hold tensors. */
const INHERITED = ['variables', 'outputs', 'lower-outputs', 'impl-iseq', 'attrs', 'sv4bw'];

/**
 * `->state-dict`: every slot in turn. A tensor, a module, and a non-empty list of nothing but the one or the other are
 * recognised; anything else is passed over without a word.
 */
export function walkModule(
  root: Module,
  recognisers: ReadonlyMap<string, Recogniser>,
  problems: Problem[],
): readonly Cons[] {
  const walkSlots = (module: Module, parents: List): readonly Cons[] =>
    slotsOf(module).flatMap(([name, value]) => {
      const pairs = walk(value, [...parents, name]);
      if (pairs.length > 0 && INHERITED.includes(name.toLowerCase()))
        problems.push(
          warning(
            'leak',
            `The inherited slot ${showPath([...parents, name])} holds tensors: results of a call, not parameters.`,
          ),
        );
      if (pairs.length === 0) reportPassed(value, [...parents, name], problems);
      return pairs;
    });
  const walk = (value: Datum, path: List): readonly Cons[] => {
    if (isTensor(value)) return [{ path, tensor: value }];
    if (isModule(value)) return (recognisers.get(value.type) ?? walkSlots)(value, path, walk);
    if (!isList(value) || value.length === 0) return [];
    if (!value.every(isTensor) && !value.every(isModule)) return [];
    return value.flatMap((item, i) => walk(item, [...path, BigInt(i)]));
  };
  return walk(root, []);
}

function slotsOf(module: Module): readonly (readonly [string, Datum])[] {
  const members = [...new Map(module.members)];
  const place = (name: string) => INHERITED.indexOf(name.toLowerCase());
  const inherited = members.filter(([name]) => place(name) >= 0).sort(([a], [b]) => place(a) - place(b));
  return [...inherited, ...members.filter(([name]) => place(name) < 0)].map(([name, value]) => [name, asLisp(value)]);
}

/** The list of modules of a declaration is a plain Lisp list. */
const asLisp = (value: Datum): Datum =>
  isModule(value) && value.style === 'list' ? value.members.map(([, item]) => item) : value;

/** Tensors or modules in something that is not recognised: Caten says nothing, and they are not saved. */
function reportPassed(value: Datum, path: List, problems: Problem[]): void {
  if (holdsTensors(value))
    problems.push(
      warning('passed-over', `${showPath(path)} holds tensors or modules in a way that Caten does not recognise.`),
    );
}

function holdsTensors(value: Datum): boolean {
  if (isTensor(value) || isModule(value)) return true;
  if (isList(value)) return value.some(holdsTensors);
  if (value === null || typeof value !== 'object') return false;
  return value.kind === 'dict' && value.items.some(([, item]) => holdsTensors(item));
}

const showPath = (path: List): string => path.map(String).join('.');

/** A recogniser said in data: the slots of a class whose hash tables or lists count item by item, whatever they hold. */
export const slotRecogniser =
  (slots: readonly string[]): Recogniser =>
  (module, parents, walk) =>
    slotsOf(module).flatMap(([name, value]) => {
      if (!slots.includes(name)) return walk(value, [...parents, name]);
      const items = isList(value)
        ? value.map((item, i) => [BigInt(i), item] as const)
        : value !== null && typeof value === 'object' && value.kind === 'dict'
          ? value.items
          : [];
      return items.flatMap(([key, item]) => walk(item, [...parents, name, key]));
    });
