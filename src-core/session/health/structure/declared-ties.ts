import type { Problem } from '../../../model/state-dict.ts';
import { findBelow, type HealthFacts } from '../facts.ts';

/**
 * Ties that a safetensors file declares. `save_model` of the library writes one tensor of those that share memory, and into
 * `__metadata__` under the name of each other one the name of the one it kept. Without that one, all of them are lost.
 */
export function* checkDeclaredTies(facts: HealthFacts): Iterable<Problem> {
  const { document, columns } = facts;
  const { state } = document;
  if (state.format !== 'safetensors' || columns.count === 0) return;
  const endings = new Set(facts.labels);
  for (const { section, key, value } of state.metadata) {
    if (!section.startsWith('__metadata__') || value.kind !== 'string') continue;
    const kept = value.value;
    // Other metadata is texts too: both have to be written as names of this file are.
    if (!isName(key, endings) || !isName(kept, endings)) continue;
    if ([kept, key].some((name) => findBelow(facts.tree, 0, name) !== undefined)) continue;
    yield {
      code: 'broken-tie',
      severity: 'error',
      message: `${key} is declared to be ${kept}, which is not in the file.`,
      advice: 'Both names are lost: a load fails, or leaves them as they were initialised. Save the model again.',
    };
  }
}

const isName = (text: string, endings: ReadonlySet<string>): boolean =>
  /^[^\s.]+(\.[^\s.]+)+$/.test(text) && endings.has(text.slice(text.lastIndexOf('.') + 1));
