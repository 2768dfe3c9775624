/** What two sides made of a third, entry by entry, of rows alone: what the rows hold has been judged before. */
import { MERGE_STATUSES, type MergeStatus } from '../model/pair-table.ts';

/**
 * `changed`, `added`, `renamed`: by both, each in its own way. `deleted-in-a`: and B changed its value; what only has another name is deleted. `only-in-a`, `differs`: without a base
 * nobody knows what was added, deleted or changed.
 */
export const MERGE_CONFLICTS = [
  'none',
  'changed',
  'deleted-in-a',
  'deleted-in-b',
  'added',
  'renamed',
  'differs',
  'only-in-a',
  'only-in-b',
] as const;
export type MergeConflictKind = (typeof MERGE_CONFLICTS)[number];

/** As columns: one line for each entry that any of the three has. */
export interface ThreeWay {
  readonly count: number;
  /** −1 where it is not. */
  readonly rowBase: Int32Array<ArrayBuffer>;
  readonly rowA: Int32Array<ArrayBuffer>;
  readonly rowB: Int32Array<ArrayBuffer>;
  /** Places in MERGE_STATUSES: of the entry, of its value and of its name. */
  readonly status: Uint8Array<ArrayBuffer>;
  readonly value: Uint8Array<ArrayBuffer>;
  readonly name: Uint8Array<ArrayBuffer>;
  /** Place in MERGE_CONFLICTS. */
  readonly conflict: Uint8Array<ArrayBuffer>;
}

/** What one side made of the base. */
export interface SideChanges {
  /** By row of the base; −1 for what is deleted. */
  readonly rowOf: Int32Array;
  /** By row of the base: 1 where the side's value, or its name, is another. */
  readonly isChanged: Uint8Array;
  readonly isRenamed: Uint8Array;
  /** Rows of the side that the base does not have. */
  readonly added: readonly number[];
}

/** How the values of two sides stand that differ from the base's, or have none there. */
export type Agreement = 'both' | 'merged' | 'conflict';

export interface Agreements {
  /** Rows of B by rows of A: what both added under one name. */
  readonly added: ReadonlyMap<number, number>;
  readonly ofValues: (rowA: number, rowB: number) => Agreement;
  readonly isSameName: (rowA: number, rowB: number) => boolean;
}

/** In the order of the base; then what A added, then what only B did. */
export function joinSides(a: SideChanges, b: SideChanges, agree: Agreements): ThreeWay {
  const list = new LineList();
  for (let row = 0; row < a.rowOf.length; row++) {
    const [rowA, rowB] = [a.rowOf[row]!, b.rowOf[row]!];
    if (rowA < 0 || rowB < 0) {
      const gone = rowA < 0 && rowB < 0 ? 'both' : rowA < 0 ? 'a' : 'b';
      if (gone === 'both' || !(gone === 'a' ? b : a).isChanged[row]) list.put(row, rowA, rowB, gone);
      else list.put(row, rowA, rowB, 'conflict', 'unchanged', gone === 'a' ? 'deleted-in-a' : 'deleted-in-b');
      continue;
    }
    const value = sideOf(a.isChanged[row], b.isChanged[row], () => agree.ofValues(rowA, rowB));
    const name = sideOf(a.isRenamed[row], b.isRenamed[row], () => (agree.isSameName(rowA, rowB) ? 'both' : 'conflict'));
    list.put(row, rowA, rowB, value, name, value === 'conflict' ? 'changed' : 'renamed');
  }
  const inBoth = new Set(agree.added.values());
  for (const rowA of a.added) {
    const rowB = agree.added.get(rowA) ?? -1;
    list.put(-1, rowA, rowB, rowB < 0 ? 'a' : agree.ofValues(rowA, rowB), 'unchanged', 'added');
  }
  for (const rowB of b.added) if (!inBoth.has(rowB)) list.put(-1, -1, rowB, 'b');
  return list.finish();
}

/** Two sides and nothing that they come from: whatever differs is a conflict. Rows of pairs; −1 for none. */
export function joinTwo(
  pairs: Iterable<readonly [rowA: number, rowB: number]>,
  agree: Omit<Agreements, 'added'>,
): ThreeWay {
  const list = new LineList();
  for (const [rowA, rowB] of pairs) {
    if (rowA < 0) list.put(-1, rowA, rowB, 'conflict', 'unchanged', 'only-in-b');
    else if (rowB < 0) list.put(-1, rowA, rowB, 'conflict', 'unchanged', 'only-in-a');
    else {
      const value = agree.ofValues(rowA, rowB) === 'both' ? 'unchanged' : 'conflict';
      const name = agree.isSameName(rowA, rowB) ? 'unchanged' : 'conflict';
      list.put(-1, rowA, rowB, value, name, value === 'conflict' ? 'differs' : 'renamed');
    }
  }
  return list.finish();
}

const sideOf = (inA: number | undefined, inB: number | undefined, agree: () => Agreement): MergeStatus =>
  inA && inB ? agree() : inA ? 'a' : inB ? 'b' : 'unchanged';

/** Of two parts of one thing together: its value and its name, or what became of it here and there. */
export function joinStatus(one: MergeStatus, other: MergeStatus): MergeStatus {
  if (one === 'conflict' || other === 'conflict') return 'conflict';
  if (one === other || other === 'unchanged') return one;
  return one === 'unchanged' ? other : 'merged';
}

class LineList {
  readonly #lines: (readonly number[])[] = [];

  put(
    rowBase: number,
    rowA: number,
    rowB: number,
    value: MergeStatus,
    name: MergeStatus = 'unchanged',
    kind: MergeConflictKind = 'none',
  ): void {
    const status = joinStatus(value, name);
    const conflict = MERGE_CONFLICTS.indexOf(status === 'conflict' ? kind : 'none');
    const codes = [status, value, name].map((one) => MERGE_STATUSES.indexOf(one));
    this.#lines.push([rowBase, rowA, rowB, ...codes, conflict]);
  }

  finish(): ThreeWay {
    const column = (at: number) => this.#lines.map((line) => line[at]!);
    return {
      count: this.#lines.length,
      rowBase: Int32Array.from(column(0)),
      rowA: Int32Array.from(column(1)),
      rowB: Int32Array.from(column(2)),
      status: Uint8Array.from(column(3)),
      value: Uint8Array.from(column(4)),
      name: Uint8Array.from(column(5)),
      conflict: Uint8Array.from(column(6)),
    };
  }
}
