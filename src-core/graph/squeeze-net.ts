/** Finds the parts of SqueezeNet by the names that torchvision gives them. */
import { isConv } from './conv-unit.ts';
import { type ModuleNode, numberedChildren } from './module-node.ts';

export interface Fire {
  readonly squeeze: ModuleNode;
  /** Beside each other: what they give is joined, in this order. */
  readonly sides: readonly [ModuleNode, ModuleNode];
}

export function findFire(module: ModuleNode): Fire | undefined {
  const [squeeze, one, three] = ['squeeze', 'expand1x1', 'expand3x3'].map((name) => module.children.get(name));
  return isConv(squeeze) && isConv(one) && isConv(three) ? { squeeze, sides: [one, three] } : undefined;
}

export interface SqueezeNetParts {
  /** `features`: numbered; a number that is missing stores nothing. */
  readonly list: ModuleNode;
  readonly layers: ReadonlyMap<number, ModuleNode>;
  readonly classifier?: ModuleNode;
}

/** The network, or its `features` alone. */
export function findSqueezeNet(module: ModuleNode): SqueezeNetParts | undefined {
  const list = module.children.get('features') ?? module;
  const layers = new Map(numberedChildren(list));
  const classifier = list === module ? undefined : module.children.get('classifier');
  const isNetwork =
    layers.size === list.children.size &&
    isConv(layers.get(0)) &&
    [...layers].every(([number, layer]) => number === 0 || findFire(layer)) &&
    layers.size > 1;
  return isNetwork ? { list, layers, ...(classifier && { classifier }) } : undefined;
}
