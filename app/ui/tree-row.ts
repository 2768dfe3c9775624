/** Where a row of a tree grid stands, and how it stands. */
export interface TreeRowPlace {
  readonly id: number;
  readonly domId: string;
  readonly index: number;
  /** Pixels. */
  readonly top: number;
  readonly level: number;
  readonly position: number;
  readonly setSize: number;
  /** Undefined for what cannot be expanded. */
  readonly expanded: boolean | undefined;
  readonly selected: boolean;
}

/** What a row tells of its place: rows before and after it may not be drawn. The first row of a grid is its head. */
export const rowAttributes = ({ domId, index, level, position, setSize, expanded, selected }: TreeRowPlace) =>
  ({
    role: 'row',
    id: domId,
    'data-index': index,
    'aria-rowindex': index + 2,
    'aria-level': level,
    'aria-posinset': position,
    'aria-setsize': setSize,
    'aria-expanded': expanded,
    'aria-selected': selected,
  }) as const;
