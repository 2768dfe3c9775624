import { StateglassError, toErrorInfo } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { ReadContext, ReadResult } from '../format.ts';
import { readText } from './decode.ts';
import { interpret } from './interpret.ts';
import { isNamedYaml } from './probe.ts';
import { makeState } from './state.ts';
import { looksLikeYaml } from './yaml-likeness.ts';
import { scanYaml } from './yaml-scan.ts';

export async function readYaml(context: ReadContext): Promise<ReadResult> {
  const decline = { decline: 'it begins like YAML and does not go on like it' };
  const isNamed = isNamedYaml(context.source.name);
  if (!isNamed && context.source.size > LIMITS.yamlBytes) return decline;
  const decoded = await readText(context, 'YAML');
  const isCertain = isNamed || /^\uFEFF?%YAML /.test(decoded.source.text);
  try {
    const scanned = scanYaml(decoded.source);
    if (!isCertain && !looksLikeYaml(scanned)) return decline;
    return makeState(context, { format: 'yaml', decoded, scanned, meaning: interpret(scanned.root) });
  } catch (error) {
    if (!isCertain && error instanceof StateglassError && toErrorInfo(error).kind === 'malformed') return decline;
    throw error;
  }
}
