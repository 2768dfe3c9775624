import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import { askLayout, imageInput, inChannelsFirst, requireChannels } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode, type ModuleTensor } from '../module-node.ts';
import { askEps, scaleOf, shiftOf } from '../normalise.ts';

/** With its running statistics, as after training. Flax calls them mean and var, Keras moving_mean and moving_variance. */
const batchNormLowering = (kind: string): Lowering => ({
  kind,
  takes: (module) => module.kind === kind && statistics(module) !== undefined,
  inputs: (module, assume) => {
    const channels = statistics(module)!.mean.shape[0]!;
    const layout = askLayout(module, assume);
    if (module.kind === 'BatchNorm2d') return [imageInput(channels, 2, 8, layout)];
    return [
      { name: 'input', dtype: 'f32', meaning: 'features', dims: [{ size: 1, free: 'batch' }, { size: channels }] },
    ];
  },
  lower: (module, { input }, assume, g) => {
    const { mean, variance } = statistics(module)!;
    const layout = askLayout(module, assume);
    requireChannels(module, input!, layout, mean.shape[0]!);
    if (input!.shape.length < 2) throw notRunnable(module, 'it takes rows of features or images', 'Give it a batch');
    const isKeras = findTensor(module, 'moving_mean') !== undefined;
    const isFlax = layout === 'nhwc';
    const eps = askEps(module, assume, ['batch_norm_eps', 'batch_norm_epsilon'], {
      value: isKeras ? 1e-3 : 1e-5,
      source: isKeras ? 'name' : 'default',
      why: isKeras ? 'Keras calls its mean so, and adds 1e-3' : `${isFlax ? 'Flax' : 'PyTorch'} adds 1e-5`,
    });
    const inputs = [orFilled(g, scaleOf(module), mean, 1), orFilled(g, shiftOf(module), mean, 0)];
    const output = inChannelsFirst(g, input!, layout, (x) =>
      g.emit('BatchNormalization', [x, ...inputs, g.weight(mean), g.weight(variance)], x.shape, {
        epsilon: { float: eps },
      }),
    );
    return { output };
  },
});

/** A norm that stands alone does not tell how many axes it is for: any will do. */
export const batchNormLowerings: readonly Lowering[] = ['BatchNorm', 'BatchNorm1d', 'BatchNorm2d'].map(
  batchNormLowering,
);

function statistics(module: ModuleNode): { mean: ModuleTensor; variance: ModuleTensor } | undefined {
  const mean = findTensor(module, 'running_mean', 'mean', 'moving_mean');
  const variance = findTensor(module, 'running_var', 'var', 'moving_variance');
  return mean && variance && { mean, variance };
}

/** A norm without a scale or shift of its own multiplies by 1 and adds 0. */
function orFilled(g: GraphBuilder, tensor: ModuleTensor | undefined, like: ModuleTensor, value: number): Value {
  const size = like.shape[0]!;
  return tensor
    ? g.weight(tensor)
    : g.constant(
        'f32',
        [size],
        Array.from({ length: size }, () => value),
      );
}
