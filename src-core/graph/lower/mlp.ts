import type { Assumptions } from '../assumptions.ts';
import { applyActivation } from '../between-layers.ts';
import { chainOf, type Link } from '../chain.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { endsOf, isSequence } from '../module-parts.ts';

/**
 * Linear layers by number (`fc1`, `fc2`; `l1`, `l2`, `l3`), an activation behind each but the last. Running statistics of what
 * goes in and comes out, as a stateful module of inox has them, get new values.
 */
export const mlpLowering: Lowering = {
  kind: 'MLP',
  takes: (module, assume) => {
    const parts = partsOf(module, assume);
    if (!parts || parts.links.some(({ role }) => role !== 'linear')) return false;
    // The feed-forward part of a block has habits of its own.
    const isOfBlock = module.parent?.kind === 'Block' || /^(mlp|ffn?|feed_?forward)$/i.test(module.name);
    return parts.links.length > (isOfBlock ? 2 : 1);
  },
  inputs: (module, assume) => {
    const { links, before } = partsOf(module, assume)!;
    const features = { size: endsOf(links[0]!.module)!.takes };
    const dims = before.length > 0 ? [features] : [{ size: 1, free: 'batch' }, features];
    return [{ name: 'input', dtype: 'f32', meaning: 'features', dims }];
  },
  lower: (module, { input }, assume, g) => {
    const { links, before, behind } = partsOf(module, assume)!;
    suggestOrder(links, assume);
    const printed = assume.printedAt(module.path);
    let x = input!;
    for (const statistics of before) g.lower(statistics, { input: x });
    links.forEach((link, i) => {
      x = g.apply(link.module, x);
      for (const one of link.after) x = g.apply(one, x);
      const isActivated = link.after.some(({ kind }) => kind === 'PReLU');
      if (i < links.length - 1 && !isActivated && !isSequence(link.module))
        x = applyActivation(link.module.path, x, assume, g, printed);
    });
    for (const statistics of behind) g.lower(statistics, { input: x });
    return { output: x };
  },
};

interface Parts {
  readonly links: readonly Link[];
  /** Running statistics of what goes in, and of what comes out. */
  readonly before: readonly ModuleNode[];
  readonly behind: readonly ModuleNode[];
}

function partsOf(module: ModuleNode, assume: Assumptions): Parts | undefined {
  const statistics = [...module.children.values()].filter(isStatistics);
  const links = chainOf(module, assume, statistics);
  if (!links) return undefined;
  const isBefore = ({ name }: ModuleNode) => /^in/i.test(name);
  return {
    links,
    before: statistics.filter(isBefore),
    behind: statistics.filter((one) => !isBefore(one)),
  };
}

const isStatistics = (module: ModuleNode): boolean =>
  findTensor(module, 'first') !== undefined && findTensor(module, 'second') !== undefined;

/** A square weight lies as those beside it. */
function suggestOrder(links: readonly Link[], assume: Assumptions): void {
  const shapes = links.map(({ module }) => findTensor(module, 'weight', 'kernel')?.shape ?? []);
  const told = links.findIndex(
    ({ module }, i) => shapes[i]![0] !== shapes[i]![1] && endsOf(module)?.gives === shapes[i]![1],
  );
  if (told === -1) return;
  for (const { module } of links)
    assume.suggest(module.path, 'transposed', {
      value: true,
      source: 'shape',
      why: `${links[told]!.module.name} beside it is kept as [in, out]`,
    });
}
