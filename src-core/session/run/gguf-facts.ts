import type { JsonNode, StateDict } from '../../model/state-dict.ts';

/** What GGUF calls by the architecture (`llama.rope.freq_base`), under the names that `config.json` of transformers has for it. */
const NAMES: Readonly<Record<string, string>> = {
  block_count: 'num_hidden_layers',
  context_length: 'max_position_embeddings',
  embedding_length: 'hidden_size',
  feed_forward_length: 'intermediate_size',
  vocab_size: 'vocab_size',
  'attention.head_count': 'num_attention_heads',
  'attention.head_count_kv': 'num_key_value_heads',
  'attention.key_length': 'head_dim',
  'attention.layer_norm_epsilon': 'layer_norm_epsilon',
  'attention.layer_norm_rms_epsilon': 'rms_norm_eps',
  'attention.sliding_window': 'sliding_window',
  'rope.freq_base': 'rope_theta',
  'rope.freq_base_swa': 'rope_local_base_freq',
  attn_logit_softcapping: 'attn_logit_softcapping',
  final_logit_softcapping: 'final_logit_softcapping',
  expert_count: 'num_experts',
  expert_used_count: 'num_experts_per_tok',
  expert_group_count: 'n_group',
  expert_weights_scale: 'routed_scaling_factor',
};

/**
 * The config that the metadata of a GGUF file stand for; undefined without an architecture. Numbers that differ by layer are left out.
 */
export function readGgufConfig(state: StateDict): Record<string, unknown> | undefined {
  const said = new Map(state.metadata.map(({ key, value }) => [key, value]));
  const family = textOf(said.get('general.architecture'));
  if (family === undefined) return undefined;
  const config: Record<string, unknown> = { model_type: family };
  for (const [key, name] of Object.entries(NAMES)) {
    const value = numberOf(said.get(`${family}.${key}`));
    if (value !== undefined) config[name] = value;
  }
  const headDim = number(config.head_dim) ?? quotient(config.hidden_size, config.num_attention_heads);
  const turned = numberOf(said.get(`${family}.rope.dimension_count`));
  if (headDim && turned && turned < headDim) config.partial_rotary_factor = turned / headDim;
  const stretch = stretchOf(said, family, state);
  if (stretch) config.rope_scaling = stretch;
  // Its converter adds the 1 that Gemma's own files leave out.
  if (family.startsWith('gemma')) config.norm_scales_are_whole = true;
  const normalised = flagOf(said.get(`${family}.expert_weights_norm`));
  // Of these the metadata do not say it: loaders know.
  if (normalised !== undefined || AS_THEY_ARE.test(family)) config.norm_topk_prob = normalised ?? false;
  if (numberOf(said.get(`${family}.expert_gating_func`)) === SIGMOID) config.scoring_func = 'sigmoid';
  return config;
}

/** Families whose chosen experts count what the softmax over all of them says. */
const AS_THEY_ARE = /^(qwen2moe|olmoe)$/;
/** Of the gating functions. */
const SIGMOID = 2;

function stretchOf(said: ReadonlyMap<string, JsonNode>, family: string, { entries }: StateDict) {
  const type = textOf(said.get(`${family}.rope.scaling.type`));
  if (type !== undefined && type !== 'none')
    return { type, factor: numberOf(said.get(`${family}.rope.scaling.factor`)) ?? 1 };
  // Llama 3.1 and its kin keep a factor for each pair of features as a tensor.
  for (let row = 0; row < entries.length; row++)
    if (entries.at(row).key === 'rope_freqs.weight') return { type: 'the factors of rope_freqs' };
  return undefined;
}

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const quotient = (a: unknown, b: unknown): number | undefined =>
  typeof a === 'number' && typeof b === 'number' && b > 0 ? a / b : undefined;

const flagOf = (node: JsonNode | undefined): boolean | undefined => (node?.kind === 'bool' ? node.value : undefined);
const textOf = (node: JsonNode | undefined): string | undefined => (node?.kind === 'string' ? node.value : undefined);

/** A number, or the one that a list has for every layer. */
function numberOf(node: JsonNode | undefined): number | undefined {
  if (node?.kind === 'number') return Number(node.lexeme);
  if (node?.kind !== 'array') return undefined;
  const all = new Set(node.items.map(numberOf));
  return all.size === 1 ? [...all][0] : undefined;
}
