import type { AssumptionName } from '../assumptions.ts';
import { notRunnable } from '../build.ts';
import { imageInput } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { printedNumbers } from '../printed.ts';
import { askSizes } from '../sizes.ts';
import { convolveTransposed } from '../window.ts';

/** `weight` is [in, out / groups, …kernel], as PyTorch keeps it. */
const convTransposeLowering = (kind: 'ConvTranspose1d' | 'ConvTranspose2d'): Lowering => ({
  kind,
  takes: (module) => module.kind === kind && weightOf(module) !== undefined,
  inputs: (module) => {
    const { shape } = weightOf(module)!;
    return [imageInput(shape[0]!, shape.length - 2, 8, 'nchw')];
  },
  lower: (module, { input }, assume, g) => {
    const tensor = weightOf(module)!;
    const kernel = tensor.shape.slice(2);
    if (input!.shape.length !== tensor.shape.length || input!.shape[1] !== tensor.shape[0])
      throw notRunnable(
        module,
        `it takes ${tensor.shape[0]} channels on ${tensor.shape.length} axes and is given ${input!.shape.join('×')}`,
        'Correct what stands before it',
      );
    const printed = assume.printedAt(module.path);
    const ask = (name: AssumptionName, value: number, why: string) =>
      askSizes(assume, module, name, kernel.length, {
        value: printedNumbers(printed, name) ?? kernel.map(() => value),
        source: 'default',
        why,
      }) as readonly number[];
    const smallest = Math.min(...kernel);
    const stride = ask(
      'stride',
      smallest >= 4 ? Math.floor(smallest / 2) : smallest === 3 ? 1 : smallest,
      'kernels are mostly as large as the step, or twice as large',
    );
    const padding = ask(
      'padding',
      smallest >= 4 ? Math.floor(smallest / 4) : smallest === 3 ? 1 : 0,
      'so that the size is the step times what it was',
    );
    const dilation = ask('dilation', 1, 'most are not dilated');
    const groups = assume.ask(module.path, 'groups', {
      value: printedNumbers(printed, 'groups')?.[0] ?? 1,
      source: printed ? 'file' : 'default',
      why: printed ? 'the printed model says so' : 'most convolutions have one group',
    });
    const bias = findTensor(module, 'bias');
    const outputPadding = printedNumbers(printed, 'output_padding') ?? kernel.map(() => 0);
    const output = convolveTransposed(
      g,
      input!,
      g.weight(tensor),
      bias && g.weight(bias),
      { kernel, stride, padding, dilation },
      { groups, outputPadding },
    );
    return { output };
  },
});

export const convTranspose1dLowering = convTransposeLowering('ConvTranspose1d');
export const convTranspose2dLowering = convTransposeLowering('ConvTranspose2d');

const weightOf = (module: ModuleNode) => findTensor(module, 'weight');
