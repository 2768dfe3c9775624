/** Soft-capping: numbers that tanh keeps within a limit, as Gemma 2 does with scores of attentions and with logits. */
import type { Assumptions, Guess } from './assumptions.ts';
import type { GraphBuilder, Value } from './build.ts';
import { gemmaOf } from './gemma.ts';
import type { ModuleNode } from './module-node.ts';
import { divide, multiply, scalar, unary } from './operators.ts';

const LIMITS = {
  softcap: { config: 'attn_logit_softcapping', ofGemma2: 50 },
  logit_softcap: { config: 'final_logit_softcapping', ofGemma2: 30 },
} as const;

/** The limit, asked for at `module`; 0 for none. `near` is in a layer, or is one. */
export function askSoftcap(
  module: ModuleNode,
  name: keyof typeof LIMITS,
  assume: Assumptions,
  near: ModuleNode = module,
): number {
  const { config, ofGemma2 } = LIMITS[name];
  const configured = assume.configNumber(config);
  const gemma = gemmaOf(near, assume);
  const isGemma2 = gemma?.generation === 2 && assume.facts.config?.[config] !== null;
  const guess: Guess<number> | undefined =
    configured !== undefined
      ? { value: configured, source: 'file', why: 'the config says so' }
      : gemma && isGemma2
        ? { value: ofGemma2, source: gemma.source, why: gemma.why }
        : undefined;
  if (!guess && assume.corrected(module.path, name) === undefined) return 0;
  return assume.ask(module.path, name, guess ?? { value: 0, source: 'default', why: 'most models have no limit' });
}

export function capSoftly(g: GraphBuilder, x: Value, limit: number): Value {
  if (limit === 0) return x;
  return multiply(g, unary(g, 'Tanh', divide(g, x, scalar(g, limit))), scalar(g, limit));
}
