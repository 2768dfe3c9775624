import type { RenameRule } from '../../model/keys/rename-rules.ts';
import { CONV1D } from './gpt2-conv1d.ts';
import type { Mapping } from './mapping.ts';

/** Names of GPT-2 as GGUF files have them (`gguf-py`, tensor_mapping.py). The converter turns Conv1D weights to [out, in]. */
const IN_BLOCK: readonly (readonly [gpt2: string, gguf: string])[] = [
  ['ln_1', 'attn_norm'],
  ['attn\\.c_attn', 'attn_qkv'],
  ['attn\\.c_proj', 'attn_output'],
  ['ln_2', 'ffn_norm'],
  ['mlp\\.c_fc', 'ffn_up'],
  ['mlp\\.c_proj', 'ffn_down'],
];
const OUTSIDE: readonly (readonly [gpt2: string, gguf: string])[] = [
  ['wte', 'token_embd'],
  ['wpe', 'position_embd'],
  ['ln_f', 'output_norm'],
];
const rule = (pattern: string, to: string): RenameRule => ({ pattern, to });
const plain = (pattern: string): string => pattern.replaceAll('\\', '');

export const ggufGpt2: Mapping = {
  id: 'gguf-gpt2',
  title: 'GPT-2 ↔ GGUF',
  toRight: [
    ...OUTSIDE.map(([gpt2, gguf]) => rule(`^(?:transformer\\.)?${gpt2}\\.(weight|bias)$`, `${gguf}.$1`)),
    rule('^lm_head\\.weight$', 'output.weight'),
    ...IN_BLOCK.map(([gpt2, gguf]) =>
      rule(`^(?:transformer\\.)?h\\.(\\d+)\\.${gpt2}\\.(weight|bias)$`, `blk.$1.${gguf}.$2`),
    ),
  ],
  toLeft: [
    ...OUTSIDE.map(([gpt2, gguf]) => rule(`^${gguf}\\.(weight|bias)$`, `transformer.${gpt2}.$1`)),
    rule('^output\\.weight$', 'lm_head.weight'),
    ...IN_BLOCK.map(([gpt2, gguf]) =>
      rule(`^blk\\.(\\d+)\\.${gguf}\\.(weight|bias)$`, `transformer.h.$1.${plain(gpt2)}.$2`),
    ),
  ],
  left: /(?:^|\.)h\.\d+\.(?:attn\.c_|mlp\.c_|ln_[12]\b)/,
  right: /^blk\.\d+\./,
  layout: { of: CONV1D, otherwise: 'transposed' },
};
