import type { Guess } from '../assumptions.ts';
import { applyUnit, type ConvUnit, findUnit, isConv, modulesOfUnit, unitEnds, unitOf } from '../conv-unit.ts';
import { refuseRest } from '../known-parts.ts';
import { imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { blocksIn, familyOf, type InvertedBlock, type MobileFamily, suggestEps } from '../mobile-blocks.ts';
import { findChild, type ModuleNode, numberedChildren } from '../module-node.ts';
import { flatten } from '../plain-layers.ts';
import { applyPool } from '../pools.ts';

/** A convolution in steps of 2, blocks, a convolution, the mean of each channel, a classifier; or without what comes after the blocks. */
const mobileNetLowering = (kind: MobileFamily): Lowering => ({
  kind,
  takes: (module) => {
    const parts = findParts(module);
    return parts !== undefined && familyOf(parts.blocks) === kind;
  },
  inputs: (module) => [imageInput(unitEnds(findParts(module)!.stem)!.takes, 2, 224, 'nchw')],
  lower: (module, { input }, assume, g) => {
    const { stem, blocks, head, classifier, list } = findParts(module)!;
    const units = [stem, ...(head ? [head] : [])];
    const inside = [...units.flatMap(modulesOfUnit), ...blocks.map((block) => block.module)];
    refuseRest(module, classifier ? [...inside, classifier] : inside);
    const activation: Guess<string> = ACTIVATIONS[kind];
    assume.suggest(stem.conv.path, 'stride', { value: 2, source: 'name', why: `the first layer of ${kind} goes by 2` });
    for (const unit of units) suggestEps(unit, blocks, assume);
    let x = applyUnit(stem, input!, assume, g, activation);
    blocks.forEach((block, i) => {
      x = g.apply(block.module, x);
      const stage = listOf(block);
      if (stage !== list?.path && stage !== (blocks[i + 1] && listOf(blocks[i + 1]!))) g.tap(stage, x);
    });
    // timm takes the mean before the last convolution of MobileNetV3, which has no norm.
    const isMeanFirst = head !== undefined && !head.norm;
    if (isMeanFirst) x = applyPool(module, 'mean', x, g);
    if (head) x = applyUnit(head, x, assume, g, activation);
    if (list && list !== module) g.tap(list.path, x);
    if (!classifier) return { output: x };
    if (!isMeanFirst) x = applyPool(module, 'mean', x, g);
    if (kind === 'MobileNetV3') assume.suggest(`${classifier.path}.1`, 'activation', activation);
    return { logits: g.apply(classifier, flatten(g, x)) };
  },
});

export const mobileNetLowerings: readonly Lowering[] = (['MobileNetV2', 'MobileNetV3', 'EfficientNet'] as const).map(
  mobileNetLowering,
);

/** Path of the list it is in. */
const listOf = ({ module }: InvertedBlock): string => module.path.replace(/\.?[^.]*$/, '');

const usual = (value: string, why: string): Guess<string> => ({ value, source: 'name', why });
const ACTIVATIONS: Readonly<Record<MobileFamily, Guess<string>>> = {
  MobileNetV2: usual('relu6', 'MobileNetV2 clips at 6'),
  MobileNetV3: usual('hardswish', 'the first and last layers of MobileNetV3 have hardswish'),
  EfficientNet: usual('silu', 'EfficientNet has silu'),
};

interface MobileParts {
  readonly stem: ConvUnit;
  readonly blocks: readonly InvertedBlock[];
  readonly head?: ConvUnit;
  readonly classifier?: ModuleNode;
  /** torchvision's `features`. */
  readonly list?: ModuleNode;
}

const findParts = (module: ModuleNode): MobileParts | undefined => findFeatures(module) ?? findNamed(module);

function findFeatures(module: ModuleNode): MobileParts | undefined {
  const list = module.children.get('features') ?? module;
  const layers = numberedChildren(list).map(([, layer]) => layer);
  const stem = layers[0] && findUnit(layers[0]);
  const blocks = blocksIn(list);
  if (!stem || blocks.length === 0 || layers.length !== list.children.size) return undefined;
  const head = findUnit(layers.at(-1)!);
  const classifier = list === module ? undefined : module.children.get('classifier');
  return { stem, blocks, list, ...(head && { head }), ...(classifier && { classifier }) };
}

/** timm's names. */
function findNamed(module: ModuleNode): MobileParts | undefined {
  const stem = unitOf(module, 'conv_stem', 'bn1');
  const list = findChild(module, 'blocks');
  const blocks = list ? blocksIn(list) : [];
  if (!stem || blocks.length === 0) return undefined;
  const conv = findChild(module, 'conv_head');
  const head = unitOf(module, 'conv_head', 'bn2') ?? (isConv(conv) ? { conv } : undefined);
  const classifier = findChild(module, 'classifier');
  return { stem, blocks, ...(head && { head }), ...(classifier && { classifier }) };
}
