import type { EntryId, Problem } from '../../../model/state-dict.ts';
import type { TensorStats } from '../../../tensor/stats.ts';
import type { EntryStats } from '../../scan.ts';
import type { HealthFacts } from '../facts.ts';
import { findOnly } from '../structure/config.ts';

const EMBEDDINGS = ['embed_tokens.weight', 'wte.weight', 'shared.weight', 'embeddings.word_embeddings.weight'];
const HEADS = ['lm_head.weight', 'cls.predictions.decoder.weight'];
/** Models that tie unless their config says otherwise, and those that do when it says so. Others may say so and not do it. */
const TIED = /^(gpt2|gemma2?|bert|roberta)$/;
const TIEABLE = /^(gpt2|gemma2?|bert|roberta|llama|mistral|qwen[23]|phi3|granite|olmo2?|smollm3|t5)$/;

export interface TiedPair {
  readonly embedding: EntryId;
  readonly head: EntryId;
}

/** The embedding and the head that a config says are one, where both are in the file and look alike. */
export function findTiedPair(facts: HealthFacts): TiedPair | undefined {
  const { tie_word_embeddings: said, model_type: model } = facts.config?.fields ?? {};
  if (typeof model !== 'string' || !(said === undefined ? TIED : TIEABLE).test(model) || said === false)
    return undefined;
  const found = [EMBEDDINGS, HEADS].map((names) => names.flatMap((name) => findOnly(facts, name) ?? [])[0]);
  const [embedding, head] = found;
  if (!embedding || !head || embedding.shape.join() !== head.shape.join()) return undefined;
  return { embedding: embedding.entry, head: head.entry };
}

/** Compared by their statistics, which are exact and there already: equal tensors have equal ones. */
export function* judgeTie({ document }: HealthFacts, embedding: EntryStats, head: EntryStats): Iterable<Problem> {
  if (embedding.sameAs.includes(head.id) || !embedding.stats || !head.stats || isSame(embedding.stats, head.stats))
    return;
  const [one, other] = [embedding.id, head.id].map((id) => document.state.entries.at(id).key);
  yield {
    code: 'tied-mismatch',
    severity: 'warning',
    message: `config.json ties ${other} to ${one}, but their values differ.`,
    advice:
      'from_pretrained keeps one of the two and drops the other, so the model is not the one that was trained. Set tie_word_embeddings to false if the head was trained on its own.',
    entry: head.id,
  };
}

const FIGURES = ['count', 'nan', 'zeros', 'min', 'max', 'minAt', 'maxAt', 'mean', 'l1', 'l2'] as const;

function isSame(a: TensorStats, b: TensorStats): boolean {
  if (FIGURES.some((figure) => a[figure] !== b[figure])) return false;
  const [counts, others] = [a.distribution.counts, b.distribution.counts];
  return counts.length === others.length && counts.every((count, i) => count === others[i]);
}
