import type { RenameRule } from '../../model/keys/rename-rules.ts';
import type { Mapping } from './mapping.ts';

/**
 * Names of Hugging Face's Llama and its kin as GGUF files have them (`gguf-py`, tensor_mapping.py). The converter also reorders
 * rows of q and k, so their values differ.
 */
const IN_BLOCK: readonly (readonly [hf: string, gguf: string])[] = [
  ['input_layernorm', 'attn_norm'],
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.o_proj', 'attn_output'],
  ['self_attn.q_norm', 'attn_q_norm'],
  ['self_attn.k_norm', 'attn_k_norm'],
  ['post_attention_layernorm', 'ffn_norm'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
  ['block_sparse_moe.gate', 'ffn_gate_inp'],
];
const OUTSIDE: readonly (readonly [hf: string, gguf: string])[] = [
  ['model.embed_tokens', 'token_embd'],
  ['model.norm', 'output_norm'],
  ['lm_head', 'output'],
];
const literal = (text: string): string => text.replaceAll('.', '\\.');
const rule = (pattern: string, to: string): RenameRule => ({ pattern, to });

export const ggufLlama: Mapping = {
  id: 'gguf-llama',
  title: 'Hugging Face ↔ GGUF (Llama)',
  toRight: [
    ...OUTSIDE.map(([hf, gguf]) =>
      rule(`^${literal(hf).replace('model\\.', '(?:model\\.)?')}\\.(weight|bias)$`, `${gguf}.$1`),
    ),
    ...IN_BLOCK.map(([hf, gguf]) =>
      rule(`^(?:model\\.)?layers\\.(\\d+)\\.${literal(hf)}\\.(weight|bias)$`, `blk.$1.${gguf}.$2`),
    ),
  ],
  toLeft: [
    ...OUTSIDE.map(([hf, gguf]) => rule(`^${gguf}\\.(weight|bias)$`, `${hf}.$1`)),
    ...IN_BLOCK.map(([hf, gguf]) => rule(`^blk\\.(\\d+)\\.${gguf}\\.(weight|bias)$`, `model.layers.$1.${hf}.$2`)),
  ],
  left: /(?:^|\.)layers\.\d+\.(?:self_attn|mlp|input_layernorm)\b/,
  right: /^blk\.\d+\./,
};
