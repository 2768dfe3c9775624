import type { Assumptions } from '../assumptions.ts';
import { findAttention } from '../attention-parts.ts';
import { computeTwoLayers, findTwoLayers, type TwoLayers } from '../feed-forward.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';
import { findChild, type ModuleNode } from '../module-node.ts';
import { scaleOf } from '../normalise.ts';
import { add } from '../operators.ts';
import { sequenceInput } from '../sequence-input.ts';

/** A layer of BERT or DistilBERT: attention and feed-forward part each add their input, and normalise what comes out. */
export const bertLayerLowering: Lowering = {
  kind: 'BERT layer',
  takes: (module) => findParts(module) !== undefined,
  inputs: (module) => [sequenceInput(scaleOf(findParts(module)!.norm)?.shape[0] ?? 1)],
  lower: (module, { input }, assume, g) => {
    const { attention, attentionNorm, feed, norm } = findParts(module)!;
    const fedBy = 'first' in feed ? [feed.first, feed.second] : [feed];
    const known = [attention, attentionNorm, ...fedBy, norm];
    refuseRest(
      module,
      known.filter((part) => part !== undefined),
    );
    for (const one of [attentionNorm, norm]) if (one) suggestEps(one, assume);
    const attended = g.apply(attention, input!);
    // BERT's attention adds its input itself.
    const x = attentionNorm ? g.apply(attentionNorm, add(g, attended, input!)) : attended;
    const fed = 'first' in feed ? computeTwoLayers(module, feed, x, assume, g) : g.apply(feed, x);
    return { output: g.apply(norm, add(g, fed, x)) };
  },
};

interface BertLayerParts {
  readonly attention: ModuleNode;
  /** Absent where it is part of the attention. */
  readonly attentionNorm?: ModuleNode;
  /** A module, or layers that lie in this one. */
  readonly feed: ModuleNode | TwoLayers;
  readonly norm: ModuleNode;
}

function findParts(module: ModuleNode): BertLayerParts | undefined {
  const attention = module.children.get('attention');
  if (!attention || !findAttention(attention)) return undefined;
  const attentionNorm = findChild(module, 'sa_layer_norm');
  const norm = findChild(module, 'output.LayerNorm', 'output_layer_norm');
  const feed = findChild(module, 'ffn') ?? findTwoLayers(module);
  const isWhole = attentionNorm !== undefined || findChild(attention, 'output.LayerNorm') !== undefined;
  if (!norm || !feed || !isWhole) return undefined;
  return { attention, feed, norm, ...(attentionNorm && { attentionNorm }) };
}

function suggestEps({ path }: ModuleNode, assume: Assumptions): void {
  assume.suggest(path, 'eps', { value: 1e-12, source: 'name', why: 'BERT and its kin add 1e-12' });
}
