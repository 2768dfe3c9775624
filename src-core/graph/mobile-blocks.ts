/**
 * Blocks of MobileNetV2, MobileNetV3 and EfficientNet under the names of torchvision and timm: channels are widened, each is
 * convolved by itself, and they are narrowed again. Which network they are of tells what they do not store.
 */
import type { Assumptions, Guess } from './assumptions.ts';
import { type ConvUnit, findUnit, isBatchNorm, isConv, isDepthwise, kernelOf, unitEnds, unitOf } from './conv-unit.ts';
import { findChild, findTensor, type ModuleNode, numberedChildren } from './module-node.ts';

export interface Excite {
  readonly reduce: ModuleNode;
  readonly expand: ModuleNode;
}

export interface InvertedBlock {
  readonly module: ModuleNode;
  /** In order: all but the last are activated; of one alone also that. */
  readonly units: readonly ConvUnit[];
  /** Before the last of them. */
  readonly excite?: ModuleNode;
  readonly takes: number;
  readonly gives: number;
}

/** Two convolutions of what is left of an image: a gate for each channel. */
export function findExcite(module: ModuleNode): Excite | undefined {
  for (const [a, b] of [
    ['conv_reduce', 'conv_expand'],
    ['fc1', 'fc2'],
  ] as const) {
    const [reduce, expand] = [module.children.get(a), module.children.get(b)];
    if (!isPointwise(reduce) || !isPointwise(expand)) continue;
    const [narrow, wide] = [shapeOf(reduce), shapeOf(expand)];
    if (module.children.size === 2 && narrow[0] === wide[1] && narrow[1] === wide[0]) return { reduce, expand };
  }
  return undefined;
}

const shapeOf = (conv: ModuleNode): readonly number[] => findTensor(conv, 'weight')?.shape ?? [];
const isPointwise = (module: ModuleNode | undefined): module is ModuleNode =>
  isConv(module) && shapeOf(module).slice(2).join() === '1,1';

/** timm's names for the layers of a block, each kind of block in order. */
const NAMED: readonly (readonly (readonly [string, string])[])[] = [
  [
    ['conv_pw', 'bn1'],
    ['conv_dw', 'bn2'],
    ['conv_pwl', 'bn3'],
  ],
  [
    ['conv_dw', 'bn1'],
    ['conv_pw', 'bn2'],
  ],
  [
    ['conv_exp', 'bn1'],
    ['conv_pwl', 'bn2'],
  ],
  [['conv', 'bn1']],
];

export function findInverted(module: ModuleNode): InvertedBlock | undefined {
  const found = findNamed(module) ?? findNumbered(module);
  const [first, last] = [found?.units[0], found?.units.at(-1)];
  const [start, end] = [first && unitEnds(first), last && unitEnds(last)];
  if (!found || !isInverted(found.units) || !start || !end) return undefined;
  return { module, ...found, takes: start.takes, gives: end.gives };
}

type Found = Pick<InvertedBlock, 'units' | 'excite'>;

function findNamed(module: ModuleNode): Found | undefined {
  const excite = findChild(module, 'se');
  if (excite && !findExcite(excite)) return undefined;
  for (const names of NAMED) {
    const units = names.flatMap(([conv, norm]) => unitOf(module, conv, norm) ?? []);
    if (units.length !== names.length || module.children.size !== 2 * units.length + (excite ? 1 : 0)) continue;
    return { units, ...(excite && { excite }) };
  }
  return undefined;
}

/** torchvision: `conv` of MobileNetV2, `block` of the others. */
function findNumbered(module: ModuleNode): Found | undefined {
  const list = findChild(module, 'conv', 'block');
  if (!list || module.children.size !== 1 || module.tensors.size > 0) return undefined;
  const layers = numberedChildren(list).map(([, layer]) => layer);
  if (layers.length !== list.children.size) return undefined;
  const units: ConvUnit[] = [];
  let excite: ModuleNode | undefined;
  for (const [i, layer] of layers.entries()) {
    const unit = findUnit(layer);
    const norm = layers[i + 1];
    if (unit) units.push(unit);
    else if (findExcite(layer)) excite = layer;
    else if (isConv(layer) && units.length > 0 && isBatchNorm(norm)) units.push({ conv: layer, norm });
    else if (!isBatchNorm(layer) || units.at(-1)?.norm !== layer) return undefined;
  }
  return { units, ...(excite && { excite }) };
}

/** Whether channels are widened, convolved and narrowed again: the last convolution looks at one pixel, the one before at several. */
function isInverted(units: readonly ConvUnit[]): boolean {
  const [last, before] = [units.at(-1), units.at(-2)];
  if (!last || !before) return units.length === 1;
  if (kernelOf(last) > 1 || isDepthwise(last)) return false;
  if (units.length === 3) return isDepthwise(before) && kernelOf(units[0]!) === 1;
  return units.length === 2 && (isDepthwise(before) || kernelOf(before) > 1);
}

/** Blocks of a numbered list, also in lists of their own; other layers of it are passed over. */
export function blocksIn(list: ModuleNode): readonly InvertedBlock[] {
  return numberedChildren(list).flatMap(([, child]) => {
    const block = findInverted(child);
    if (block) return [block];
    const isList = numberedChildren(child).length === child.children.size && !findUnit(child);
    return isList ? blocksIn(child) : [];
  });
}

