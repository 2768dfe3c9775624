import type { GraphBuilder, Value } from './build.ts';
import { add, multiply, scalar, unary } from './operators.ts';

/** Every activation there is, by the names PyTorch and `config.json` use. */
const ACTIVATIONS: Readonly<Record<string, (g: GraphBuilder, x: Value) => Value>> = {
  none: (_, x) => x,
  relu: (g, x) => unary(g, 'Relu', x),
  /** x·Φ(x), exactly. */
  gelu: (g, x) => {
    const half = multiply(g, x, scalar(g, 0.5));
    const erf = unary(g, 'Erf', multiply(g, x, scalar(g, Math.SQRT1_2)));
    return multiply(g, half, add(g, erf, scalar(g, 1)));
  },
  /** GPT-2's, by tanh. */
  gelu_tanh: (g, x) => {
    const cube = multiply(g, multiply(g, x, x), x);
    const inner = add(g, x, multiply(g, cube, scalar(g, 0.044715)));
    const tanh = unary(g, 'Tanh', multiply(g, inner, scalar(g, Math.sqrt(2 / Math.PI))));
    return multiply(g, multiply(g, x, scalar(g, 0.5)), add(g, tanh, scalar(g, 1)));
  },
  /** x·σ(1.702 x), CLIP's. */
  quick_gelu: (g, x) => multiply(g, x, unary(g, 'Sigmoid', multiply(g, x, scalar(g, 1.702)))),
  silu: (g, x) => multiply(g, x, unary(g, 'Sigmoid', x)),
  sigmoid: (g, x) => unary(g, 'Sigmoid', x),
  tanh: (g, x) => unary(g, 'Tanh', x),
  leaky_relu: (g, x) => g.emit('LeakyRelu', [x], x.shape, { alpha: { float: 0.01 } }),
  elu: (g, x) => unary(g, 'Elu', x),
  /** relu(x)². */
  relu2: (g, x) => {
    const rectified = unary(g, 'Relu', x);
    return multiply(g, rectified, rectified);
  },
  relu6: (g, x) => g.emit('Clip', [x, scalar(g, 0), scalar(g, 6)], x.shape),
  hardswish: (g, x) => unary(g, 'HardSwish', x),
  /** PyTorch's: clip(x / 6 + 1/2, 0, 1). */
  hardsigmoid: (g, x) => g.emit('HardSigmoid', [x], x.shape, { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  softplus: (g, x) => unary(g, 'Softplus', x),
  mish: (g, x) => multiply(g, x, unary(g, 'Tanh', unary(g, 'Softplus', x))),
};

/** Other names of the same. */
const ALIASES: Readonly<Record<string, string>> = {
  gelu_new: 'gelu_tanh',
  gelu_fast: 'gelu_tanh',
  gelu_pytorch_tanh: 'gelu_tanh',
  gelu_python: 'gelu',
  swish: 'silu',
  swiglu: 'silu',
  quickgelu: 'quick_gelu',
  linear: 'none',
  identity: 'none',
  leakyrelu: 'leaky_relu',
  'gated-gelu': 'gelu_tanh',
  'gated-silu': 'silu',
  hard_swish: 'hardswish',
  hard_sigmoid: 'hardsigmoid',
};

export const ACTIVATION_NAMES: readonly string[] = Object.keys(ACTIVATIONS);

/** The name used here of an activation that a config or a printed module names; undefined for an unknown one. */
export function nameActivation(name: string | undefined): string | undefined {
  const lower = name?.toLowerCase() ?? '';
  const found = ALIASES[lower] ?? lower;
  return Object.hasOwn(ACTIVATIONS, found) ? found : undefined;
}

/** @throws RangeError for a name that is not in ACTIVATION_NAMES. */
export function activate(g: GraphBuilder, name: string, x: Value): Value {
  const activation = ACTIVATIONS[name];
  if (!activation) throw new RangeError(`${name} is no activation`);
  return activation(g, x);
}
