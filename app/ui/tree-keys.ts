/** What a key does in a tree grid (WAI-ARIA treegrid pattern, row focus). */
export type TreeAct =
  | { readonly act: 'move'; readonly to: number }
  | { readonly act: 'expand'; readonly open: boolean }
  | { readonly act: 'expand-siblings' }
  | { readonly act: 'open' }
  | { readonly act: 'type'; readonly letter: string };

export interface TreePlace {
  /** The row the keyboard stands on; -1 before the first key. */
  readonly index: number;
  readonly count: number;
  readonly page: number;
  readonly expandable: boolean;
  readonly expanded: boolean;
  /** Row of the parent, -1 at the first level. */
  parent(): number;
}

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

export function treeAct(key: Key, place: TreePlace): TreeAct | undefined {
  if (key.altKey || key.ctrlKey || key.metaKey || place.count === 0) return undefined;
  const { index, count, page } = place;
  const move = (to: number): TreeAct => ({ act: 'move', to: Math.min(count - 1, Math.max(0, to)) });
  switch (key.key) {
    case 'ArrowDown':
      return move(index + 1);
    case 'ArrowUp':
      return move(index - 1);
    case 'PageDown':
      return move(Math.max(0, index) + page);
    case 'PageUp':
      return move(index - page);
    case 'Home':
      return move(0);
    case 'End':
      return move(count - 1);
  }
  if (index < 0) return undefined;
  switch (key.key) {
    case 'ArrowRight':
      if (!place.expandable) return undefined;
      return place.expanded ? move(index + 1) : { act: 'expand', open: true };
    case 'ArrowLeft': {
      if (place.expandable && place.expanded) return { act: 'expand', open: false };
      const parent = place.parent();
      return parent < 0 ? undefined : move(parent);
    }
    case '*':
      return { act: 'expand-siblings' };
    case 'Enter':
      return { act: 'open' };
    case ' ':
      return place.expandable ? { act: 'expand', open: !place.expanded } : { act: 'open' };
  }
  return key.key.length === 1 ? { act: 'type', letter: key.key } : undefined;
}

/** The nearest row above that is a level higher, or -1. */
export function parentIndex(levels: ArrayLike<number>, index: number): number {
  const level = levels[index];
  if (level === undefined) return -1;
  for (let i = index - 1; i >= 0; i--) if (levels[i]! < level) return i;
  return -1;
}
