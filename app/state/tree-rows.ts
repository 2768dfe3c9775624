import type { ModuleTree } from '../../src-core/index.ts';

/** A row id is a node, or a node with this bit: the folded run of alike blocks that begins there. */
export const RUN_BIT = 0x80000000;
export const isRun = (id: number): boolean => id >= RUN_BIT;
export const nodeOfRow = (id: number): number => (id >= RUN_BIT ? id - RUN_BIT : id);

/** Bits of a node in the open-state bytes. */
export const OPEN = {
  /** The node shows its children. */
  expanded: 1,
  /** The run that begins here shows its blocks. */
  unfolded: 2,
  /** Closed by hand while a filter shows everything open. */
  closedInFilter: 4,
} as const;

/** The rows a person can scroll to, top to bottom. Positions are 1-based, among the rows shown at the same place. */
export interface TreeRows {
  readonly length: number;
  readonly ids: Uint32Array;
  readonly levels: Uint16Array;
  readonly filtered: boolean;
  position(index: number): number;
  setSize(index: number): number;
}

export const hasChildren = (tree: ModuleTree, node: number): boolean => tree.end[node]! > node + 1;

/** How often a block repeats when the node's children are one run and nothing else; 0 otherwise. Such a node is itself the fold. */
export function soleRun(tree: ModuleTree, node: number): number {
  if (!hasChildren(tree, node)) return 0;
  const times = tree.repeat[node + 1]!;
  return times > 1 && times === tree.siblings[node + 1]! ? times : 0;
}

/** One past the last node of the run that begins at `head`. */
export function endOfRun(tree: ModuleTree, head: number): number {
  let node = head;
  for (let i = tree.repeat[head]!; i > 0; i--) node = tree.end[node]!;
  return node;
}

/** A run that has its own row: one among other children. A parent's sole run is folded by the parent itself. */
const isFoldHead = (tree: ModuleTree, node: number): boolean => {
  const times = tree.repeat[node]!;
  return times > 1 && times !== tree.siblings[node]!;
};

/**
 * Positions when runs are folded. They are local to a parent, and computed when the first of its rows is drawn: a document
 * of half a million rows is shown without a look at those that are not on screen.
 */
export interface Folds {
  /** Head of the folded run a node is in, or -1. */
  head(node: number): number;
  /** Among its parent's rows, or the run's. */
  position(node: number): number;
  /** Of a head: position of the run's own row. */
  runPosition(node: number): number;
  /** Rows of a parent's children with runs folded. */
  childRows(parent: number): number;
}

const foldsCache = new WeakMap<ModuleTree, Folds>();

export function foldsOf(tree: ModuleTree): Folds {
  let folds = foldsCache.get(tree);
  if (!folds) {
    folds = createFolds(tree);
    foldsCache.set(tree, folds);
  }
  return folds;
}

function createFolds(tree: ModuleTree): Folds {
  const { count, parent, end } = tree;
  /** Head + 1 of the run a node is in; 0 for none. */
  const heads = new Uint32Array(count);
  const positions = new Uint32Array(count);
  const runPositions = new Uint32Array(count);
  /** Rows + 1 of each parent; 0 until it is known. */
  const rows = new Uint32Array(count);

  const knowChildren = (of: number): void => {
    if (rows[of]) return;
    let at = 0;
    let head = 0;
    let left = 0;
    for (let node = of + 1; node < end[of]!; node = end[node]!) {
      if (isFoldHead(tree, node)) {
        head = node;
        left = tree.repeat[node]!;
        runPositions[node] = ++at;
      }
      if (left > 0) {
        left--;
        heads[node] = head + 1;
        positions[node] = tree.repeat[head]! - left;
      } else {
        positions[node] = ++at;
      }
    }
    rows[of] = at + 1;
  };

  return {
    head(node) {
      knowChildren(parent[node]!);
      return heads[node]! - 1;
    },
    position(node) {
      knowChildren(parent[node]!);
      return positions[node]!;
    },
    runPosition(node) {
      knowChildren(parent[node]!);
      return runPositions[node]!;
    },
    childRows(of) {
      knowChildren(of);
      return rows[of]! - 1;
    },
  };
}

/** Room for the rows of a first screen; it grows with what is open. */
const FIRST_ROOM = 1024;

/** Rows of the tree as it stands open. Skips closed subtrees whole, so it costs what it shows. */
export function openRows(tree: ModuleTree, open: Uint8Array): TreeRows {
  const folds = foldsOf(tree);
  let ids = new Uint32Array(FIRST_ROOM);
  let levels = new Uint16Array(FIRST_ROOM);
  const unfoldedEnds: number[] = [];
  let n = 0;
  const add = (id: number, level: number): void => {
    if (n === ids.length) {
      const moreIds = new Uint32Array(n * 2);
      moreIds.set(ids);
      ids = moreIds;
      const moreLevels = new Uint16Array(n * 2);
      moreLevels.set(levels);
      levels = moreLevels;
    }
    ids[n] = id;
    levels[n++] = level;
  };
  let node = 1;
  while (node < tree.count) {
    while (unfoldedEnds.length > 0 && unfoldedEnds[unfoldedEnds.length - 1]! <= node) unfoldedEnds.pop();
    let level = tree.depth[node]! + unfoldedEnds.length;
    if (isFoldHead(tree, node)) {
      add(node + RUN_BIT, level);
      const end = endOfRun(tree, node);
      if (!(open[node]! & OPEN.unfolded)) {
        node = end;
        continue;
      }
      unfoldedEnds.push(end);
      level++;
    }
    add(node, level);
    node = open[node]! & OPEN.expanded ? node + 1 : tree.end[node]!;
  }
  const shown = ids.subarray(0, n);
  return {
    length: n,
    ids: shown,
    levels: levels.subarray(0, n),
    filtered: false,
    position(index) {
      const id = shown[index]!;
      return isRun(id) ? folds.runPosition(id - RUN_BIT) : folds.position(id);
    },
    setSize(index) {
      const id = shown[index]!;
      const at = nodeOfRow(id);
      const head = isRun(id) ? -1 : folds.head(at);
      return head >= 0 ? tree.repeat[head]! : folds.childRows(tree.parent[at]!);
    },
  };
}

