import { variableOfCollection } from '../../../model/guess-collection.ts';
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

export const isVariableType = (name: string): boolean => Object.hasOwn(BASES, name);
/** `nnx.variable_type_from_name` of the names that Linen gave its collections. */
export const typeOfCollection = variableOfCollection;

/** `isinstance(variable, type)`. */
export function isOfType(variable: Variable, type: string): boolean {
  const named = [variable.type, ...variable.bases];
  return type === 'Variable' || named.some((name) => name === type || BASES[name]?.includes(type));
}

/** `variable.tag`; undefined where `hasattr` would say no. */
export const tagOf = (variable: Variable): Datum | undefined => variable.metadata.find(([name]) => name === 'tag')?.[1];

/** `variable.replace(value)`: the type and the metadata stay. */
export const withValue = (variable: Variable, value: Datum): Variable => ({ ...variable, value });
