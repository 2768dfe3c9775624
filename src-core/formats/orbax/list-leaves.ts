/** What a checkpoint holds, by the tree that it declares and by the arrays that are there. */
import type { PartKind } from '../../model/keys/key.ts';
import type { TreeLeaf } from './tree-metadata.ts';
import { stripValues } from './value-suffix.ts';
import type { FoundArray } from './zarr-arrays.ts';

export interface Leaf extends TreeLeaf {
  /** It ended in `.value`, as flax.nnx saves a Variable. */
  readonly isVariable: boolean;
  /** There, and not in the tree that is declared. */
  readonly isUndeclared: boolean;
}

export interface Leaves {
  readonly leaves: readonly Leaf[];
  /** How many ended in `.value`. */
  readonly stripped: number;
}

/** `isNested`: names of arrays are folders in one another, not parts joined by dots. */
export function listLeaves(
  declared: readonly TreeLeaf[] | undefined,
  arrays: ReadonlyMap<string, FoundArray>,
  { isNested }: { readonly isNested: boolean },
): Leaves {
  const names = new Set(declared?.map(({ name }) => name));
  const more = [...arrays.keys()]
    .filter((name) => !names.has(name))
    .map((name) => {
      const parts = name === '' ? [] : name.split(isNested ? '/' : '.');
      const kinds = parts.map((): PartKind => 'key');
      return { parts, kinds, name, valueType: 'array', isUndeclared: declared !== undefined };
    });
  const all = [...(declared ?? []).map((leaf) => ({ ...leaf, isUndeclared: false })), ...more];
  return stripValues(all);
}
