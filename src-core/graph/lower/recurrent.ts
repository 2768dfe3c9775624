import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { concat, reshape, split, transpose } from '../operators.ts';

/** Gates as PyTorch stacks them, in the order ONNX wants them. */
const ORDER = { LSTM: [0, 3, 1, 2], GRU: [1, 0, 2], RNN: [0] } as const;
type Recurrent = keyof typeof ORDER;

/** Layers one on the other, each forwards or both ways. The sample is [batch, sequence, features]. */
const recurrentLowering = (kind: Recurrent): Lowering => ({
  kind,
  takes: (module) => module.kind === kind && weightsOf(module, 0, '') !== undefined,
  inputs: (module) => [
    {
      name: 'input',
      dtype: 'f32',
      meaning: 'sequence',
      dims: [
        { size: 1, free: 'batch' },
        { size: 8, free: 'sequence' },
        { size: weightsOf(module, 0, '')!.input.shape[1]! },
      ],
    },
  ],
  lower: (module, { input }, assume, g) => {
    if (input!.shape.length !== 3)
      throw notRunnable(module, 'it takes [batch, sequence, features]', 'Give it a sequence');
    const features = weightsOf(module, 0, '')!.input.shape[1];
    if (input!.shape[2] !== features)
      throw notRunnable(
        module,
        `it takes ${features} features and is given ${input!.shape[2]}`,
        'Correct what stands before it',
      );
    const activation =
      kind === 'RNN'
        ? assume.ask(module.path, 'activation', {
            value: 'tanh',
            source: 'default',
            why: 'PyTorch has tanh unless told otherwise',
            choices: ['tanh', 'relu'],
          })
        : undefined;
    let x = transpose(g, input!, [1, 0, 2]);
    const last: Value[][] = [];
    for (let layer = 0; weightsOf(module, layer, ''); layer++) {
      const found = lowerLayer(module, kind, layer, x, activation, g);
      x = found.output;
      last.push(found.last);
    }
    const ends = kind === 'LSTM' ? ['h_n', 'c_n'] : ['h_n'];
    const finals = ends.map(
      (label, i) =>
        [
          label,
          concat(
            g,
            last.map((states) => states[i]!),
            0,
          ),
        ] as const,
    );
    return { output: transpose(g, x, [1, 0, 2]), ...Object.fromEntries(finals) };
  },
});

export const recurrentLowerings: readonly Lowering[] = (['LSTM', 'GRU', 'RNN'] as const).map(recurrentLowering);

const weightsOf = (module: ModuleNode, layer: number, end: '' | '_reverse') => {
  const input = findTensor(module, `weight_ih_l${layer}${end}`);
  const hidden = findTensor(module, `weight_hh_l${layer}${end}`);
  // An LSTM with a projection has one weight more, which ONNX has not.
  if (!input || !hidden || findTensor(module, `weight_hr_l${layer}${end}`)) return undefined;
  const biases = [findTensor(module, `bias_ih_l${layer}${end}`), findTensor(module, `bias_hh_l${layer}${end}`)];
  return { input, hidden, biases };
};

function lowerLayer(
  module: ModuleNode,
  kind: Recurrent,
  layer: number,
  x: Value,
  activation: string | undefined,
  g: GraphBuilder,
): { output: Value; last: Value[] } {
  const ways = (['', '_reverse'] as const).flatMap((end) => weightsOf(module, layer, end) ?? []);
  const size = ways[0]!.hidden.shape[1]!;
  const gates = ORDER[kind].length;
  const reorder = (value: Value): Value => {
    if (gates === 1) return value;
    const parts = split(
      g,
      value,
      0,
      ORDER[kind].map(() => size),
    );
    return concat(
      g,
      ORDER[kind].map((from) => parts[from]!),
      0,
    );
  };
  const stack = (values: readonly Value[]): Value =>
    concat(
      g,
      values.map((value) => reshape(g, value, [1, ...value.shape])),
      0,
    );
  const bias = ways.every(({ biases }) => biases.every((found) => found !== undefined))
    ? stack(
        ways.map(({ biases }) =>
          concat(
            g,
            biases.map((found) => reorder(g.weight(found!))),
            0,
          ),
        ),
      )
    : undefined;
  const [steps, batch] = x.shape;
  const states = kind === 'LSTM' ? 2 : 1;
  const last = Array.from({ length: states }, () => [ways.length, batch!, size]);
  const [all, ...ends] = g.emitMany(
    kind,
    [
      x,
      stack(ways.map(({ input }) => reorder(g.weight(input)))),
      stack(ways.map(({ hidden }) => reorder(g.weight(hidden)))),
      bias,
    ],
    [[steps!, ways.length, batch!, size], ...last],
    {
      hidden_size: { int: size },
      direction: { text: ways.length === 2 ? 'bidirectional' : 'forward' },
      ...(kind === 'GRU' && { linear_before_reset: { int: 1 } }),
      ...(activation && { activations: { texts: ways.map(() => (activation === 'relu' ? 'Relu' : 'Tanh')) } }),
    },
  );
  const output = reshape(g, transpose(g, all!, [0, 2, 1, 3]), [steps!, batch!, ways.length * size]);
  return { output, last: ends };
}
