/** Operators that go over an image with a window: convolutions and pools. Images are [batch, channels, …axes]. */
import type { GraphBuilder, Value } from './build.ts';
import type { Attribute, Dim } from './graph.ts';
import { transpose } from './operators.ts';

export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  /** On both sides of each axis; `same` gives ceil(size / stride), with what is odd at the end. */
  readonly padding: readonly number[] | 'same' | 'valid';
  readonly dilation?: readonly number[];
  /** A window that begins inside counts, also where it ends outside (`ceil_mode` of PyTorch). */
  readonly roundsUp?: boolean;
}

/** Size of an axis after a window went over it. */
const slide = (size: Dim, window: number, stride: number, padding: number): Dim =>
  typeof size === 'number'
    ? Math.floor((size + padding - window) / stride) + 1
    : `(${size}+${padding - window})/${stride}+1`;

const cover = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

interface Slid {
  readonly sizes: readonly Dim[];
  /** As ONNX has them: of each axis before, then of each axis after. */
  readonly pads: readonly number[] | undefined;
}

/** Where `sizes` are less than 1, the window is larger than the image. */
export function slideOver(
  axes: readonly Dim[],
  { kernel, stride, padding, dilation = kernel.map(() => 1), roundsUp = false }: Window,
): Slid {
  const covered = kernel.map((size, i) => cover(size, dilation[i]!));
  if (padding !== 'same') {
    const sides = padding === 'valid' ? kernel.map(() => 0) : padding;
    if (roundsUp) return slideOut(axes as readonly number[], covered, stride, sides);
    return {
      sizes: axes.map((size, i) => slide(size, covered[i]!, stride[i]!, 2 * sides[i]!)),
      pads: [...sides, ...sides],
    };
  }
  const sizes = axes.map((size, i) =>
    typeof size === 'number'
      ? Math.ceil(size / stride[i]!)
      : stride[i] === 1
        ? size
        : `(${size}+${stride[i]! - 1})/${stride[i]}`,
  );
  if (!axes.every((size) => typeof size === 'number')) return { sizes, pads: undefined };
  const totals = axes.map((size, i) =>
    Math.max(0, ((sizes[i] as number) - 1) * stride[i]! + covered[i]! - (size as number)),
  );
  const before = totals.map((total) => Math.floor(total / 2));
  return { sizes, pads: [...before, ...totals.map((total, i) => total - before[i]!)] };
}

/** What a last window has outside becomes padding: not every provider rounds sizes up. */
function slideOut(
  axes: readonly number[],
  covered: readonly number[],
  stride: readonly number[],
  sides: readonly number[],
): Slid {
  const sizes = axes.map((size, i) => {
    const steps = Math.ceil((size + 2 * sides[i]! - covered[i]!) / stride[i]!);
    return steps * stride[i]! >= size + sides[i]! ? steps : steps + 1;
  });
  const ends = axes.map((size, i) => (sizes[i]! - 1) * stride[i]! + covered[i]! - size - sides[i]!);
  return { sizes, pads: [...sides, ...ends.map((end, i) => Math.max(end, sides[i]!))] };
}

const padsOf = (pads: Slid['pads']): Readonly<Record<string, Attribute>> =>
  pads ? { pads: { ints: pads } } : { auto_pad: { text: 'SAME_UPPER' } };

/**
 * Zero channels to add to an image: onnxruntime 1.30 gives wrong numbers on WebGPU for more than four channels that do not come in fours
 * (https://github.com/microsoft/onnxruntime/issues/29651).
 */
const channelsToFill = (channels: Dim): number =>
  typeof channels === 'number' && channels > 4 ? (4 - (channels % 4)) % 4 : 0;

/** Zeros behind axis 1. */
function padChannels(g: GraphBuilder, x: Value, count: number): Value {
  if (count === 0) return x;
  const pads = [...x.shape.map(() => 0), ...x.shape.map((_, axis) => (axis === 1 ? count : 0))];
  const shape = x.shape.map((size, axis) => (axis === 1 ? (size as number) + count : size));
  return g.emit('Pad', [x, g.constant('i64', [pads.length], pads)], shape);
}

/** `weight` is [out, in / groups, …kernel]. */
export function convolve(
  g: GraphBuilder,
  x: Value,
  weight: Value,
  bias: Value | undefined,
  window: Required<Omit<Window, 'roundsUp'>>,
  groups: number,
): Value {
  const { sizes, pads } = slideOver(x.shape.slice(2), window);
  const fill = groups === 1 ? channelsToFill(x.shape[1]!) : 0;
  return g.emit(
    'Conv',
    [padChannels(g, x, fill), padChannels(g, weight, fill), bias],
    [x.shape[0]!, weight.shape[0]!, ...sizes],
    {
      kernel_shape: { ints: window.kernel },
      strides: { ints: window.stride },
      dilations: { ints: window.dilation },
      group: { int: groups },
      ...padsOf(pads),
    },
  );
}

/** `weight` is [in, out / groups, …kernel]. */
export function convolveTransposed(
  g: GraphBuilder,
  x: Value,
  weight: Value,
  bias: Value | undefined,
  window: { readonly [key in 'kernel' | 'stride' | 'padding' | 'dilation']: readonly number[] },
  more: { readonly groups: number; readonly outputPadding: readonly number[] },
): Value {
  const { kernel, stride, padding, dilation } = window;
  const { groups, outputPadding } = more;
  const sizes = x.shape.slice(2).map((size, i): Dim => {
    const added = cover(kernel[i]!, dilation[i]!) - 2 * padding[i]! + outputPadding[i]!;
    return typeof size === 'number' ? (size - 1) * stride[i]! + added : `(${size}-1)*${stride[i]}+${added}`;
  });
  const out = (weight.shape[1] as number) * groups;
  return g.emit('ConvTranspose', [x, weight, bias], [x.shape[0]!, out, ...sizes], {
    kernel_shape: { ints: kernel },
    strides: { ints: stride },
    dilations: { ints: dilation },
    pads: { ints: [...padding, ...padding] },
    output_padding: { ints: outputPadding },
    group: { int: groups },
  });
}

export function pool(g: GraphBuilder, op: 'MaxPool' | 'AveragePool', x: Value, window: Window): Value {
  const { sizes, pads } = slideOver(x.shape.slice(2), window);
  return g.emit(op, [x], [...x.shape.slice(0, 2), ...sizes], {
    kernel_shape: { ints: window.kernel },
    strides: { ints: window.stride },
    ...padsOf(pads),
    // As PyTorch counts by default; Flax too.
    ...(op === 'AveragePool' && { count_include_pad: { int: 1 } }),
  });
}

/** [batch, …axes, channels] as [batch, channels, …axes]. */
export const channelsFirst = (g: GraphBuilder, x: Value): Value =>
  transpose(g, x, [0, x.shape.length - 1, ...x.shape.slice(1, -1).map((_, i) => i + 1)]);

/** [batch, channels, …axes] as [batch, …axes, channels]. */
export const channelsLast = (g: GraphBuilder, x: Value): Value =>
  transpose(g, x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]);
