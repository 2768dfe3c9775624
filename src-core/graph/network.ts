/** Networks of named layers: convolutions with what stands between them, then linear layers. */
import type { Assumptions, Guess } from './assumptions.ts';
import { applyActivation, applyGuessedPool, fitToLinear, MAX2 } from './between-layers.ts';
import type { GraphBuilder, Value } from './build.ts';
import type { Link } from './chain.ts';
import { askLayout, type Layout } from './layout.ts';
import { findTensor, type ModuleNode } from './module-node.ts';
import { endsOf, isSequence, leavesOf } from './module-parts.ts';
import { poolName } from './pools.ts';
import { type PrintedModule, printedNumbers } from './printed.ts';
import { writeSizes } from './sizes.ts';

/** Where pools stand among convolutions that say nothing of it, and whether these are padded. */
export interface Habit {
  readonly pools: 'each' | 'last' | 'none';
  readonly padding: 'same' | 'none';
  /** The end of "… because …". */
  readonly why: string;
}

export function runNetwork(
  module: ModuleNode,
  links: readonly Link[],
  input: Value,
  habit: Habit,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const printed = assume.printedAt(module.path);
  let x = input;
  links.forEach((link, i) => {
    const next = links[i + 1];
    const layers = leavesOf(link.module);
    if (link.role === 'linear') {
      if (x.shape.length > 2 && links[i - 1] && links[i - 1]!.role !== 'linear')
        x = fitToLinear(layers[0]!, x, layoutOf(links[i - 1]!, assume), assume, g, mayAverage(module, printed));
      x = g.apply(link.module, x);
      for (const one of link.after) x = g.apply(one, x);
      if (next && !isSequence(link.module)) x = between(link, x, assume, g, printed);
      return;
    }
    if (link.role === 'conv' && !isSequence(link.module)) suggestPadding(link.module, habit, assume);
    x = g.apply(link.module, x);
    for (const one of link.after) x = g.apply(one, x);
    // What stands in a sequence, and behind its last layer, is its own.
    if (link.role !== 'conv' || isSequence(link.module) || !next) return;
    x = between(link, x, assume, g, printed);
    x = applyGuessedPool(link.module.path, x, layoutOf(link, assume), assume, g, {
      usual: usualPool(links, i, habit, printed),
    });
  });
  return x;
}

/** A slope of its own is an activation. */
const between = (
  link: Link,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
  printed: PrintedModule | undefined,
): Value =>
  link.after.some(({ kind }) => kind === 'PReLU') ? x : applyActivation(link.module.path, x, assume, g, printed);

/** A residual network keeps its channels where its first layer has them. */
const layoutOf = (link: Link, assume: Assumptions): Layout =>
  askLayout(leavesOf(link.module).findLast((layer) => layer.kind.startsWith('Conv')) ?? link.module, assume);

/** VGG and AlexNet average what is left to the size that they know. */
function mayAverage(module: ModuleNode, printed: PrintedModule | undefined): boolean {
  if (printed) return [...printed.children.values()].some(({ type }) => type.startsWith('AdaptiveAvgPool'));
  return module.children.has('features') && module.children.has('classifier');
}

function usualPool(links: readonly Link[], i: number, habit: Habit, printed: PrintedModule | undefined): Guess<string> {
  const held = [...(printed?.children.values() ?? [])].find(({ type }) => /^(Max|Avg)Pool/.test(type));
  const isStem = links[i + 1]?.role === 'residual';
  if (isStem) {
    const isLarge = (findTensor(links[i]!.module, 'weight')?.shape.at(-1) ?? 0) >= 7;
    return isLarge
      ? { value: 'max3/2p1', source: 'name', why: 'a ResNet that begins with a large kernel pools behind it' }
      : { value: 'none', source: 'name', why: 'a ResNet that begins with a small kernel does not pool behind it' };
  }
  const isLast = links[i + 1]?.role !== 'conv';
  if (habit.pools === 'none' || (habit.pools === 'last' && !isLast))
    return { value: 'none', source: 'shape', why: habit.why };
  if (held) return { value: printedPool(held), source: 'file', why: 'the printed model holds such a pool' };
  return { ...MAX2, source: 'shape', why: habit.why };
}

function printedPool(held: PrintedModule): string {
  const kernel = printedNumbers(held, 'kernel_size', 0)?.[0] ?? 2;
  const stride = printedNumbers(held, 'stride', 1)?.[0] ?? kernel;
  return poolName(
    held.type.startsWith('Max') ? 'max' : 'avg',
    kernel,
    stride,
    printedNumbers(held, 'padding', 2)?.[0] ?? 0,
  );
}

function suggestPadding(conv: ModuleNode, { padding, why }: Habit, assume: Assumptions): void {
  const weight = findTensor(conv, 'weight')?.shape;
  if (!weight) return;
  const sizes = weight.slice(2).map((size) => (padding === 'same' && size % 2 === 1 ? (size - 1) / 2 : 0));
  assume.suggest(conv.path, 'padding', { value: writeSizes(sizes), source: 'shape', why });
}

/** Channels that the first layer takes. */
export const channelsInto = (links: readonly Link[]): number => endsOf(links[0]!.module)?.takes ?? 1;
