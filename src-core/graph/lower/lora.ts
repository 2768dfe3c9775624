import type { Assumptions, Guess } from '../assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode, type ModuleTensor } from '../module-node.ts';
import { add, divide, linear, multiply, scalar } from '../operators.ts';

/** scale · B(A(x)), and what the layer it updates gives where that is in the file too (`base_layer` of PEFT). */
export const loraLowering: Lowering = {
  kind: 'LoRA',
  takes: (module) => pairOf(module) !== undefined,
  inputs: (module) => [
    {
      name: 'input',
      dtype: 'f32',
      meaning: 'features',
      dims: [{ size: 1, free: 'batch' }, { size: pairOf(module)!.a.shape[1]! }],
    },
  ],
  lower: (module, { input: x }, assume, g) => {
    const { a, b, alpha } = pairOf(module)!;
    const [rank, features] = a.shape;
    if (b.shape[1] !== rank)
      throw notRunnable(module, `A gives ${rank} numbers and B takes ${b.shape[1]}`, 'Check that they are of one pair');
    if (x!.shape.at(-1) !== features)
      throw notRunnable(
        module,
        `it takes ${features} features and is given ${x!.shape.at(-1)}`,
        'Correct what stands before it',
      );
    const low = linear(g, linear(g, x!, g.weight(a)), g.weight(b));
    const update = multiply(g, low, scaleOf(module, rank!, alpha, assume, g));
    const base = module.children.get('base_layer');
    return { output: base ? add(g, g.apply(base, x!), update) : update };
  },
};

interface Pair {
  readonly a: ModuleTensor;
  readonly b: ModuleTensor;
  readonly alpha: ModuleTensor | undefined;
}

const NAMES = [
  ['lora_A', 'lora_B'],
  ['lora_a', 'lora_b'],
  ['lora_down', 'lora_up'],
] as const;

/** Each is a tensor, a layer with a weight, or has an adapter's name between (`lora_A.default.weight`). */
function pairOf(module: ModuleNode): Pair | undefined {
  for (const [down, up] of NAMES) {
    const a = matrixOf(module, down);
    const b = matrixOf(module, up);
    if (a && b) return { a, b, alpha: module.tensors.get('alpha') };
  }
  return undefined;
}

function matrixOf(module: ModuleNode, name: string): ModuleTensor | undefined {
  const child = module.children.get(name);
  const [only, ...others] = child?.children.values() ?? [];
  const found =
    module.tensors.get(name) ??
    (child && findTensor(child, 'weight')) ??
    (only && others.length === 0 ? findTensor(only, 'weight') : undefined);
  return found?.shape.length === 2 ? found : undefined;
}

/** alpha / r. The value of an `alpha` in the file is only known when it runs. */
function scaleOf(
  module: ModuleNode,
  rank: number,
  alpha: ModuleTensor | undefined,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  if (alpha) return divide(g, g.weight(alpha), scalar(g, rank));
  const said = assume.configNumber('lora_alpha', 'alpha');
  const isStable = assume.configFlag('use_rslora') ?? false;
  const guess: Guess<number> =
    said === undefined
      ? { value: 1, source: 'default', why: 'no alpha is known, and alpha = r leaves the update as it is' }
      : {
          value: said / (isStable ? Math.sqrt(rank) : rank),
          source: 'file',
          why: `the config says lora_alpha ${said}, and r is ${rank}`,
        };
  return scalar(g, assume.ask(module.path, 'scale', guess));
}
