/** Finds the parts of DenseNet by the names that torchvision and timm give them. */
import { type ConvUnit, isBatchNorm, isConv } from './conv-unit.ts';
import { findChild, findTensor, type ModuleNode } from './module-node.ts';
import { compareNames } from './module-parts.ts';

/** A norm, an activation, and a convolution: one after the other. Older files write `norm.1` for `norm1`. */
export type DenseUnit = Required<Pick<ConvUnit, 'conv' | 'norm'>>;

function unitAt(module: ModuleNode, number: string): DenseUnit | undefined {
  const [norm, conv] = ['norm', 'conv'].map((name) => findChild(module, `${name}${number}`, `${name}.${number}`));
  return isBatchNorm(norm) && isConv(conv) ? { norm, conv } : undefined;
}

/** One or two units: what a layer gives is put behind what it takes. */
export function findDenseLayer(module: ModuleNode): readonly DenseUnit[] | undefined {
  const first = unitAt(module, '1');
  const second = unitAt(module, '2');
  if (!first || takesOf(first) !== findTensor(first.norm, 'weight')?.shape[0]) return undefined;
  const units = second ? [first, second] : [first];
  const held = [...module.children.values()].reduce((sum, { children }) => sum + Math.max(1, children.size), 0);
  return held === 2 * units.length && module.tensors.size === 0 ? units : undefined;
}

export const takesOf = ({ conv }: Pick<DenseUnit, 'conv'>): number => findTensor(conv, 'weight')!.shape[1]!;

/** Layers in order, each of which takes what all before it gave. */
export function findDenseBlock(module: ModuleNode): readonly ModuleNode[] | undefined {
  const layers = [...module.children.values()].sort((a, b) => compareNames(a.name, b.name));
  const isBlock =
    layers.length > 0 && layers.every((layer) => /^denselayer\d+$/.test(layer.name) && findDenseLayer(layer));
  return isBlock && module.tensors.size === 0 ? layers : undefined;
}

export function findTransition(module: ModuleNode): DenseUnit | undefined {
  return /^transition\d*$/.test(module.name) && module.children.size === 2 ? unitAt(module, '') : undefined;
}

export interface DenseNetParts {
  readonly list: ModuleNode;
  readonly stem: DenseUnit;
  /** Blocks and transitions, in order. */
  readonly body: readonly ModuleNode[];
  readonly norm: ModuleNode;
  readonly classifier?: ModuleNode;
}

/** The network, or its `features` alone. */
export function findDenseNet(module: ModuleNode): DenseNetParts | undefined {
  const list = module.children.get('features') ?? module;
  const stem = unitAt(list, '0');
  const norms = [...list.children.values()].filter(({ name }) => /^norm[1-9]\d*$/.test(name));
  const norm = norms[0];
  const body = [...list.children.values()]
    .filter((child) => findDenseBlock(child) || findTransition(child))
    .sort(byPlace);
  if (!stem || norms.length !== 1 || !isBatchNorm(norm) || body.length === 0) return undefined;
  const classifier = list === module ? undefined : module.children.get('classifier');
  return { list, stem, body, norm, ...(classifier && { classifier }) };
}

/** By number; of the same the block comes before the transition. */
function byPlace(a: ModuleNode, b: ModuleNode): number {
  const [left, right] = [a, b].map(({ name }) => Number(/\d*$/.exec(name)![0]));
  return left! - right! || compareNames(a.name, b.name);
}
