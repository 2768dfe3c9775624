/** What `adapter_config.json`, which PEFT writes beside an adapter, says of baking it. What is no number or flag is passed over. */
export interface LoraConfig {
  readonly alpha?: number;
  readonly rank?: number;
  readonly fanInFanOut?: true;
  readonly rankStabilised?: true;
  /** Some modules have an alpha of their own (`alpha_pattern`), which is not in `alpha`. */
  readonly hasAlphaPattern?: true;
}

export const LORA_CONFIG_FILE = 'adapter_config.json';

/** Reads parsed JSON, whatever it is. */
export function readLoraConfig(read: unknown): LoraConfig {
  const { lora_alpha: alpha, r, fan_in_fan_out, use_rslora, alpha_pattern } = (read ?? {}) as Record<string, unknown>;
  const hasPattern = typeof alpha_pattern === 'object' && Object.keys(alpha_pattern ?? {}).length > 0;
  return {
    ...(typeof alpha === 'number' && { alpha }),
    ...(typeof r === 'number' && { rank: r }),
    ...(fan_in_fan_out === true && { fanInFanOut: true }),
    ...(use_rslora === true && { rankStabilised: true }),
    ...(hasPattern && { hasAlphaPattern: true }),
  };
}
