import type { StateDict } from '../model/state-dict.ts';
import type { Datum, Dict, Pair } from '../ops/systems/data.ts';
import type { RolesArgs } from '../ops/verbs/set-roles.ts';

/** Names that flax's layers give their weights, which torch's do not. */
const OF_FLAX = new Set(['kernel', 'embedding']);

/**
 * Types of the Variables that a file of pure values does not tell, as `nnx.guess_variables` guesses them. None for what does not look like
 * flax, nor for entries whose Variable is known.
 */
export async function guessRoles(state: StateDict): Promise<RolesArgs['roles']> {
  const keys = untold(state);
  if (keys.size === 0) return [];
  const { guessVariables } = await import('../ops/systems/nnx/guess-variables.ts');
  const byType = new Map<string, string[]>();
  for (const [key, parts] of keys) {
    const guessed = typeOfLeaf(guessVariables(nest(parts)));
    byType.set(guessed, [...(byType.get(guessed) ?? []), key]);
  }
  return [...byType].map(([spec, of]) => ({ keys: of, role: 'variable', spec }));
}

function untold({ dialect, entries }: StateDict): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  let isFlax = dialect === 'nnx';
  for (let row = 0; row < entries.length; row++) {
    const { key, path, role, value } = entries.at(row);
    const parts = path.parts.map(String).filter((part, i) => part !== 'value' || i < path.parts.length - 1);
    if (OF_FLAX.has(parts.at(-1) ?? '')) isFlax = true;
    if (value.type === 'tensor' && role.role !== 'variable') keys.set(key, parts);
  }
  return isFlax ? keys : new Map();
}

/** A dict of one leaf: the guess looks at the names on the way to it alone. */
const nest = (parts: readonly string[]): Dict =>
  parts.reduceRight<Datum>((inner, part) => ({ kind: 'dict', items: [[part, inner] as Pair] }), null) as Dict;

function typeOfLeaf(datum: Datum): string {
  let at = datum;
  while (isTagged(at) && at.kind === 'dict') at = at.items[0]![1];
  return isTagged(at) && at.kind === 'variable' ? at.type : 'Variable';
}

const isTagged = (
  datum: Datum,
): datum is Exclude<Datum, null | boolean | bigint | number | string | readonly Datum[]> =>
  typeof datum === 'object' && datum !== null && !Array.isArray(datum);
