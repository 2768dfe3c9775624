/** Which experts a token goes to, and what each of them counts. */
import type { Assumptions, Guess } from './assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import type { ModuleNode } from './module-node.ts';
import { add, divide, multiply, reshape, scalar, softmax } from './operators.ts';

const F32 = 1;
const COUNTS = ['num_experts_per_tok', 'num_experts_per_token', 'moe_top_k', 'top_k_experts'];

/**
 * The largest shares of a softmax over all experts, and 0 for the other experts. Of equal shares the first counts as the larger.
 *
 * @param logits [tokens, experts]
 * @throws `not-runnable` where the config says that experts are chosen in another way.
 */
export function routeTokens(
  module: ModuleNode,
  logits: Value,
  normalised: Guess<boolean>,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  refuseOthers(module, assume);
  const experts = logits.shape[1] as number;
  const count = askCount(module, experts, assume);
  const configured = assume.configFlag('norm_topk_prob');
  const guess: Guess<boolean> =
    configured === undefined ? normalised : { value: configured, source: 'file', why: 'the config says so' };
  const isNormalised = assume.ask(module.path, 'norm_topk_prob', { ...guess, choices: [true, false] });
  const shares = softmax(g, logits);
  const chosen = g.emit('Less', [rankOf(g, shares, experts), scalar(g, count)], shares.shape, {}, 'bool');
  const kept = g.emit('Where', [chosen, shares, scalar(g, 0)], shares.shape, {}, 'f32');
  return isNormalised ? divide(g, kept, sumLast(g, kept, true)) : kept;
}

/** How many experts have a larger share. ONNX has an operator for the largest of an axis (TopK), which WebGPU has not. */
function rankOf(g: GraphBuilder, shares: Value, experts: number): Value {
  const rows = shares.shape[0]!;
  const own = reshape(g, shares, [rows, experts, 1]);
  const others = reshape(g, shares, [rows, 1, experts]);
  const compare = (op: 'Greater' | 'Equal'): Value => {
    const shape = [rows, experts, experts];
    return g.emit('Cast', [g.emit(op, [others, own], shape, {}, 'bool')], shape, { to: { int: F32 } }, 'f32');
  };
  const before = Array.from({ length: experts ** 2 }, (_, i) => (i % experts < Math.floor(i / experts) ? 1 : 0));
  const ties = multiply(g, compare('Equal'), g.constant('f32', [experts, experts], before));
  return sumLast(g, add(g, compare('Greater'), ties), false);
}

function sumLast(g: GraphBuilder, x: Value, keeps: boolean): Value {
  const axis = x.shape.length - 1;
  const shape = keeps ? x.shape.with(axis, 1) : x.shape.slice(0, -1);
  return g.emit('ReduceSum', [x, g.constant('i64', [1], [axis])], shape, { keepdims: { int: keeps ? 1 : 0 } });
}

function askCount(module: ModuleNode, experts: number, assume: Assumptions): number {
  const choices = Array.from({ length: experts }, (_, i) => i + 1);
  const configured = assume.configNumber(...COUNTS);
  if (configured !== undefined && choices.includes(configured))
    return assume.ask(module.path, 'top_k', { value: configured, source: 'file', why: 'the config says so', choices });
  // Mixtral has 2 of 8, Qwen 2 has 4 of 60, Qwen 3 and OLMoE have 8 of 128 and of 64.
  const value = Math.min(experts, experts >= 64 ? 8 : experts >= 32 ? 4 : 2);
  const why = `models of ${experts} experts mostly ask ${value} of them`;
  return assume.ask(module.path, 'top_k', { value, source: 'default', why, choices });
}

/** Choosing by groups of experts, by sigmoids, or one expert after the other. */
function refuseOthers(module: ModuleNode, assume: Assumptions): void {
  const scoring = assume.configText('scoring_func') ?? 'softmax';
  const groups = assume.configNumber('n_group') ?? 1;
  const scaling = assume.configNumber('routed_scaling_factor') ?? 1;
  const family = assume.configText('model_type');
  const way =
    scoring !== 'softmax'
      ? `by ${scoring}`
      : groups > 1
        ? `from ${groups} groups`
        : scaling !== 1
          ? `with shares times ${scaling}`
          : family === 'phimoe'
            ? 'one after the other, as in Phi-3.5-MoE'
            : undefined;
  if (way)
    throw notRunnable(
      module,
      `its config chooses experts ${way}, which is not computed here`,
      'Run one of its experts',
    );
}