/** Rows of a filter's answer: the matches with their ancestors, nothing folded, all open but what was closed by hand. */
export function filteredRows(tree: ModuleTree, matches: Uint32Array, open?: Uint8Array): TreeRows {
  const steps = filterSteps(tree, matches, open);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Nodes looked at between two pauses: well under a millisecond. */
const PACE = 8192;

/** `filteredRows` with pauses, so that half a million matches do not hold the page up. Without `open` nothing is closed. */
export function* filterSteps(tree: ModuleTree, matches: Uint32Array, open?: Uint8Array): Generator<void, TreeRows> {
  const marked = new Uint8Array(tree.count);
  marked[0] = 1;
  let shown = 0;
  for (let i = 0; i < matches.length; i++) {
    for (let node = tree.nodeOfEntry[matches[i]!]!; !marked[node]; node = tree.parent[node]!) {
      marked[node] = 1;
      shown++;
    }
    if (i % PACE === PACE - 1) yield;
  }
  const ids = new Uint32Array(shown);
  const levels = new Uint16Array(shown);
  const positions = new Uint32Array(shown);
  const children = new Uint32Array(tree.count);
  let n = 0;
  let node = 1;
  for (let i = 1; node < tree.count; i++) {
    if (i % PACE === 0) yield;
    if (!marked[node]) {
      node = tree.end[node]!;
      continue;
    }
    const p = tree.parent[node]!;
    children[p] = children[p]! + 1;
    ids[n] = node;
    levels[n] = tree.depth[node]!;
    positions[n++] = children[p]!;
    node = open && open[node]! & OPEN.closedInFilter ? tree.end[node]! : node + 1;
  }
  const rows = ids.subarray(0, n);
  return {
    length: n,
    ids: rows,
    levels: levels.subarray(0, n),
    filtered: true,
    position: (index) => positions[index]!,
    setSize: (index) => children[tree.parent[rows[index]!]!]!,
  };
}

/** Where a row id stands among rows in tree order, or -1. A run's row comes before its first block. */
export function indexOfRow(rows: TreeRows, id: number): number {
  const order = (row: number) => (isRun(row) ? (row - RUN_BIT) * 2 : row * 2 + 1);
  const wanted = order(id);
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const here = order(rows.ids[middle]!);
    if (here === wanted) return middle;
    if (here < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

export function isExpandable(tree: ModuleTree, id: number): boolean {
  return isRun(id) || hasChildren(tree, id);
}

export function isExpanded(open: Uint8Array, id: number, filtered: boolean): boolean {
  if (isRun(id)) return (open[id - RUN_BIT]! & OPEN.unfolded) !== 0;
  return filtered ? !(open[id]! & OPEN.closedInFilter) : (open[id]! & OPEN.expanded) !== 0;
}

/** Opens or closes one row in place. */
export function setExpanded(open: Uint8Array, id: number, filtered: boolean, expanded: boolean): void {
  const node = nodeOfRow(id);
  const bit = isRun(id) ? OPEN.unfolded : filtered ? OPEN.closedInFilter : OPEN.expanded;
  const on = bit === OPEN.closedInFilter ? !expanded : expanded;
  open[node] = on ? open[node]! | bit : open[node]! & ~bit;
}

/** Opens everything above `node`, so that its row is shown. */
export function revealNode(tree: ModuleTree, open: Uint8Array, node: number): void {
  const folds = foldsOf(tree);
  for (let n = node; n > 0; n = tree.parent[n]!) {
    if (n !== node) open[n] = (open[n]! | OPEN.expanded) & ~OPEN.closedInFilter;
    const head = folds.head(n);
    if (head >= 0) open[head] = open[head]! | OPEN.unfolded;
  }
}

/** Opens everything, folded runs too, or closes everything. */
export function setAllExpanded(open: Uint8Array, expanded: boolean): void {
  open.fill(expanded ? OPEN.expanded | OPEN.unfolded : OPEN.closedInFilter);
}

/** Rows that fit a first screen: whole levels are opened while they stay within it. */
const FIRST_SCREEN = 48;

/** The state a document opens in: as many whole levels as fit a screen, repeated blocks folded. */
export function initialOpen(tree: ModuleTree): Uint8Array {
  let open = new Uint8Array(tree.count);
  for (let level = 1; level < 16; level++) {
    const rows = openRows(tree, open);
    if (rows.length > FIRST_SCREEN) break;
    const next = open.slice();
    let opened = 0;
    for (let i = 0; i < rows.length; i++) {
      const id = rows.ids[i]!;
      if (isRun(id) || next[id]! & OPEN.expanded || !hasChildren(tree, id) || soleRun(tree, id)) continue;
      next[id] = next[id]! | OPEN.expanded;
      opened++;
    }
    if (opened === 0 || openRows(tree, next).length > FIRST_SCREEN) break;
    open = next;
  }
  return open;
}
