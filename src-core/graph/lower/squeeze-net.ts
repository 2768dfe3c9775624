import type { Assumptions, Guess } from '../assumptions.ts';
import { applyActivation, applyGuessedPool } from '../between-layers.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import { isConv } from '../conv-unit.ts';
import { refuseRest } from '../known-parts.ts';
import { imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, joinPath, type ModuleNode, numberedChildren } from '../module-node.ts';
import { flatten, lowerPlainLayer } from '../plain-layers.ts';
import { applyPool } from '../pools.ts';
import { findSqueezeNet } from '../squeeze-net.ts';

/** A convolution, fires with pools between them, a convolution to the classes, and the mean of each; or without what comes after the fires. */
export const squeezeNetLowering: Lowering = {
  kind: 'SqueezeNet',
  takes: (module) => findSqueezeNet(module) !== undefined,
  inputs: (module) => [
    imageInput(findTensor(findSqueezeNet(module)!.layers.get(0)!, 'weight')!.shape[1]!, 2, 224, 'nchw'),
  ],
  lower: (module, { input }, assume, g) => {
    const { list, layers, classifier } = findSqueezeNet(module)!;
    refuseRest(module, classifier ? [...layers.values(), classifier] : [...layers.values()]);
    const stem = layers.get(0)!;
    const why = 'the first layer of SqueezeNet goes by 2, and pads nothing';
    assume.suggest(stem.path, 'stride', { value: 2, source: 'name', why });
    assume.suggest(stem.path, 'padding', { value: 0, source: 'name', why });
    let x = input!;
    for (let number = 0; number <= Math.max(...layers.keys()); number++) {
      const layer = layers.get(number);
      if (layer) x = g.apply(layer, x);
      else x = lowerMissing(joinPath(list.path, String(number)), number === 1, x, assume, g);
    }
    if (list !== module) g.tap(list.path, x);
    return classifier ? { logits: classify(classifier, x, assume, g) } : { output: x };
  },
};

const POOL: Guess<string> = {
  value: 'max3/2c',
  source: 'name',
  why: 'SqueezeNet pools 3 by 3 in steps of 2, and counts a window that ends outside',
};

/** Behind the first layer an activation, elsewhere a pool. */
function lowerMissing(path: string, isFirst: boolean, x: Value, assume: Assumptions, g: GraphBuilder): Value {
  const printed = assume.printedAt(path);
  let y: Value;
  if (printed) y = lowerPlainLayer(path, printed, x, assume, g);
  else if (isFirst) y = applyActivation(path, x, assume, g);
  else y = applyGuessedPool(path, x, 'nchw', assume, g, { usual: POOL });
  g.tap(path, y);
  return y;
}

function classify(classifier: ModuleNode, x: Value, assume: Assumptions, g: GraphBuilder): Value {
  const layers = numberedChildren(classifier);
  const [number, conv] = layers[0] ?? [0, undefined];
  if (!isConv(conv) || layers.length !== classifier.children.size || layers.length > 1)
    throw notRunnable(classifier, 'it is not the one convolution that SqueezeNet ends with', 'Run its features alone');
  const behind = joinPath(classifier.path, String(number + 1));
  const scores = applyActivation(behind, g.apply(conv, x), assume, g, assume.printedAt(classifier.path));
  return flatten(g, applyPool(classifier, 'mean', scores, g));
}
