import type { Assumptions } from '../assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import { gemmaOf } from '../gemma.ts';
import type { Lowering } from '../lowering.ts';
import type { ModuleNode } from '../module-node.ts';
import { askEps, scaleOf } from '../normalise.ts';
import { add, divide, mean, multiply, scalar, unary } from '../operators.ts';

/** x / √(mean(x²) + eps) · scale. */
export const rmsNormLowering: Lowering = {
  kind: 'RMSNorm',
  takes: (module, assume) =>
    (module.kind === 'RMSNorm' || (module.kind === '' && assume.printedAt(module.path)?.type === 'RMSNorm')) &&
    scaleOf(module)?.shape.length === 1,
  inputs: (module) => [
    {
      name: 'input',
      dtype: 'f32',
      meaning: 'features',
      dims: [{ size: 1, free: 'batch' }, { size: scaleOf(module)!.shape[0]! }],
    },
  ],
  lower: (module, { input: x }, assume, g) => {
    const size = scaleOf(module)!.shape[0];
    if (x!.shape.at(-1) !== size)
      throw notRunnable(
        module,
        `it normalises ${size} features and is given ${x!.shape.at(-1)}`,
        'Correct what stands before it',
      );
    const eps = askEps(module, assume, ['rms_norm_eps', 'layer_norm_epsilon', 'norm_eps', 'layer_norm_eps'], {
      value: 1e-6,
      source: 'default',
      why: 'most add 1e-6',
    });
    const power = mean(g, multiply(g, x!, x!), [-1]);
    const root = unary(g, 'Sqrt', add(g, power, scalar(g, eps)));
    return { output: multiply(g, divide(g, x!, root), askScale(module, assume, g)) };
  },
};

/** Gemma keeps the scale less 1; in GGUF files it is whole. */
function askScale(module: ModuleNode, assume: Assumptions, g: GraphBuilder): Value {
  const weight = g.weight(scaleOf(module)!);
  const gemma = gemmaOf(module, assume);
  const scale =
    gemma && !assume.configFlag('norm_scales_are_whole')
      ? assume.ask(module.path, 'norm_scale', {
          value: '1 + weight',
          source: gemma.source,
          why: `Gemma keeps the scale less 1: ${gemma.why}`,
          choices: CHOICES,
        })
      : assume.ask(module.path, 'norm_scale', {
          value: 'weight',
          source: 'default',
          why: 'all but Gemma multiply by it as it is',
          choices: CHOICES,
        });
  return scale === 'weight' ? weight : add(g, weight, scalar(g, 1));
}

const CHOICES = ['weight', '1 + weight'];
