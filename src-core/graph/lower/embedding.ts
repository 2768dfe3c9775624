import { notRunnable } from '../build.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { gather } from '../operators.ts';

/** Rows of a table by their numbers. */
export const embeddingLowering: Lowering = {
  kind: 'Embedding',
  takes: (module) => module.kind === 'Embedding' && tableOf(module)?.shape.length === 2,
  inputs: (module) => [
    {
      name: 'input',
      dtype: 'i64',
      meaning: 'tokens',
      dims: [
        { size: 1, free: 'batch' },
        { size: 8, free: 'sequence' },
      ],
      below: tableOf(module)!.shape[0]!,
    },
  ],
  lower: (module, { input }, _, g) => {
    if (input!.dtype !== 'i64')
      throw notRunnable(module, 'it takes ids of tokens and is given numbers', 'Run it by itself');
    return { output: gather(g, g.weight(tableOf(module)!), input!) };
  },
};

const tableOf = (module: ModuleNode) => findTensor(module, 'weight', 'embedding', 'embeddings');
