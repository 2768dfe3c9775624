import { mergeTexts, textOfMerge } from '../diff/merge-texts.ts';
import { PAIR_FLAG, PAIR_METHODS, type Pairing } from '../diff/pairing.ts';
import { type Agreement, joinSides, joinTwo, type SideChanges, type ThreeWay } from '../diff/three-way.ts';
import { keyOfRow } from '../model/key-text.ts';
import type { RenameRule } from '../model/keys/rename-rules.ts';
import type { StateDict } from '../model/state-dict.ts';
import { compareDocuments } from './compare.ts';
import type { CompareValuesOptions, RowPair } from './compare-values.ts';
import type { Document } from './document.ts';
import { matchValues } from './match-values.ts';
import type { Pool } from './ports.ts';

export interface ThreeWayOptions extends CompareValuesOptions {
  readonly pool: Pool;
  /** From the base's keys to those of a side; without a base from A's to B's. */
  readonly rules?: readonly RenameRule[];
}

/**
 * What A and B made of the base, entry by entry; without a base what of them differs. All values are compared, by digests and side by
 * side: no tensor is in memory whole. Texts that both changed are `merged` where no lines that they changed touch.
 *
 * Only what surely is the same entry under another name counts as renamed; the rest is deleted here and added there.
 *
 * @throws `bad-input` for a rule that is no regular expression, `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function compareThree(
  base: Document | undefined,
  a: Document,
  b: Document,
  options: ThreeWayOptions,
): Promise<ThreeWay> {
  if (!base) return compareTwo(a, b, options);
  const [sideA, sideB] = [await findChanges(base, a, options), await findChanges(base, b, options)];
  const added = pairAdded(a.state, sideA.added, b.state, sideB.added);
  const inQuestion: { readonly base: number; readonly pair: RowPair }[] = [];
  for (let row = 0; row < sideA.rowOf.length; row++) {
    if (sideA.isChanged[row] && sideB.isChanged[row])
      inQuestion.push({ base: row, pair: { a: sideA.rowOf[row]!, b: sideB.rowOf[row]! } });
  }
  for (const [rowA, rowB] of added) inQuestion.push({ base: -1, pair: { a: rowA, b: rowB } });
  const pairs = inQuestion.map(({ pair }) => pair);
  const same = await matchValues(a, b, pairs, options.pool, options);
  const agreements = new Map<number, Agreement>();
  for (const [i, { base: row, pair }] of inQuestion.entries()) {
    const differing = (): Agreement =>
      mergeTextsOf(base, row, a, pair.a, b, pair.b) === undefined ? 'conflict' : 'merged';
    agreements.set(pair.a, same[i] ? 'both' : differing());
  }
  return joinSides(sideA, sideB, {
    added,
    ofValues: (rowA) => agreements.get(rowA) ?? 'conflict',
    isSameName: nameJudge(a.state, b.state),
  });
}

/** The text that two sides make together; undefined for what is no text, and for lines in conflict. */
export function mergeTextsOf(
  base: Document,
  rowBase: number,
  a: Document,
  rowA: number,
  b: Document,
  rowB: number,
): string | undefined {
  const [was, inA, inB] = [rowBase < 0 ? undefined : textAt(base, rowBase), textAt(a, rowA), textAt(b, rowB)];
  if (was === undefined || inA === undefined || inB === undefined) return undefined;
  return textOfMerge(mergeTexts(was, inA, inB));
}

export function textAt({ state }: Document, row: number): string | undefined {
  const { value } = state.entries.at(row);
  return value.type === 'text' ? value.text : undefined;
}

