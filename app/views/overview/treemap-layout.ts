import type { ModuleTree } from '../../../src-core/index.ts';
import { soleRun } from '../../state/tree-rows.ts';
import { type Box, squarify } from './squarify.ts';

export interface Tile extends Box {
  /** The node it stands for; of a folded run, its first block; of the rest, their parent. */
  readonly node: number;
  /** Alike blocks drawn as one, of a folded run or of a module that holds nothing else; 1 for everything else. */
  readonly times: number;
  /** Entries that are each too small to be drawn; 0 for a tile of its own. */
  readonly others: number;
  /** Parameters or bytes. */
  readonly amount: number;
  /** Levels inside the root of the map; 1 is the first. */
  readonly level: number;
  /** Whether tiles lie inside. */
  readonly isOpen: boolean;
  /** Place of the tile around it among the tiles; -1 at the first level. */
  readonly parent: number;
}

export interface TreemapOptions {
  readonly by: 'params' | 'bytes';
  /** Alike blocks are one tile. */
  readonly fold: boolean;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Room for a module's name above its tiles. */
export const NAME_HEIGHT = 17;
const PADDING = 2;
/** Modules smaller than this are not opened: their tiles would have no room for a name. */
const OPEN_WIDTH = 64;
const OPEN_HEIGHT = 46;
const LEVELS = 4;
/** Square pixels: below this a pointer hardly hits it. What is smaller is drawn together. */
const LEAST_AREA = 300;
const MOST_TILES = 400;

interface Item {
  readonly node: number;
  readonly times: number;
  readonly others: number;
  readonly amount: number;
}

/** Tiles of the modules below a node, outer ones before what they hold. Half a million entries cost one look at each drawn module's children. */
export function layoutTreemap(tree: ModuleTree, root: number, options: TreemapOptions): readonly Tile[] {
  const tiles: Tile[] = [];
  const amounts = tree[options.by];

  const fill = (node: number, times: number, box: Box, level: number, parent: number): void => {
    const amount = amounts[node]! * times;
    const least = (amount * LEAST_AREA) / Math.max(1, box.width * box.height);
    const items = listItems(tree, node, times, least, options);
    const boxes = squarify(
      items.map((item) => item.amount),
      box,
    );
    const inner: (() => void)[] = [];
    items.forEach((item, i) => {
      const outer = boxes[i]!;
      const at = tiles.length;
      const hasRoom = outer.width >= OPEN_WIDTH && outer.height >= OPEN_HEIGHT;
      const isOpen =
        item.others === 0 &&
        level < LEVELS &&
        hasRoom &&
        tree.end[item.node]! > item.node + 1 &&
        tiles.length < MOST_TILES;
      // A module that holds one run and nothing else is itself the fold.
      const blocks = options.fold && item.others === 0 ? Math.max(1, soleRun(tree, item.node)) : 1;
      tiles.push({ ...outer, ...item, times: item.times * blocks, level, isOpen, parent });
      if (isOpen) {
        const inside = {
          x: outer.x + PADDING,
          y: outer.y + NAME_HEIGHT,
          width: outer.width - 2 * PADDING,
          height: outer.height - NAME_HEIGHT - PADDING,
        };
        const [from, alike] = blocks > 1 ? [item.node + 1, blocks] : [item.node, item.times];
        inner.push(() => fill(from, alike * times, inside, level + 1, at));
      }
    });
    for (const act of inner) act();
  };
  fill(root, 1, { x: 0, y: 0, width: options.width, height: options.height }, 1, -1);
  return tiles;
}

/** Children by amount, largest first; those too small to be drawn as one. */
function listItems(
  tree: ModuleTree,
  parent: number,
  times: number,
  least: number,
  { by, fold }: TreemapOptions,
): readonly Item[] {
  const amounts = tree[by];
  const items: Item[] = [];
  let others = 0;
  let rest = 0;
  // A node may be an entry and a module: what is its own is amount that no child has.
  let own = amounts[parent]!;
  const end = tree.end[parent]!;
  for (let node = parent + 1; node < end; ) {
    const blocks = fold && tree.repeat[node]! > 1 ? tree.repeat[node]! : 1;
    let amount = 0;
    let next = node;
    for (let i = 0; i < blocks; i++) {
      amount += amounts[next]!;
      next = tree.end[next]!;
    }
    own -= amount;
    if (amount * times >= least && amount > 0) items.push({ node, times: blocks, others: 0, amount: amount * times });
    else {
      rest += amount * times;
      others += tree.entries[node]! * blocks;
    }
    node = next;
  }
  if (tree.entry[parent]! >= 0 && own > 0) {
    rest += own * times;
    others++;
  }
  items.sort((a, b) => b.amount - a.amount);
  if (rest > 0) items.push({ node: parent, times: 1, others, amount: rest });
  return items;
}
