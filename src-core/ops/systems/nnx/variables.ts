import type { Datum, Variable } from '../data.ts';

/** flax.nnx's own Variable classes and their bases, nearest first; `Variable` is a base of all. */
const BASES: Readonly<Record<string, readonly string[]>> = {
  Variable: [],
  Param: ['Variable'],
  BatchStat: ['Variable'],
  Cache: ['Variable'],
  Intermediate: ['Variable'],
  Perturbation: ['Intermediate', 'Variable'],
  RngState: ['Variable'],
  RngCount: ['RngState', 'Variable'],
  RngKey: ['RngState', 'Variable'],
  LoRAParam: ['Param', 'Variable'],
};

/** Names that Linen gave its collections; `nnx.variable_type_from_name` knows them. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  params: 'Param',
  batch_stats: 'BatchStat',
  cache: 'Cache',
  intermediates: 'Intermediate',
  perturbations: 'Perturbation',
};

export const isVariableType = (name: string): boolean => Object.hasOwn(BASES, name);
export const typeOfCollection = (name: string): string | undefined => COLLECTIONS[name];

/** `isinstance(variable, type)`. */
export function isOfType(variable: Variable, type: string): boolean {
  const named = [variable.type, ...variable.bases];
  return type === 'Variable' || named.some((name) => name === type || BASES[name]?.includes(type));
}

/** `variable.tag`; undefined where `hasattr` would say no. */
export const tagOf = (variable: Variable): Datum | undefined => variable.metadata.find(([name]) => name === 'tag')?.[1];

/** `variable.replace(value)`: the type and the metadata stay. */
export const withValue = (variable: Variable, value: Datum): Variable => ({ ...variable, value });
