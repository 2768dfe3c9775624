import type { InputSpec } from './graph.ts';

/** Tokens that a sample is offered with. */
export const SAMPLE_LENGTH = 8;

/** [batch, sequence, features], as attentions and blocks take it. */
export const sequenceInput = (size: number, name = 'input'): InputSpec => ({
  name,
  dtype: 'f32',
  meaning: name === 'input' ? 'sequence' : 'memory',
  dims: [{ size: 1, free: 'batch' }, { size: SAMPLE_LENGTH, free: 'sequence' }, { size }],
});
