import type { Assumptions } from '../assumptions.ts';
import { notRunnable, type Value } from '../build.ts';
import { askLayout, channelsOf, imageInput, inChannelsFirst, type Layout } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { transpose } from '../operators.ts';
import { printedNumbers } from '../printed.ts';
import { askSizes, type SizesGuess } from '../sizes.ts';
import { convolve, type Window } from '../window.ts';

/** `weight` of PyTorch is [out, in / groups, …kernel]; `kernel` of Flax and Keras is [...kernel, in / groups, out]. */
const convLowering = (kind: 'Conv1d' | 'Conv2d'): Lowering => ({
  kind,
  takes: (module) => module.kind === kind && kernelOf(module) !== undefined,
  inputs: (module, assume) => {
    const kernel = kernelOf(module)!;
    const channels = kernel.perGroup * askGroups(module, kernel, assume);
    const axes = kernel.window.length;
    // Small enough to be looked at, and larger than any kernel.
    const size = Math.max(axes === 2 ? 16 : 32, 2 * Math.max(...kernel.window));
    return [imageInput(channels, axes, size, askLayout(module, assume))];
  },
  lower: (module, { input }, assume, g) => {
    const kernel = kernelOf(module)!;
    const layout = askLayout(module, assume);
    const channels = channelsOf(input!, layout);
    const groups = askGroups(module, kernel, assume, input, layout);
    if (input!.shape.length !== kernel.window.length + 2 || channels !== kernel.perGroup * groups)
      throw notRunnable(
        module,
        `it takes ${kernel.perGroup * groups} channels on ${kernel.window.length + 2} axes and is given ${input!.shape.join('×')}`,
        'Correct groups or layout, or what stands before it',
      );
    const window = askWindow(module, kernel, groups, assume, layout);
    const bias = findTensor(module, 'bias');
    const rank = kernel.window.length + 2;
    const stored = g.weight(kernel.tensor);
    const weight = kernel.isLast
      ? transpose(g, stored, [rank - 1, rank - 2, ...kernel.window.map((_, i) => i)])
      : stored;
    const output = inChannelsFirst(g, input!, layout, (x) =>
      convolve(g, x, weight, bias && g.weight(bias), window, groups),
    );
    const empty = output.shape.find((size) => typeof size === 'number' && size < 1);
    if (empty !== undefined)
      throw notRunnable(module, `its window does not fit in ${input!.shape.join('×')}`, 'Give it a larger image');
    return { output };
  },
});

export const conv1dLowering = convLowering('Conv1d');
export const conv2dLowering = convLowering('Conv2d');

interface Kernel {
  readonly tensor: NonNullable<ReturnType<typeof findTensor>>;
  /** Channels last: HWIO. */
  readonly isLast: boolean;
  readonly window: readonly number[];
  readonly perGroup: number;
  readonly out: number;
}

function kernelOf(module: ModuleNode): Kernel | undefined {
  const weight = findTensor(module, 'weight');
  const tensor = weight ?? findTensor(module, 'kernel');
  if (!tensor || tensor.shape.length < 3) return undefined;
  const { shape } = tensor;
  return weight
    ? { tensor, isLast: false, window: shape.slice(2), perGroup: shape[1]!, out: shape[0]! }
    : { tensor, isLast: true, window: shape.slice(0, -2), perGroup: shape.at(-2)!, out: shape.at(-1)! };
}

/** How many groups is known from what is given alone. */
function askGroups(
  module: ModuleNode,
  { perGroup, out }: Kernel,
  assume: Assumptions,
  input?: Value,
  layout?: Layout,
): number {
  const choices = Array.from({ length: out }, (_, i) => i + 1).filter((groups) => out % groups === 0);
  const ask = (value: number, source: 'file' | 'shape' | 'name' | 'default', why: string) =>
    assume.ask(module.path, 'groups', { value, source, why, choices });
  const printed = assume.printedAt(module.path);
  if (printed?.type.includes('Conv'))
    return ask(printedNumbers(printed, 'groups')?.[0] ?? 1, 'file', 'the printed model says so');
  const given = input && layout && channelsOf(input, layout);
  if (typeof given === 'number' && choices.includes(given / perGroup))
    return ask(given / perGroup, 'shape', `it is given ${given} channels and its weight has ${perGroup} a group`);
  if (perGroup === 1 && /dw|depthwise|depth_wise/i.test(module.name))
    return ask(out, 'name', 'a depthwise convolution has a group for each channel');
  return ask(1, 'default', 'most convolutions have one group');
}

