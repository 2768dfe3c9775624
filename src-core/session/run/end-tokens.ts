import type { Document } from '../document.ts';
import { tokenizerItems } from '../vocabulary.ts';
import { readFacts } from './facts.ts';

/** In GGUF metadata: of a text, of a turn, of a message. */
const OF_GGUF = ['eos_token_id', 'eot_token_id', 'eom_token_id'];

/**
 * The tokens that end a text: `eos_token_id` of a config, one or several; of a GGUF file those of a turn and of a message too. Empty
 * where nothing is said.
 */
export async function readEndTokens(document: Document, signal?: AbortSignal): Promise<ReadonlySet<number>> {
  const { config } = await readFacts(document, signal);
  const text = config?.text_config as Readonly<Record<string, unknown>> | undefined;
  const items = tokenizerItems(document);
  const inFile = OF_GGUF.map((name) => {
    const value = items.get(name)?.value;
    return value?.kind === 'number' ? Number(value.lexeme) : undefined;
  });
  const said = [config?.eos_token_id ?? text?.eos_token_id, inFile].flat(2);
  return new Set(said.filter((id) => typeof id === 'number'));
}
