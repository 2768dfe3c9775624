import type { Assumptions } from '../assumptions.ts';
import { notRunnable } from '../build.ts';
import type { Dim } from '../graph.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { linear } from '../operators.ts';

/** `Linear` keeps [out, in]; `Conv1D` of GPT-2 and `kernel` of Flax and Keras keep [in, out]. */
export const linearLowering: Lowering = {
  kind: 'Linear',
  takes: (module) => weightOf(module)?.shape.length === 2 && (module.kind === 'Linear' || module.kind === 'Conv1D'),
  inputs: (module, assume) => {
    const weight = weightOf(module)!;
    const size = weight.shape[isTransposed(module, assume) ? 0 : 1]!;
    return [
      {
        name: 'input',
        dtype: 'f32',
        meaning: 'features',
        dims: [{ size: 1, free: 'batch' }, { size }],
      },
    ];
  },
  lower: (module, { input }, assume, g) => {
    const weight = weightOf(module)!;
    const transposed = isTransposed(module, assume, input!.shape.at(-1));
    const takes = weight.shape[transposed ? 0 : 1];
    if (input!.shape.at(-1) !== takes)
      throw notRunnable(
        module,
        `it takes ${takes} features and is given ${input!.shape.at(-1)}`,
        'Say which way its weight lies (transposed), or correct what stands before it',
      );
    const bias = findTensor(module, 'bias');
    return { output: linear(g, input!, g.weight(weight), bias && g.weight(bias), transposed) };
  },
};

const weightOf = (module: ModuleNode) => findTensor(module, 'weight', 'kernel');

/** @param given features that it is given, where that is known. */
function isTransposed(module: ModuleNode, assume: Assumptions, given?: Dim): boolean {
  const weight = weightOf(module)!;
  const bias = findTensor(module, 'bias')?.shape[0];
  const [rows, columns] = weight.shape;
  const choices = [false, true];
  const ask = (value: boolean, source: 'shape' | 'name' | 'default', why: string) =>
    assume.ask(module.path, 'transposed', { value, source, why, choices });
  if (bias !== undefined && rows !== columns) {
    if (bias === columns) return ask(true, 'shape', 'its bias fits the second dimension of the weight: [in, out]');
    if (bias === rows) return ask(false, 'shape', 'its bias fits the first dimension of the weight: [out, in]');
  }
  if (rows !== columns && (given === rows || given === columns)) {
    const way = given === rows ? '[in, out]' : '[out, in]';
    return ask(given === rows, 'shape', `it is given ${given} features, which fit its weight as ${way}`);
  }
  if (findTensor(module, 'kernel')) return ask(true, 'name', 'a kernel is kept as [in, out]');
  // A level below the name of a weight is how inox writes a Parameter.
  if (module.children.has('weight')) return ask(true, 'name', 'a weight with a value below it is of inox: [in, out]');
  if (module.kind === 'Conv1D') return ask(true, 'name', 'the layers beside it are Conv1D of GPT-2, kept as [in, out]');
  return ask(false, 'default', 'a Linear of PyTorch is kept as [out, in]');
}
