import type { Tile } from './treemap-layout.ts';

/** The tile an arrow key goes to: beside it in the same module, into it, or out of it; undefined for other keys. */
export function moveInMap(key: string, tiles: readonly Tile[], at: number | null): number | undefined {
  if (tiles.length === 0 || !/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(key)) return undefined;
  const tile = at === null ? undefined : tiles[at];
  if (at === null || !tile) return 0;
  const beside = tiles.flatMap((other, i) => (other.parent === tile.parent ? [i] : []));
  const place = beside.indexOf(at);
  switch (key) {
    case 'ArrowRight':
      return beside[Math.min(beside.length - 1, place + 1)];
    case 'ArrowLeft':
      return beside[Math.max(0, place - 1)];
    case 'Home':
      return beside[0];
    case 'End':
      return beside.at(-1);
    case 'ArrowUp':
      return tile.parent >= 0 ? tile.parent : at;
    default: {
      const inside = tiles.findIndex((other) => other.parent === at);
      return inside >= 0 ? inside : at;
    }
  }
}
