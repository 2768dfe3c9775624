import { StateglassError } from '../base/errors.ts';
import { markConflicts, mergeTexts } from '../diff/merge-texts.ts';
import { MERGE_CONFLICTS, type MergeConflictKind, type ThreeWay } from '../diff/three-way.ts';
import { findRow } from '../model/find-row.ts';
import { keyOfRow } from '../model/key-text.ts';
import { MERGE_STATUSES, type MergeStatus } from '../model/pair-table.ts';
import type { StateDict, Value } from '../model/state-dict.ts';
import { hasNumbers } from '../ops/edit-tensor.ts';
import type { Document } from './document.ts';
import type { MergeTake } from './merge-choices.ts';
import type { Moved } from './merge-edits.ts';
import { mergeTextsOf, textAt } from './three-way.ts';

/** The documents of a merge; without a base nobody knows who changed what. */
export interface MergeSides {
  readonly base?: Document | undefined;
  readonly a: Document;
  readonly b: Document;
}

/** A line of the three-way comparison with its keys. */
export interface Line {
  readonly rowBase: number;
  readonly rowA: number;
  readonly rowB: number;
  readonly keyBase?: string | undefined;
  readonly keyA?: string | undefined;
  readonly keyB?: string | undefined;
  readonly status: MergeStatus;
  readonly value: MergeStatus;
  readonly name: MergeStatus;
  readonly conflict: MergeConflictKind;
}

/** Lines of the comparison, and what becomes of them. */
export class LineReader {
  readonly #three: ThreeWay;
  readonly #sides: MergeSides;
  readonly #keyOf: Readonly<Record<'base' | 'a' | 'b', (row: number) => string | undefined>>;

  constructor(three: ThreeWay, sides: MergeSides) {
    this.#three = three;
    this.#sides = sides;
    this.#keyOf = { base: keyReader(sides.base?.state), a: keyReader(sides.a.state), b: keyReader(sides.b.state) };
  }

  read(i: number): Line {
    const { rowBase, rowA, rowB, status, value, name, conflict } = this.#three;
    return {
      rowBase: rowBase[i]!,
      rowA: rowA[i]!,
      rowB: rowB[i]!,
      keyBase: this.#keyOf.base(rowBase[i]!),
      keyA: this.#keyOf.a(rowA[i]!),
      keyB: this.#keyOf.b(rowB[i]!),
      status: MERGE_STATUSES[status[i]!]!,
      value: MERGE_STATUSES[value[i]!]!,
      name: MERGE_STATUSES[name[i]!]!,
      conflict: MERGE_CONFLICTS[conflict[i]!]!,
    };
  }

  canTake({ rowA, rowB, rowBase }: Line, take: MergeTake): boolean {
    const { a, b, base } = this.#sides;
    const isText = (document: Document | undefined, row: number) =>
      document !== undefined && row >= 0 && textAt(document, row) !== undefined;
    if (take.kind === 'markers') return isText(base, rowBase) && isText(a, rowA) && isText(b, rowB);
    if (take.kind !== 'sum') return true;
    return rowA >= 0 && rowB >= 0 && canSum(a.state.entries.at(rowA).value, b.state.entries.at(rowB).value);
  }

  /** What becomes of an entry; undefined for a conflict. */
  decide(line: Line, take: MergeTake | undefined): Moved | undefined {
    const { rowBase, rowA, rowB, keyA, value } = line;
    if (!take && line.status === 'conflict') return undefined;
    const own = { rowA, key: this.#nameOf(line, take), ...(keyA !== undefined && { keyA }) };
    const of = (from: 'a' | 'b' | 'base', theirs: string | undefined): Moved =>
      theirs === undefined ? { ...own, from: 'none' } : { ...own, from, theirs };
    const isSame = value === 'both' || value === 'unchanged';
    if (take?.kind === 'base') return of('base', line.keyBase);
    if (take?.kind === 'markers') return { ...own, from: 'text', text: this.#mark(line) };
    if (take?.kind === 'sum' && !isSame)
      return { ...own, from: 'sum', weight: take.weight, theirs: line.keyB as string };
    if (take?.kind === 'b' && !isSame) return of('b', line.keyB);
    if (take || value !== 'merged') return value === 'b' && !take ? of('b', line.keyB) : of('a', keyA);
    const { base, a, b } = this.#sides;
    return { ...own, from: 'text', text: mergeTextsOf(base as Document, rowBase, a, rowA, b, rowB) as string };
  }

  /** @throws `bad-input` for a key that another entry has before it: edits name entries by their keys. */
  requireOwnKeys({ rowBase, rowA, rowB, keyBase, keyA, keyB }: Line): void {
    const { a, b, base } = this.#sides;
    for (const [document, key, row] of [
      [a, keyA, rowA],
      [b, keyB, rowB],
      [base, keyBase, rowBase],
    ] as const)
      if (document && key !== undefined && findRow(document.state, key) !== row)
        throw bad(`${key} is the key of two entries of ${document.name}: rename one of them first`);
  }

  #nameOf({ keyA, keyB, keyBase, name }: Line, take: MergeTake | undefined): string {
    const isTheirs = name === 'b' || (name === 'conflict' && take?.kind === 'b');
    const ofBase = name === 'conflict' && take?.kind === 'base' ? keyBase : undefined;
    return (ofBase ?? (isTheirs ? (keyB ?? keyA) : (keyA ?? keyB)) ?? keyBase) as string;
  }

  #mark({ rowBase, rowA, rowB }: Line): string {
    const { a, b, base } = this.#sides;
    const [was, inA, inB] = [textAt(base as Document, rowBase), textAt(a, rowA), textAt(b, rowB)] as string[];
    return markConflicts(mergeTexts(was as string, inA as string, inB as string), {
      a: a.name,
      base: (base as Document).name,
      b: b.name,
    });
  }
}

function canSum(a: Value, b: Value): boolean {
  if (a.type !== 'tensor' || b.type !== 'tensor') return false;
  return a.shape.join() === b.shape.join() && [a, b].every((value) => !value.undeclared && hasNumbers(value));
}

function keyReader(state: StateDict | undefined): (row: number) => string | undefined {
  const columns = state?.entries.columns();
  return (row) => (row < 0 || !columns ? undefined : keyOfRow(columns, row));
}

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
