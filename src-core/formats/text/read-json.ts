import { toErrorInfo } from '../../base/errors.ts';
import type { ReadContext, ReadResult } from '../format.ts';
import { readText } from './decode.ts';
import { interpret } from './interpret.ts';
import { scanJson } from './json-scan.ts';
import { probeJson } from './probe.ts';
import { makeState } from './state.ts';

export async function readJson(context: ReadContext): Promise<ReadResult> {
  const decoded = await readText(context, 'JSON');
  try {
    const scanned = scanJson(decoded.source);
    return makeState(context, { format: 'json', decoded, scanned, meaning: interpret(scanned.root) });
  } catch (error) {
    // Something else that happens to begin with a bracket is for the next format to judge.
    const isJson = probeJson(decoded.source.text.slice(0, 4096), context.source.name) === 'yes';
    if (toErrorInfo(error).kind === 'malformed' && !isJson)
      return { decline: 'it begins like JSON and does not go on like it' };
    throw error;
  }
}
