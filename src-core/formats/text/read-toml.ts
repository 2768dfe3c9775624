import { toErrorInfo } from '../../base/errors.ts';
import type { ReadContext, ReadResult } from '../format.ts';
import { readText } from './decode.ts';
import { interpret } from './interpret.ts';
import { probeToml } from './probe.ts';
import { makeState } from './state.ts';
import { scanToml } from './toml-scan.ts';

export async function readToml(context: ReadContext): Promise<ReadResult> {
  const decoded = await readText(context, 'TOML');
  try {
    const scanned = scanToml(decoded.source);
    return makeState(context, { format: 'toml', decoded, scanned, meaning: interpret(scanned.root) });
  } catch (error) {
    // `key = value` without the name is as often an .ini file or a script.
    const isToml = probeToml(decoded.source.text.slice(0, 4096), context.source.name) === 'yes';
    if (toErrorInfo(error).kind === 'malformed' && !isToml)
      return { decline: 'it begins like TOML and does not go on like it' };
    throw error;
  }
}
