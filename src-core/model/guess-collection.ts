import { guessRole } from './guess-role.ts';
import type { KeyPath } from './keys/key.ts';
import type { Role, Value } from './state-dict.ts';

/** Collections of Linen at the top of its variables, and the flax.nnx Variable that each became. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  params: 'Param',
  batch_stats: 'BatchStat',
  cache: 'Cache',
  intermediates: 'Intermediate',
  perturbations: 'Perturbation',
};
/** Where training states of JAX keep what optax holds. */
const OPTIMIZERS = new Set(['opt_state', 'optimizer', 'opt_states']);

/** The Variable of a Linen collection; undefined for other names. */
export const variableOfCollection = (name: string): string | undefined =>
  Object.hasOwn(COLLECTIONS, name) ? COLLECTIONS[name] : undefined;

/** What an entry of a JAX checkpoint probably is, by the collections on the way to it. A guess: `roleSource` is `heuristic`. */
export function guessCollection({ parts, kinds }: KeyPath, { type }: Value): Role {
  if (parts.some((part) => OPTIMIZERS.has(String(part)))) return { role: 'optimizer' };
  if (type !== 'tensor') return { role: 'artifact' };
  for (const part of parts) {
    const variable = variableOfCollection(String(part));
    if (variable === 'Param') return { role: 'parameter' };
    if (variable !== undefined) return { role: 'variable', variable };
  }
  const last = parts.at(-1);
  if (typeof last !== 'string' || kinds.at(-1) !== 'key') return { role: 'unknown' };
  return last === 'step' || last === 'count' ? { role: 'artifact' } : { role: guessRole(last) };
}