function askWindow(
  module: ModuleNode,
  { window, isLast, perGroup }: Kernel,
  groups: number,
  assume: Assumptions,
  layout: Layout,
): Required<Omit<Window, 'roundsUp'>> {
  const axes = window.length;
  const ones = window.map(() => 1);
  // A printed convolution leaves out what is 1, and a padding of 0.
  const printed = assume.printedAt(module.path);
  const isPrinted = printed?.type.includes('Conv') ?? false;
  const mode = printed?.named.get('padding_mode');
  if (mode !== undefined && mode !== 'zeros')
    throw notRunnable(module, `it pads by ${mode}, which is not computed here`, 'Choose a module inside or behind it');
  const ask = (name: 'stride' | 'padding' | 'dilation', guess: SizesGuess) =>
    askSizes(assume, module, name, axes, isPrinted ? { ...guess, ...LEFT_OUT[name](axes) } : guess);
  const dilation = numbers(ask('dilation', { value: ones, source: 'default', why: 'most are not dilated' }));
  const stride = numbers(ask('stride', guessStride(window, perGroup * groups)));
  const padding = ask('padding', { ...guessPadding(module, window, stride, dilation, isLast, layout), choices: WORDS });
  return { kernel: window, stride, dilation, padding: typeof padding === 'string' ? (padding as 'same') : padding };
}

const WORDS = ['same', 'valid'];
const said = (value: number) => (axes: number) =>
  ({
    value: Array.from({ length: axes }, () => value),
    source: 'file',
    why: 'the printed model leaves it out',
  }) as const;
const LEFT_OUT = { stride: said(1), padding: said(0), dilation: said(1) };

/** Only the padding may be a word. */
const numbers = (sizes: readonly number[] | string): readonly number[] => (typeof sizes === 'string' ? [] : sizes);

function guessStride(window: readonly number[], channels: number): SizesGuess {
  if (window.every((size) => size % 2 === 0))
    return { value: window, source: 'shape', why: 'its kernel has no middle, as where patches are cut' };
  // The first layers of ResNet and AlexNet.
  const isOfImages = channels === 1 || channels === 3;
  const step = window.length === 2 && isOfImages ? { 7: 2, 11: 4 }[window[0]!] : undefined;
  if (step !== undefined)
    return {
      value: window.map(() => step),
      source: 'shape',
      why: `a kernel of ${window[0]} on images goes by ${step}`,
    };
  return { value: window.map(() => 1), source: 'default', why: 'most go by single steps' };
}

function guessPadding(
  module: ModuleNode,
  window: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
  isLast: boolean,
  layout: Layout,
): SizesGuess {
  if (isLast && /^conv[12]d(_\d+)?$/.test(module.name))
    return { value: 'valid', source: 'name', why: 'Keras calls it so, and pads nothing unless it is told to' };
  if (isLast && layout === 'nhwc') return { value: 'same', source: 'default', why: 'Flax pads to the same size' };
  if (window.some((size) => size % 2 === 0) || (window.every((size, i) => size === stride[i]) && window[0] !== 1))
    return { value: window.map(() => 0), source: 'shape', why: 'patches that are cut out need none' };
  if (window.every((size) => size === 1))
    return { value: window.map(() => 0), source: 'shape', why: 'a kernel of 1 needs none' };
  if (window.every((size, i) => size === 11 && stride[i] === 4))
    return { value: window.map(() => 2), source: 'shape', why: 'AlexNet pads its kernel of 11 by 2' };
  return {
    value: window.map((size, i) => ((size - 1) * dilation[i]!) / 2),
    source: 'default',
    why: 'an odd kernel is mostly padded to keep the size',
  };
}
