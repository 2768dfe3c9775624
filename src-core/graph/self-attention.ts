/** Computes an attention of a sequence to itself. */
import { askRope } from './ask-rope.ts';
import type { Assumptions, Guess } from './assumptions.ts';
import { askScale, attend } from './attend.ts';
import { type AttentionParts, weightOf } from './attention-parts.ts';
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import { gemmaOf } from './gemma.ts';
import { askHeads, type Projected } from './heads.ts';
import { askWindow } from './layer-types.ts';
import { findTensor, type ModuleNode } from './module-node.ts';
import { project, projectOut } from './projections.ts';
import { ROPE_STYLES, type RopeStyle } from './rope.ts';
import { askSoftcap } from './softcap.ts';

const TURNS: Readonly<Record<RopeStyle, string>> = {
  none: 'positions do not turn queries and keys',
  half: 'positions turn features that stand half a head apart',
  interleaved: 'positions turn features that stand side by side',
};

/**
 * Self-attention of [batch, sequence, features], `out` included.
 *
 * @throws `not-runnable` where heads do not fit.
 */
export function computeAttention(
  module: ModuleNode,
  parts: AttentionParts,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const { usual } = parts;
  const { sizes, take } = project(module, parts, x, assume, g);
  const byHead = parts.separate && weightOf(parts.separate[0])!.shape;
  const normSize = parts.normQ && weightOfNorm(parts.normQ);
  const fixed = byHead?.length === 3 ? byHead[2] : normSize === sizes.q ? undefined : normSize;
  const features = x.shape[2] as number;
  const usualSize = usualHead(module, features, assume);
  const heads = askHeads(module, { ...sizes, ...(fixed !== undefined && { headDim: fixed }), ...usualSize }, assume);
  const [q, k, v] = take(heads.heads);
  const causal = assume.ask(module.path, 'causal', {
    value: usual.causal,
    source: 'name',
    why: `${usual.causal ? 'a token sees none after it' : 'all tokens see each other'}, as in ${usual.of}`,
    choices: [true, false],
  });
  const style = assume.ask(module.path, 'rope_style', { ...guessStyle(parts, assume), choices: ROPE_STYLES });
  const scale = askScale(module, heads, features, assume);
  const window = causal ? askWindow(module, features, assume) : 0;
  const softcap = askSoftcap(module, 'softcap', assume);
  // Qwen 3 normalises each head, OLMo 2 all of them together.
  const isWhole = parts.normQ !== undefined && normSize === sizes.q && normSize !== heads.headDim;
  if (parts.normQ && !isWhole && normSize !== heads.headDim)
    throw notRunnable(
      module,
      `its norm of queries has ${normSize} features, and a head has ${heads.headDim}`,
      `Say it has ${sizes.q / (normSize ?? 1)} heads`,
    );
  const whole = (norm: ModuleNode | undefined, y: Value): Value => (norm && isWhole ? g.apply(norm, y) : y);
  const each = (norm: ModuleNode | undefined) => (norm && !isWhole ? (y: Value) => g.apply(norm, y) : undefined);
  const mixed = attend(g, module.path, [whole(parts.normQ, q), whole(parts.normK, k), v], {
    ...heads,
    causal,
    scale,
    window,
    softcap,
    ...(style !== 'none' && { rope: askRope(module, style, { features, headDim: heads.headDim }, usual, assume) }),
    normQ: each(parts.normQ),
    normK: each(parts.normK),
  });
  // Where the heads are a module of their own (`self` of BERT), this is what it gives.
  const within = (parts.separate?.[0] ?? parts.fused!).path.replace(/\.?[^.]*$/, '');
  if (within !== module.path) g.tap(within, mixed);
  return parts.out ? projectOut(parts.out, mixed, g) : mixed;
}

const weightOfNorm = (norm: ModuleNode): number | undefined => findTensor(norm, 'weight', 'scale', 'gamma')?.shape[0];

/** Gemma 2 and 3 have heads of 256 features, but for the largest, which are wider than 4096. */
function usualHead(module: ModuleNode, features: number, assume: Assumptions): Pick<Projected, 'usual'> {
  const gemma = gemmaOf(module, assume);
  if (!gemma || gemma.generation === 1) return {};
  const size = features > 4096 ? 128 : 256;
  return { usual: { headDim: size, why: `heads of Gemma ${gemma.generation} have ${size} features, of one so wide` } };
}

/** Files of llama.cpp whose features are turned half a head apart, though its names are those of Llama and GPT-2 too. */
const HALF = /^(gemma[23]?|qwen[23]?(moe)?|phi[23]|olmo2|olmoe|gptneox|stablelm|starcoder2)$/;

function guessStyle({ separate, fused, usual }: AttentionParts, assume: Assumptions): Guess<RopeStyle> {
  const family = assume.configText('model_type') ?? '';
  const isGguf = /^attn_/.test((separate?.[0] ?? fused!).name);
  if (isGguf && HALF.test(family))
    return { value: 'half', source: 'file', why: `${TURNS.half}, as in all files of ${family}` };
  return { value: usual.rope, source: 'name', why: `${TURNS[usual.rope]}, as in ${usual.of}` };
}
