import type { Assumptions, Guess } from '../assumptions.ts';
import { applyActivation, applyGuessedPool } from '../between-layers.ts';
import type { GraphBuilder, Value } from '../build.ts';
import { type DenseUnit, findDenseBlock, findDenseLayer, findDenseNet, findTransition, takesOf } from '../dense-net.ts';
import { refuseRest } from '../known-parts.ts';
import { imageInput, requireSameSize } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { concat } from '../operators.ts';
import { flatten } from '../plain-layers.ts';
import { applyPool } from '../pools.ts';

const denseLayerLowering: Lowering = {
  kind: 'DenseLayer',
  takes: (module) => findDenseLayer(module) !== undefined,
  inputs: (module) => [imageInput(takesOf(findDenseLayer(module)![0]!), 2, 16, 'nchw')],
  lower: (module, { input }, assume, g) => ({
    output: findDenseLayer(module)!.reduce((x, unit) => applyDense(module, unit, x, assume, g), input!),
  }),
};

/** Layers, each of which takes what went in and all that those before it gave. */
const denseBlockLowering: Lowering = {
  kind: 'DenseBlock',
  takes: (module) => findDenseBlock(module) !== undefined,
  inputs: (module) => [imageInput(takesOf(findDenseLayer(findDenseBlock(module)![0]!)![0]!), 2, 16, 'nchw')],
  lower: (module, { input }, _, g) => {
    let x = input!;
    for (const layer of findDenseBlock(module)!) {
      const more = g.apply(layer, x);
      requireSameSize(module, x, more, `what ${layer.name} takes and gives`);
      x = concat(g, [x, more], 1);
    }
    return { output: x };
  },
};

const AVERAGED: Guess<string> = { value: 'avg2', source: 'name', why: 'a transition of DenseNet averages 2 by 2' };

const transitionLowering: Lowering = {
  kind: 'DenseTransition',
  takes: (module) => findTransition(module) !== undefined,
  inputs: (module) => [imageInput(takesOf(findTransition(module)!), 2, 16, 'nchw')],
  lower: (module, { input }, assume, g) => {
    const x = applyDense(module, findTransition(module)!, input!, assume, g);
    return { output: applyGuessedPool(module.path, x, 'nchw', assume, g, { usual: AVERAGED }) };
  },
};

/** A convolution, dense blocks with transitions between them, the mean of each channel, a classifier; or without what comes behind the last norm. */
const denseNetLowering: Lowering = {
  kind: 'DenseNet',
  takes: (module) => findDenseNet(module) !== undefined,
  inputs: (module) => [imageInput(takesOf(findDenseNet(module)!.stem), 2, 224, 'nchw')],
  lower: (module, { input }, assume, g) => {
    const { list, stem, body, norm, classifier } = findDenseNet(module)!;
    refuseRest(module, [stem.conv, stem.norm, ...body, norm, ...(classifier ? [classifier] : [])]);
    const activated = (at: ModuleNode, x: Value) => applyActivation(at.path, x, assume, g, assume.printedAt(at.path));
    let x = activated(stem.norm, g.apply(stem.norm, g.apply(stem.conv, input!)));
    x = applyGuessedPool(stem.conv.path, x, 'nchw', assume, g, { usual: guessPool(stem) });
    for (const part of body) x = g.apply(part, x);
    x = g.apply(norm, x);
    if (list !== module) g.tap(list.path, x);
    if (!classifier) return { output: x };
    return { logits: g.apply(classifier, flatten(g, applyPool(module, 'mean', activated(norm, x), g))) };
  },
};

export const denseNetLowerings: readonly Lowering[] = [
  denseLayerLowering,
  denseBlockLowering,
  transitionLowering,
  denseNetLowering,
];

function guessPool({ conv }: DenseUnit): Guess<string> {
  return (findTensor(conv, 'weight')?.shape.at(-1) ?? 0) >= 7
    ? { value: 'max3/2p1', source: 'name', why: 'a DenseNet that begins with a large kernel pools behind it' }
    : { value: 'none', source: 'name', why: 'a DenseNet that begins with a small kernel does not pool behind it' };
}

function applyDense(
  module: ModuleNode,
  { norm, conv }: DenseUnit,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const printed = assume.printedAt(module.path);
  return g.apply(conv, applyActivation(module.path, g.apply(norm, x), assume, g, printed));
}
