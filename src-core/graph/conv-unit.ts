/** A convolution with the norm and the activation behind it, as torchvision and timm stack them. */
import type { Assumptions, Guess } from './assumptions.ts';
import { applyActivation } from './between-layers.ts';
import type { GraphBuilder, Value } from './build.ts';
import { findTensor, type ModuleNode, numberedChildren } from './module-node.ts';
import { type Ends, endsOf } from './module-parts.ts';

export interface ConvUnit {
  readonly conv: ModuleNode;
  readonly norm?: ModuleNode;
  /** The module that holds both, where there is one: what it gives is behind the activation. */
  readonly holder?: ModuleNode;
}

export const isConv = (module: ModuleNode | undefined): module is ModuleNode => module?.kind === 'Conv2d';
export const isBatchNorm = (module: ModuleNode | undefined): module is ModuleNode =>
  module !== undefined && /^BatchNorm(2d)?$/.test(module.kind);

/** A module that is nothing but a numbered convolution and its norm; undefined for any other. */
export function findUnit(module: ModuleNode): ConvUnit | undefined {
  const layers = numberedChildren(module).map(([, layer]) => layer);
  const [conv, norm] = layers;
  if (module.tensors.size > 0 || module.children.size !== 2 || !isConv(conv) || !isBatchNorm(norm)) return undefined;
  return { conv, norm, holder: module };
}

/** A convolution and its norm by their names. */
export function unitOf(module: ModuleNode, conv: string, norm: string): ConvUnit | undefined {
  const [a, b] = [module.children.get(conv), module.children.get(norm)];
  return isConv(a) && isBatchNorm(b) ? { conv: a, norm: b } : undefined;
}

export const modulesOfUnit = ({ conv, norm }: ConvUnit): readonly ModuleNode[] => (norm ? [conv, norm] : [conv]);

/** One channel a group: as many come out as go in. */
export const isDepthwise = ({ conv }: ConvUnit): boolean => {
  const shape = findTensor(conv, 'weight')?.shape;
  return shape?.[1] === 1 && shape[0]! > 1;
};

export function unitEnds(unit: ConvUnit): Ends | undefined {
  const ends = endsOf(unit.conv);
  return ends && isDepthwise(unit) ? { takes: ends.gives, gives: ends.gives } : ends;
}

export const kernelOf = ({ conv }: ConvUnit): number => findTensor(conv, 'weight')?.shape.at(-1) ?? 1;

/** @param activation what is usual behind it; none where absent. */
export function applyUnit(
  { conv, norm, holder }: ConvUnit,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
  activation?: Guess<string>,
): Value {
  let y = g.apply(conv, x);
  if (norm) y = g.apply(norm, y);
  if (activation) {
    const printed = assume.printedAt((holder ?? norm ?? conv).path);
    y = applyActivation((holder ?? conv).path, y, assume, g, printed, activation);
  }
  if (holder) g.tap(holder.path, y);
  return y;
}
