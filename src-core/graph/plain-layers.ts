/** Layers of PyTorch that store nothing: what is printed of a model says where they stand and how they were made. */
import { ACTIVATION_NAMES, activate, nameActivation } from './activations.ts';
import type { Assumptions } from './assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import { product, reshape, softmax } from './operators.ts';
import { applyWindow, averageTo } from './pools.ts';
import { type PrintedModule, printedNumbers } from './printed.ts';

/** Nothing at all once training is over. */
const NOTHING = /^(Identity|Dropout\w*|AlphaDropout|FeatureAlphaDropout|DropPath|StochasticDepth)$/;

/** @throws `not-runnable` for a layer that is not known here. */
export function lowerPlainLayer(
  path: string,
  printed: PrintedModule,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const { type } = printed;
  const at = { path };
  if (NOTHING.test(type)) return x;
  const activation = lowerActivation(path, printed, x, assume, g);
  if (activation) return activation;
  const window = /^(Max|Avg)Pool[12]d$/.exec(type);
  if (window) return lowerPool(path, printed, window[1] === 'Max' ? 'MaxPool' : 'AveragePool', x, g);
  switch (type) {
    case 'AdaptiveAvgPool1d':
    case 'AdaptiveAvgPool2d':
      return averageTo(g, x, spread(printedNumbers(printed, 'output_size', 0) ?? [1], x.shape.length - 2));
    case 'AdaptiveMaxPool2d':
      if ((printedNumbers(printed, 'output_size', 0) ?? [1]).every((size) => size === 1))
        return g.emit('GlobalMaxPool', [x], [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)]);
      break;
    case 'Flatten':
      return flatten(g, x, printedNumbers(printed, 'start_dim', 0)?.[0] ?? 1);
    case 'Softmax':
      return softmax(g, x, printedNumbers(printed, 'dim', 0)?.[0] ?? -1);
    case 'LogSoftmax':
      return g.emit('LogSoftmax', [x], x.shape, { axis: { int: printedNumbers(printed, 'dim', 0)?.[0] ?? -1 } });
    case 'Upsample':
    case 'UpsamplingNearest2d':
      if ((printed.named.get('mode') ?? 'nearest') === 'nearest') return enlarge(printed, x, g);
      break;
    case 'PixelShuffle': {
      const factor = printedNumbers(printed, 'upscale_factor', 0)?.[0] ?? 1;
      const [batch, channels, height, width] = x.shape as readonly number[];
      return g.emit('DepthToSpace', [x], [batch!, channels! / factor ** 2, height! * factor, width! * factor], {
        blocksize: { int: factor },
        mode: { text: 'CRD' },
      });
    }
  }
  throw notRunnable(at, `it holds a ${type}, which is not computed here`, 'Choose a module before or behind it');
}

/** From one axis on, all that follow are one. */
export function flatten(g: GraphBuilder, x: Value, from = 1): Value {
  if (x.shape.length <= from + 1) return x;
  return reshape(g, x, [...x.shape.slice(0, from), product(x.shape.slice(from))]);
}

function lowerActivation(
  path: string,
  printed: PrintedModule,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value | undefined {
  const value = printedActivation(printed);
  if (value === undefined) return undefined;
  const why = 'the printed model says so';
  const asked = assume.ask(path, 'activation', { value, source: 'file', why, choices: ACTIVATION_NAMES });
  const alpha = printedNumbers(printed, asked === 'elu' ? 'alpha' : 'negative_slope', 0)?.[0];
  if (asked === value && alpha !== undefined && (asked === 'leaky_relu' || asked === 'elu'))
    return g.emit(asked === 'elu' ? 'Elu' : 'LeakyRelu', [x], x.shape, { alpha: { float: alpha } });
  return activate(g, asked, x);
}

/** The activation that a printed layer is; undefined for another layer, and for one that is not known here. */
export function printedActivation({ type, named }: PrintedModule): string | undefined {
  if (type === 'GELU') return named.get('approximate') === 'tanh' ? 'gelu_tanh' : 'gelu';
  if (type === 'Identity' || type === 'Linear') return undefined;
  return nameActivation(type);
}

function lowerPool(
  path: string,
  printed: PrintedModule,
  op: 'MaxPool' | 'AveragePool',
  x: Value,
  g: GraphBuilder,
): Value {
  const axes = x.shape.length - 2;
  const kernel = spread(printedNumbers(printed, 'kernel_size', 0) ?? [2], axes);
  const stride = spread(printedNumbers(printed, 'stride', 1) ?? kernel, axes);
  const padding = spread(printedNumbers(printed, 'padding', 2) ?? [0], axes);
  const roundsUp = printed.named.get('ceil_mode') === true;
  // What is outside does not count in a mean, which only padding would.
  if (roundsUp && op === 'AveragePool')
    throw notRunnable({ path }, 'it rounds sizes up (ceil_mode), which is not computed here', 'Choose a module inside');
  return applyWindow({ path }, op, x, g, { kernel, stride, padding, roundsUp });
}

/** One number is for every axis. */
const spread = (sizes: readonly number[], axes: number): readonly number[] =>
  sizes.length === 1 ? Array.from({ length: axes }, () => sizes[0]!) : sizes;

function enlarge(printed: PrintedModule, x: Value, g: GraphBuilder): Value {
  const axes = x.shape.length - 2;
  const scales = [1, 1, ...spread(printedNumbers(printed, 'scale_factor') ?? [1], axes)];
  const shape = x.shape.map((size, i) => (typeof size === 'number' ? Math.floor(size * scales[i]!) : size));
  return g.emit('Resize', [x, undefined, g.constant('f32', [scales.length], scales)], shape, {
    mode: { text: 'nearest' },
    nearest_mode: { text: 'floor' },
    coordinate_transformation_mode: { text: 'asymmetric' },
  });
}