export type MobileFamily = 'MobileNetV2' | 'MobileNetV3' | 'EfficientNet';

/** EfficientNet narrows a quarter of what a block takes, MobileNetV3 a quarter of what it is widened to; MobileNetV2 has no gates. */
export function familyOf(blocks: readonly InvertedBlock[]): MobileFamily {
  const excited = blocks.filter(({ excite }) => excite);
  if (excited.length === 0) return isFused(blocks) ? 'EfficientNet' : 'MobileNetV2';
  const isQuarter = ({ excite, takes }: InvertedBlock): boolean => {
    const squeezed = shapeOf(findExcite(excite!)!.reduce)[0];
    return squeezed === Math.max(1, Math.floor(takes / 4)) || squeezed === Math.round(takes / 4);
  };
  return excited.every(isQuarter) ? 'EfficientNet' : 'MobileNetV3';
}

/** Whether convolutions of a block look at several pixels of all channels, as in EfficientNetV2. */
const isFused = (blocks: readonly InvertedBlock[]): boolean =>
  blocks.some(({ units }) => units.length === 2 && !units.some(isDepthwise));

/** torchvision adds more to variances in MobileNetV3 and EfficientNetV2 than PyTorch does. */
export function suggestEps({ norm, holder }: ConvUnit, blocks: readonly InvertedBlock[], assume: Assumptions): void {
  const isLarge = familyOf(blocks) === 'MobileNetV3' || isFused(blocks);
  if (!norm || !holder || !isLarge) return;
  const of = isFused(blocks) ? 'EfficientNetV2' : 'MobileNetV3';
  assume.suggest(norm.path, 'eps', { value: 1e-3, source: 'name', why: `${of} of torchvision adds 1e-3` });
}

/** Where a block stands in its network: blocks of as many channels are a stage. */
export interface BlockPlace {
  /** All of the network that are known. */
  readonly blocks: readonly InvertedBlock[];
  readonly family: MobileFamily;
  readonly stage: number;
  readonly stages: number;
  readonly isFirstOfStage: boolean;
  /** Whether blocks around it are known, or it stands alone. */
  readonly isKnown: boolean;
}

export function placeOfBlock(block: InvertedBlock): BlockPlace {
  let list: readonly InvertedBlock[] = [block];
  for (let around = block.module.parent; around; around = around.parent) {
    if (numberedChildren(around).length !== around.children.size) break;
    list = blocksIn(around);
  }
  const body = list.filter(({ units }) => units.length > 1 || kernelOf(units[0]!) > 1);
  const starts = body.filter(({ gives }, i) => gives !== body[i - 1]?.gives);
  const at = list.findIndex(({ module }) => module.place === block.module.place);
  const before = list.slice(0, at + 1);
  return {
    blocks: list,
    family: familyOf(list),
    stage: starts.filter((start) => before.includes(start)).length - 1,
    stages: starts.length,
    isFirstOfStage: starts.some(({ module }) => module.place === block.module.place),
    isKnown: list.length > 1 && list.some(({ units }) => units.length > 1),
  };
}

/** Steps of the stages of MobileNetV2 and EfficientNet; of MobileNetV3 (large) and EfficientNetV2; of MobileNetV3 (small). */
const STEPS: Readonly<Record<number, readonly number[]>> = {
  7: [1, 2, 2, 2, 1, 2, 1],
  6: [1, 2, 2, 2, 1, 2],
  5: [2, 2, 2, 1, 2],
};

export function guessStep(block: InvertedBlock, { stage, stages, isFirstOfStage, family }: BlockPlace): Guess<number> {
  const steps = STEPS[stages];
  if (steps && isFirstOfStage)
    return {
      value: steps[stage]!,
      source: 'name',
      why: `stage ${stage + 1} of ${stages} of ${family} goes by ${steps[stage]}`,
    };
  if (steps || block.takes === block.gives)
    return { value: 1, source: 'shape', why: 'it gives as many channels as it takes, and adds what it takes' };
  if (block.units.length < 3 && isDepthwise(block.units[0]!))
    return { value: 1, source: 'shape', why: 'it does not widen, as the first block of a MobileNet' };
  return { value: 2, source: 'shape', why: 'it gives more channels, as where the image is halved' };
}

/** Stages of MobileNetV3 that have relu: of the large one three, of the small one two. */
const RECTIFIED: Readonly<Record<number, number>> = { 6: 3, 5: 2 };

export function guessActivation({ family, stage, stages, isKnown }: BlockPlace): Guess<string> {
  const guess = (value: string, why: string): Guess<string> => ({ value, source: isKnown ? 'name' : 'default', why });
  if (family === 'MobileNetV2') return guess('relu6', 'it has no gates, as MobileNetV2, which clips at 6');
  if (family === 'EfficientNet') return guess('silu', 'EfficientNet has silu');
  return stage < (isKnown ? (RECTIFIED[stages] ?? 0) : 0)
    ? guess('relu', 'the first stages of MobileNetV3 have relu')
    : guess('hardswish', 'MobileNetV3 has hardswish, but for its first stages');
}

/** The block around a squeeze-excite. */
export function blockAround(excite: ModuleNode): InvertedBlock | undefined {
  const { parent } = excite;
  const block = parent && (findInverted(parent) ?? (parent.parent && findInverted(parent.parent)));
  return block?.excite?.place === excite.place ? block : undefined;
}
