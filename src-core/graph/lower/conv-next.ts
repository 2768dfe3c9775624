import { activate } from '../activations.ts';
import type { Assumptions } from '../assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import { findConvNext, findConvNextBlock, findPatches, type Patches } from '../conv-next.ts';
import { askActivation } from '../feed-forward.ts';
import { refuseRest } from '../known-parts.ts';
import { imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findChild, findTensor, type ModuleNode, type ModuleTensor } from '../module-node.ts';
import { lowerLayerNorm, scaleOf } from '../normalise.ts';
import { add, divide, mean, multiply, reshape, scalar, unary } from '../operators.ts';
import { flatten } from '../plain-layers.ts';
import { applyPool } from '../pools.ts';
import { channelsFirst, channelsLast } from '../window.ts';

/** Each channel is convolved by itself; then each pixel goes through two layers, and is added to what went in. */
const blockLowering: Lowering = {
  kind: 'ConvNeXtBlock',
  takes: (module) => findConvNextBlock(module) !== undefined,
  inputs: (module) => [imageInput(findTensor(findConvNextBlock(module)!.conv, 'weight')!.shape[0]!, 2, 16, 'nchw')],
  lower: (module, { input }, assume, g) => {
    const { conv, norm, first, second, response, scale } = findConvNextBlock(module)!;
    refuseRest(module, [conv, norm, first, second, ...(response ? [response] : []), ...(scale ? [scale] : [])]);
    suggestEps(norm, assume);
    const pixels = lowerLayerNorm(norm, channelsLast(g, g.apply(conv, input!)), assume, g);
    g.tap(norm.path, pixels);
    const usual = { value: 'gelu', source: 'name', why: 'ConvNeXt has gelu' } as const;
    const activation = askActivation(module, assume, usual);
    let hidden = activate(g, activation, applyToPixels(first, pixels, g));
    if (response) hidden = respond(response, hidden, g);
    const mixed = applyToPixels(second, hidden, g);
    const mlp = findChild(module, 'mlp');
    if (mlp && first.kind !== 'Conv2d') g.tap(mlp.path, mixed);
    const scaled = scale ? multiply(g, mixed, flat(scale, g)) : mixed;
    const output = channelsFirst(g, scaled);
    if (output.shape.join() !== input!.shape.join())
      throw notRunnable(
        module,
        `it is given ${input!.shape.join('×')} and its layers give ${output.shape.join('×')}`,
        `Correct padding of ${conv.name}`,
      );
    return { output: add(g, input!, output) };
  },
};

/** A convolution whose windows lie side by side, with a norm over the channels of each pixel before or behind it. */
const patchesLowering: Lowering = {
  kind: 'ConvNeXtPatches',
  takes: (module) => findPatches(module) !== undefined,
  inputs: (module) => {
    const { shape } = findTensor(findPatches(module)!.conv, 'weight')!;
    return [imageInput(shape[1]!, 2, 8 * shape[2]!, 'nchw')];
  },
  lower: (module, { input }, assume, g) => {
    const { conv, norm, isNormFirst } = findPatches(module) as Patches;
    const cut = isNormFirst
      ? g.apply(conv, normalisePixels(norm, input!, assume, g))
      : normalisePixels(norm, g.apply(conv, input!), assume, g);
    return { output: cut };
  },
};

/** Patches of the image, blocks, patches of those and blocks again; the norm of the mean, and a classifier. */
const networkLowering: Lowering = {
  kind: 'ConvNeXt',
  takes: (module) => findConvNext(module) !== undefined,
  inputs: (module) => {
    const { conv } = findPatches(findConvNext(module)!.steps[0]!)!;
    return [imageInput(findTensor(conv, 'weight')!.shape[1]!, 2, 224, 'nchw')];
  },
  lower: (module, { input }, assume, g) => {
    const { steps, lists, norm, head } = findConvNext(module)!;
    refuseRest(module, [...steps, ...(norm ? [norm] : []), ...(head ? [head] : [])]);
    let x = input!;
    for (const step of steps) {
      x = g.apply(step, x);
      for (const list of lists.get(step) ?? []) g.tap(list.path, x);
    }
    if (!norm) return { output: x };
    suggestEps(norm, assume);
    const pooled = g.apply(norm, flatten(g, applyPool(module, 'mean', x, g)));
    return head ? { logits: g.apply(head, pooled) } : { output: x, pooled };
  },
};

export const convNextLowerings: readonly Lowering[] = [blockLowering, patchesLowering, networkLowering];

function suggestEps(norm: ModuleNode, assume: Assumptions): void {
  assume.suggest(norm.path, 'eps', { value: 1e-6, source: 'name', why: 'the norms of ConvNeXt add 1e-6' });
}

/** Over the channels of each pixel of [batch, channels, height, width]. */
function normalisePixels(norm: ModuleNode, x: Value, assume: Assumptions, g: GraphBuilder): Value {
  suggestEps(norm, assume);
  const normal = channelsFirst(g, lowerLayerNorm(norm, channelsLast(g, x), assume, g));
  g.tap(norm.path, normal);
  return normal;
}

/** A layer on the last axis: one that timm keeps as a convolution takes channels first. */
function applyToPixels(layer: ModuleNode, pixels: Value, g: GraphBuilder): Value {
  return layer.kind === 'Conv2d' ? channelsLast(g, g.apply(layer, channelsFirst(g, pixels))) : g.apply(layer, pixels);
}

const flat = (tensor: ModuleTensor, g: GraphBuilder): Value =>
  reshape(g, g.weight(tensor), [tensor.shape.reduce((all, size) => all * size, 1)]);

/** How large each channel is over the image, beside the mean of all channels, scales it: ConvNeXt V2's norm. */
function respond(module: ModuleNode, x: Value, g: GraphBuilder): Value {
  const [scale, shift] = [scaleOf(module), findTensor(module, 'bias')];
  if (!scale || !shift) throw notRunnable(module, 'it has no weight and bias', 'Open the file that has them');
  const area = (x.shape[1] as number) * (x.shape[2] as number);
  const size = unary(g, 'Sqrt', multiply(g, mean(g, multiply(g, x, x), [1, 2]), scalar(g, area)));
  const share = divide(g, size, add(g, mean(g, size, [3]), scalar(g, 1e-6)));
  return add(g, x, add(g, multiply(g, multiply(g, x, share), flat(scale, g)), flat(shift, g)));
}
