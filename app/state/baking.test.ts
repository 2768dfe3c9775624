import { expect, test } from 'vitest';
import { formOfConfig } from './baking.ts';

test('an adapter_config.json says alpha, and how weights are stored', () => {
  const read = formOfConfig({ peft_type: 'LORA', r: 8, lora_alpha: 16, fan_in_fan_out: true, use_rslora: true });
  expect(read.form).toEqual({ alpha: '16', fanInFanOut: true, rankStabilised: true });
  expect(read.config).toEqual([
    'adapter_config.json says alpha 16, rank 8, weights stored [in, out], rank-stabilised.',
  ]);
});

test('what it says otherwise, or of some modules alone, is not taken for alpha', () => {
  expect(formOfConfig({ lora_alpha: 'much', fan_in_fan_out: false })).toEqual({ form: {}, config: [] });
  expect(formOfConfig(null)).toEqual({ form: {}, config: [] });
  const { form, config } = formOfConfig({ lora_alpha: 4, alpha_pattern: { q: 8 } });
  expect(form).toEqual({ alpha: '4' });
  expect(config[1]).toContain('alpha_pattern');
});
