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

/** Positions when runs are folded: computed once per tree in one pass, so that a row's ARIA position costs nothing to ask. */
export interface Folds {
  /** Head of the folded run a node is in, or -1. */
  readonly head: Int32Array;
  readonly position: Uint32Array;
  /** Per head: position of the run's own row. */
  readonly runPosition: Uint32Array;
  /** Per parent: rows at its level with runs folded. */
  readonly childRows: Uint32Array;
  readonly runs: number;
}

const foldsCache = new WeakMap<ModuleTree, Folds>();

export function foldsOf(tree: ModuleTree): Folds {
  const known = foldsCache.get(tree);
  if (known) return known;
  const { count, parent } = tree;
  const head = new Int32Array(count).fill(-1);
  const position = new Uint32Array(count);
  const runPosition = new Uint32Array(count);
  const childRows = new Uint32Array(count);
  const currentHead = new Int32Array(count);
  const left = new Uint32Array(count);
  let runs = 0;
  for (let node = 1; node < count; node++) {
    const p = parent[node]!;
    const times = tree.repeat[node]!;
    if (times > 1 && times !== tree.siblings[node]!) {
      runs++;
      currentHead[p] = node;
      left[p] = times;
      childRows[p] = childRows[p]! + 1;
      runPosition[node] = childRows[p]!;
    }
    if (left[p]! > 0) {
      const first = currentHead[p]!;
      head[node] = first;
      left[p] = left[p]! - 1;
      position[node] = tree.repeat[first]! - left[p]!;
    } else {
      childRows[p] = childRows[p]! + 1;
      position[node] = childRows[p]!;
    }
  }
  const folds = { head, position, runPosition, childRows, runs };
  foldsCache.set(tree, folds);
  return folds;
}

/** Rows of the tree as it stands open. Skips closed subtrees whole, so it costs what it shows. */
export function openRows(tree: ModuleTree, open: Uint8Array): TreeRows {
  const folds = foldsOf(tree);
  const most = tree.count + folds.runs;
  const ids = new Uint32Array(most);
  const levels = new Uint16Array(most);
  const unfoldedEnds: number[] = [];
  let n = 0;
  let node = 1;
  while (node < tree.count) {
    while (unfoldedEnds.length > 0 && unfoldedEnds[unfoldedEnds.length - 1]! <= node) unfoldedEnds.pop();
    let level = tree.depth[node]! + unfoldedEnds.length;
    if (folds.head[node] === node) {
      ids[n] = node + RUN_BIT;
      levels[n++] = level;
      const end = endOfRun(tree, node);
      if (!(open[node]! & OPEN.unfolded)) {
        node = end;
        continue;
      }
      unfoldedEnds.push(end);
      level++;
    }
    ids[n] = node;
    levels[n++] = level;
    node = open[node]! & OPEN.expanded ? node + 1 : tree.end[node]!;
  }
  const shown = ids.slice(0, n);
  return {
    length: n,
    ids: shown,
    levels: levels.slice(0, n),
    filtered: false,
    position(index) {
      const id = shown[index]!;
      return isRun(id) ? folds.runPosition[id - RUN_BIT]! : folds.position[id]!;
    },
    setSize(index) {
      const id = shown[index]!;
      const at = nodeOfRow(id);
      const head = folds.head[at]!;
      return head >= 0 && !isRun(id) ? tree.repeat[head]! : folds.childRows[tree.parent[at]!]!;
    },
  };
}

/** Rows of a filter's answer: the matches with their ancestors, nothing folded, all open but what was closed by hand. */
export function filteredRows(tree: ModuleTree, matches: Uint32Array, open: Uint8Array): TreeRows {
  const marked = new Uint8Array(tree.count);
  marked[0] = 1;
  let shown = 0;
  for (const row of matches) {
    for (let node = tree.nodeOfEntry[row]!; !marked[node]; node = tree.parent[node]!) {
      marked[node] = 1;
      shown++;
    }
  }
  const ids = new Uint32Array(shown);
  const levels = new Uint16Array(shown);
  const positions = new Uint32Array(shown);
  const children = new Uint32Array(tree.count);
  let n = 0;
  let node = 1;
  while (node < tree.count) {
    if (!marked[node]) {
      node = tree.end[node]!;
      continue;
    }
    const p = tree.parent[node]!;
    children[p] = children[p]! + 1;
    ids[n] = node;
    levels[n] = tree.depth[node]!;
    positions[n++] = children[p]!;
    node = open[node]! & OPEN.closedInFilter ? tree.end[node]! : node + 1;
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
    const head = folds.head[n]!;
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