async function compareTwo(a: Document, b: Document, options: ThreeWayOptions): Promise<ThreeWay> {
  const pairs = await pairSurely(a, b, options);
  const both = pairs.filter(([rowA, rowB]) => rowA >= 0 && rowB >= 0);
  const same = await matchValues(
    a,
    b,
    both.map(([rowA, rowB]) => ({ a: rowA, b: rowB })),
    options.pool,
    options,
  );
  const isSame = new Map(both.map(([rowA], i) => [rowA, same[i] === 1]));
  return joinTwo(pairs, {
    ofValues: (rowA) => (isSame.get(rowA) ? 'both' : 'conflict'),
    isSameName: nameJudge(a.state, b.state),
  });
}

async function findChanges(base: Document, side: Document, options: ThreeWayOptions): Promise<SideChanges> {
  const pairs = await pairSurely(base, side, options);
  const rowOf = new Int32Array(base.state.entries.length).fill(-1);
  const added: number[] = [];
  const both: RowPair[] = [];
  for (const [rowBase, row] of pairs) {
    if (rowBase < 0) added.push(row);
    else rowOf[rowBase] = row;
    if (rowBase >= 0 && row >= 0) both.push({ a: rowBase, b: row });
  }
  const same = await matchValues(base, side, both, options.pool, options);
  const [isChanged, isRenamed] = [new Uint8Array(rowOf.length), new Uint8Array(rowOf.length)];
  const isSameName = nameJudge(base.state, side.state);
  for (const [i, { a: row, b: rowSide }] of both.entries()) {
    if (!same[i]) isChanged[row] = 1;
    if (!isSameName(row, rowSide)) isRenamed[row] = 1;
  }
  return { rowOf, isChanged, isRenamed, added };
}

type Rows = readonly [rowA: number, rowB: number];

/** Pairs, and what is in none with −1 for the other. */
async function pairSurely(a: Document, b: Document, { rules, signal }: ThreeWayOptions): Promise<readonly Rows[]> {
  const { pairing } = await compareDocuments(a, b, {
    contents: true,
    guess: false,
    ...(rules && { rules }),
    ...(signal && { signal }),
  });
  return listSurePairs(pairing);
}

/** Pairs of a pairing that are surely one entry, stored the same way round. */
export function listSurePairs(pairing: Pairing): readonly Rows[] {
  return Array.from({ length: pairing.count }, (_, i) => i).flatMap((i): readonly Rows[] => {
    const rows: Rows = [pairing.rowA[i]!, pairing.rowB[i]!];
    if (rows.includes(-1) || isSure(pairing, i)) return [rows];
    return [
      [rows[0], -1],
      [-1, rows[1]],
    ];
  });
}

const GUESSES: ReadonlySet<number> = new Set([PAIR_METHODS.indexOf('shape-and-name')]);
const BY_KEY = PAIR_METHODS.indexOf('key');
const UNSURE = PAIR_FLAG.uncertain | PAIR_FLAG.ambiguous | PAIR_FLAG.transposed;

const isSure = ({ how, flags }: Pairing, i: number): boolean =>
  how[i] === BY_KEY || (!GUESSES.has(how[i]!) && (flags[i]! & UNSURE) === 0);

/** What both added under one name; of repeated names the first. */
function pairAdded(
  a: StateDict,
  rowsA: readonly number[],
  b: StateDict,
  rowsB: readonly number[],
): ReadonlyMap<number, number> {
  const [columnsA, columnsB] = [a.entries.columns(), b.entries.columns()];
  const rowOfKey = new Map(rowsB.toReversed().map((row) => [keyOfRow(columnsB, row), row]));
  const pairs = new Map<number, number>();
  for (const row of rowsA) {
    const key = keyOfRow(columnsA, row);
    const other = rowOfKey.get(key);
    if (other === undefined) continue;
    pairs.set(row, other);
    rowOfKey.delete(key);
  }
  return pairs;
}

function nameJudge(a: StateDict, b: StateDict): (rowA: number, rowB: number) => boolean {
  const [columnsA, columnsB] = [a.entries.columns(), b.entries.columns()];
  return (rowA, rowB) => keyOfRow(columnsA, rowA) === keyOfRow(columnsB, rowB);
}
