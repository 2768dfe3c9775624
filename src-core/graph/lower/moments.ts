import { notRunnable } from '../build.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { add, multiply, reshape, scalar } from '../operators.ts';

/**
 * Running means of a sample and of its square, as a stateful module of inox keeps them. It gives nothing but their new values:
 * m · old + (1 − m) · new.
 */
export const momentsLowering: Lowering = {
  kind: 'Moments',
  takes: (module) => {
    const { first, second } = stateOf(module);
    return first?.shape.length === 1 && first.shape.join() === second?.shape.join();
  },
  inputs: (module) => [
    { name: 'input', dtype: 'f32', meaning: 'features', dims: [{ size: stateOf(module).first!.shape[0]! }] },
  ],
  lower: (module, { input }, assume, g) => {
    const { first, second } = stateOf(module);
    const size = first!.shape[0]!;
    const given = input!.shape.reduce<number>((all, dim) => all * (typeof dim === 'number' ? dim : Number.NaN), 1);
    if (given !== size)
      throw notRunnable(
        module,
        `it follows one sample of ${size} numbers, and is given ${input!.shape.join('×')}`,
        'Give it one sample, without a batch',
      );
    const x = reshape(g, input!, [size]);
    const momentum = assume.ask(module.path, 'momentum', {
      value: 0.9,
      source: 'default',
      why: 'a running mean mostly keeps nine tenths of what it was',
    });
    const mix = (old: NonNullable<typeof first>, now: typeof x) =>
      add(g, multiply(g, g.weight(old), scalar(g, momentum)), multiply(g, now, scalar(g, 1 - momentum)));
    g.update(first!, mix(first!, x));
    g.update(second!, mix(second!, multiply(g, x, x)));
    return {};
  },
};

function stateOf(module: ModuleNode) {
  const isAlone = module.tensors.size + module.children.size === 2;
  return isAlone ? { first: findTensor(module, 'first'), second: findTensor(module, 'second') } : {};
}
