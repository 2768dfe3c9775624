import type { Lowering } from '../lowering.ts';
import type { ModuleNode } from '../module-node.ts';

/** A module that holds nothing but another: `model`, `net`, or `module` of DistributedDataParallel. */
export const wrapperLowering: Lowering = {
  kind: 'Wrapper',
  takes: (module) => module.tensors.size === 0 && module.children.size === 1 && module.kind === '',
  inputs: (module, _, offer) => offer.inputsOf(onlyChild(module)),
  lower: (module, inputs, _, g) => g.lower(onlyChild(module), inputs),
};

const onlyChild = (module: ModuleNode): ModuleNode => [...module.children.values()][0]!;
