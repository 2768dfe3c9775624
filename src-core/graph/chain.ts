/** A network of named layers without a container: which of them come one after the other, by their names and sizes. */
import type { Assumptions } from './assumptions.ts';
import type { ModuleNode } from './module-node.ts';
import { compareNames, endsOf, isSequence, leavesOf, numberIn, type Role, roleOf } from './module-parts.ts';

/** A layer, or a sequence of them, with the norm and slopes that belong behind it. */
export interface Link {
  readonly module: ModuleNode;
  readonly role: Role;
  readonly after: readonly ModuleNode[];
}

/**
 * The links of a module's children in the order they are run: convolutions, then linear layers, each by number. Undefined
 * where a child is something else, or what one gives is not what the next takes.
 *
 * @param without children that are no layers.
 */
export function chainOf(
  module: ModuleNode,
  assume?: Assumptions,
  without: readonly ModuleNode[] = [],
): readonly Link[] | undefined {
  if (module.tensors.size > 0 || isSequence(module) || NOT_A_CHAIN.test(module.name)) return undefined;
  const children = [...module.children.values()].filter((child) => !without.includes(child));
  const roles = new Map(children.map((child) => [child, roleOf(child)] as const));
  if (children.some((child) => roles.get(child) === undefined)) return undefined;
  const order = orderOf(module, assume);
  const sorted = (wanted: readonly Role[]) =>
    children.filter((child) => wanted.includes(roles.get(child)!)).sort((a, b) => order(a.name, b.name));
  const behind = sorted(['norm', 'slope']);
  const layers = [...sorted(['conv', 'residual']), ...sorted(['linear'])];
  const links = layers.map((layer) => ({ module: layer, role: roles.get(layer)!, after: takeBehind(layer, behind) }));
  return behind.length === 0 && isOrdered(links) && isJoined(links) ? links : undefined;
}

/** Its layers are not run one after the other, whatever their names say. */
const NOT_A_CHAIN = /^(se(_?(block|layer|module))?|squeeze\w*)$|attn|attention|lora/i;

/** Names of what comes first and last, where layers are not numbered. */
const FIRST = /^(stem|features|backbone|encoder|enc|body)$/i;
const LAST = /^(decoder|dec|head|classifier|fc|dense|linear|out|output|output_layer|fc_out|final)$/i;
const rankOf = (name: string): number => (FIRST.test(name) ? 0 : LAST.test(name) ? 2 : 1);

/** Convolutions, and linear layers, are in an order when all are numbered, but for one that is named as the first or the last. */
function isOrdered(links: readonly Link[]): boolean {
  const groups = [links.filter(({ role }) => role !== 'linear'), links.filter(({ role }) => role === 'linear')];
  return (
    links.length > 0 &&
    groups.every((group) => {
      const unnumbered = group.filter(({ module }) => numberIn(module.name) === undefined);
      const ranks = unnumbered.map(({ module }) => rankOf(module.name));
      return group.length < 2 || (!ranks.includes(1) && new Set(ranks).size === ranks.length);
    })
  );
}

/** As the printed model has them, which is the order they were made in; else by name. */
function orderOf(module: ModuleNode, assume: Assumptions | undefined): (a: string, b: string) => number {
  const printed = [...(assume?.printedAt(module.path)?.children.keys() ?? [])];
  if (printed.length === 0) return (a, b) => rankOf(a) - rankOf(b) || compareNames(a, b);
  return (a, b) => printed.indexOf(a) - printed.indexOf(b);
}

/** Takes the norm (and the slopes) of a layer out of those that are left: with its number, or the first of its size. */
function takeBehind(layer: ModuleNode, left: ModuleNode[]): readonly ModuleNode[] {
  const gives = endsOf(layer)?.gives;
  const taken: ModuleNode[] = [];
  for (const role of ['norm', 'slope']) {
    const fitting = left.filter(
      (one) => roleOf(one) === role && (endsOf(one)?.takes === gives || endsOf(one)?.takes === 1),
    );
    const number = numberIn(layer.name);
    const found =
      fitting.find((one) => numberIn(one.name) === number) ?? (number === undefined ? fitting[0] : undefined);
    if (!found) continue;
    left.splice(left.indexOf(found), 1);
    taken.push(found);
  }
  return taken;
}

/** Each takes what the one before gives; the first linear layer may take several numbers of each channel. */
function isJoined(links: readonly Link[]): boolean {
  return links.every(({ module, role }, i) => {
    const own = endsOf(module);
    const before = links[i - 1];
    if (!own) return false;
    if (!before) return true;
    const gives = endsOf(before.module)?.gives;
    if (gives === undefined) return false;
    if (role === 'linear' && before.role !== 'linear') return own.takes % gives === 0;
    // The channels of a group say less than those of all.
    return own.takes === gives || (role === 'conv' && gives % own.takes === 0 && own.takes < gives);
  });
}

/** The layer that stands behind a link, inside its sequence where it is one. */
export function layerBehind(links: readonly Link[], name: string): { role: Role; layer: ModuleNode } | undefined {
  const next = links[links.findIndex(({ module }) => module.name === name) + 1];
  return next && { role: next.role, layer: leavesOf(next.module)[0]! };
}
