import type { LayoutRule } from './mapping.ts';

/** Weights that Hugging Face's GPT-2 keeps as `Conv1D`, [in, out], and others under the same names as `Linear`, [out, in]. */
export const CONV1D = /(?:^|\.)(?:c_attn|c_proj|c_fc|q_attn)\.(?:weight|kernel)$/;

/** No names change: two files of the same keys may differ in this alone. */
export const gpt2Conv1d: LayoutRule & { readonly id: string; readonly title: string } = {
  id: 'gpt2-conv1d',
  title: 'GPT-2 Conv1D ↔ Linear',
  of: CONV1D,
  otherwise: 'same',
};
