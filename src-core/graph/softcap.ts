/** Soft-capping: numbers that tanh keeps within a limit, as Gemma 2 does with scores of attentions and with logits. */
import type { Assumptions, Guess } from './assumptions.ts';
import type { GraphBuilder, Value } from './build.ts';
import { gemmaOf } from './gemma.ts';
import type { ModuleNode } from './module-node.ts';
import { divide, multiply, scalar, unary } from './operators.ts';

const CONFIG = { attention: 'attn_logit_softcapping', logits: 'final_logit_softcapping' } as const;
const OF_GEMMA_2 = { attention: 50, logits: 30 } as const;

/** The limit, asked for at `module`; 0 for none. `near` is in a layer, or is one. */
export function askSoftcap(
  module: ModuleNode,
  of: 'attention' | 'logits',
  assume: Assumptions,
  near: ModuleNode = module,
): number {
  const configured = assume.configNumber(CONFIG[of]);
  const gemma = gemmaOf(near, assume);
  const isGemma2 = gemma?.generation === 2 && assume.facts.config?.[CONFIG[of]] !== null;
  const guess: Guess<number> | undefined =
    configured !== undefined
      ? { value: configured, source: 'file', why: 'the config says so' }
      : gemma && isGemma2
        ? { value: OF_GEMMA_2[of], source: gemma.source, why: gemma.why }
        : undefined;
  if (!guess && assume.corrected(module.path, 'softcap') === undefined) return 0;
  return assume.ask(module.path, 'softcap', guess ?? { value: 0, source: 'default', why: 'most models have no limit' });
}

export function capSoftly(g: GraphBuilder, x: Value, limit: number): Value {
  if (limit === 0) return x;
  return multiply(g, unary(g, 'Tanh', divide(g, x, scalar(g, limit))), scalar(g, limit));
}
