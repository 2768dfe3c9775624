/** Finds the parts of ConvNeXt by the names that torchvision, timm, transformers and its authors give them. */
import { isConv, isDepthwise } from './conv-unit.ts';
import { findChild, findTensor, type ModuleNode, type ModuleTensor, numberedChildren } from './module-node.ts';

export interface ConvNextBlock {
  readonly conv: ModuleNode;
  readonly norm: ModuleNode;
  /** Layers of each pixel: linear, or convolutions that look at one. */
  readonly first: ModuleNode;
  readonly second: ModuleNode;
  /** Of the second version: a norm over the image. */
  readonly response?: ModuleNode;
  /** One number for each channel. */
  readonly scale?: ModuleTensor;
}

export function findConvNextBlock(module: ModuleNode): ConvNextBlock | undefined {
  const conv = findChild(module, 'conv_dw', 'dwconv', 'block.0');
  const norm = findChild(module, 'norm', 'layernorm', 'block.2');
  const first = findChild(module, 'mlp.fc1', 'pwconv1', 'block.3');
  const second = findChild(module, 'mlp.fc2', 'pwconv2', 'block.5');
  if (!isConv(conv) || !isDepthwise({ conv }) || !isLayerNorm(norm) || !first || !second) return undefined;
  const response = findChild(module, 'mlp.grn', 'grn');
  const scale = findTensor(module, 'gamma', 'layer_scale', 'layer_scale_parameter');
  return { conv, norm, first, second, ...(response && { response }), ...(scale && { scale }) };
}

const isLayerNorm = (module: ModuleNode | undefined): module is ModuleNode =>
  module !== undefined && /^(LayerNorm|Norm)$/.test(module.kind);

/** A convolution whose windows lie side by side, and a norm before it or behind it. */
export interface Patches {
  readonly conv: ModuleNode;
  readonly norm: ModuleNode;
  readonly isNormFirst: boolean;
}

export function findPatches(module: ModuleNode): Patches | undefined {
  const layers = [...module.children.values()];
  const [conv, norm] = [layers.find(isConv), layers.find(isLayerNorm)];
  if (layers.length !== 2 || module.tensors.size > 0 || !conv || !norm) return undefined;
  const window = findTensor(conv, 'weight')?.shape.slice(2) ?? [];
  if (window.some((size) => size % 2 !== 0)) return undefined;
  // Numbers say what comes first; what is named cuts first.
  return { conv, norm, isNormFirst: numberedChildren(module)[0]?.[1] === norm };
}

export interface ConvNextParts {
  /** What cuts the image into patches, then blocks, and what cuts patches of patches, in order. */
  readonly steps: readonly ModuleNode[];
  /** Modules that end with a step. */
  readonly lists: ReadonlyMap<ModuleNode, readonly ModuleNode[]>;
  /** Of the mean over the image. */
  readonly norm?: ModuleNode;
  readonly head?: ModuleNode;
}

/** The network, or the `features` of torchvision's alone. */
export function findConvNext(module: ModuleNode): ConvNextParts | undefined {
  const inside = findChild(module, 'convnext', 'convnextv2') ?? module;
  const stages = findSteps(inside);
  const steps = stages.flatMap(({ steps }) => steps);
  const patches = steps[0] && findPatches(steps[0]);
  const isKnown = steps.every((step) => findConvNextBlock(step) ?? findPatches(step));
  if (!patches || patches.isNormFirst || !isKnown || !steps.some(findConvNextBlock)) return undefined;
  const lists = new Map<ModuleNode, readonly ModuleNode[]>();
  for (const { steps, list } of stages) if (list && !steps.includes(list)) lists.set(steps.at(-1)!, [list]);
  const features = inside.children.get('features');
  if (features) lists.set(steps.at(-1)!, [...(lists.get(steps.at(-1)!) ?? []), features]);
  const norm = findChild(inside, 'classifier.0', 'head.norm', 'layernorm', 'norm');
  const head = findChild(module, 'classifier.2', 'head.fc') ?? findLinear(module, 'classifier', 'head');
  return { steps, lists, ...(norm && { norm }), ...(head && { head }) };
}

const findLinear = (module: ModuleNode, ...names: readonly string[]): ModuleNode | undefined => {
  const found = findChild(module, ...names);
  return found && findTensor(found, 'weight') ? found : undefined;
};

interface Stage {
  readonly steps: readonly ModuleNode[];
  /** What holds them. */
  readonly list?: ModuleNode;
}

function findSteps(module: ModuleNode): readonly Stage[] {
  const list = module.children.get('features') ?? module;
  const layers = numberedChildren(list).map(([, layer]) => layer);
  // torchvision has all in one list.
  if (layers.length > 0 && layers.length === list.children.size)
    return layers.map((layer) => ({ steps: patchesOrBlocks(layer), list: layer }));
  const stem = findChild(module, 'stem', 'embeddings');
  const stages = numbered(findChild(module, 'stages', 'encoder.stages'));
  const cuts = numbered(findChild(module, 'downsample_layers'));
  return [
    ...(stem ? [{ steps: [stem] }] : []),
    ...stages.map((stage, i) => {
      const cut = cuts[i] ?? findChild(stage, 'downsample', 'downsampling_layer');
      const blocks = patchesOrBlocks(findChild(stage, 'blocks', 'layers') ?? stage);
      return { steps: cut ? [cut, ...blocks] : blocks, list: stage };
    }),
  ];
}

const numbered = (module: ModuleNode | undefined): readonly ModuleNode[] =>
  module ? numberedChildren(module).map(([, child]) => child) : [];

const patchesOrBlocks = (module: ModuleNode): readonly ModuleNode[] =>
  findPatches(module) ? [module] : numbered(module);
