import {
  comparePairs,
  compareValues,
  type Document,
  type PairComparison,
  type RowPair,
  StateglassError,
  VALUE_ORDER,
  VERDICTS,
  viewUnpacked,
} from '../../src-core/index.ts';
import type { EngineApi, ItemOptions } from './api.ts';
import type { PairBatch } from './compare-api.ts';
import type { FindComparison, FindHeld, HeldComparison } from './held.ts';
import { tellProgress } from './tell-progress.ts';

type PairMethods = Pick<EngineApi, 'pairValues' | 'scanPairs'>;

const [SAME, CHANGED] = [VERDICTS.indexOf('same'), VERDICTS.indexOf('changed')];

/** Values of pairs set against each other. What a table shows of each is kept for as long as the comparison is. */
export function pairMethods(find: FindHeld, findComparison: FindComparison): PairMethods {
  return {
    async pairValues({ comparison, pair, since }, call = {}) {
      const held = findComparison(comparison);
      const [left, right] = [find(held.pairs.a), find(held.pairs.b)];
      if (since) {
        const [base, row] = baseOf(held, pair);
        const [side, rowOfSide] = since === 'a' ? [left, held.pairs.rowA[pair]!] : [right, held.pairs.rowB[pair]!];
        const options = tellProgress('Comparing values', call);
        const seen = await viewBoth(base, [row], side.document, [rowOfSide], call.signal);
        return compareValues(seen[0], row, seen[1], rowOfSide, side.pool, options);
      }
      const { a, b, ...axes } = rowsOf(held, pair);
      const options = { ...axes, ...tellProgress('Comparing values', call) };
      const seen = await viewBoth(left.document, [a], right.document, [b], call.signal);
      const found = await compareValues(seen[0], a, seen[1], b, left.pool, options);
      note(held, pair, found.comparison);
      return { ...found, known: batchOf(held, [pair]) };
    },
    async scanPairs(comparison, wanted, call = {}) {
      const held = findComparison(comparison);
      const [left, right] = [find(held.pairs.a), find(held.pairs.b)];
      const batch = startBatch(held, call);
      for (const pair of wanted) if (held.facts.deltas.has(pair)) batch.add(pair);
      const pairs = wanted.filter((pair) => !held.facts.deltas.has(pair) && isComparable(held, pair));
      const rows = Array.from(pairs, (pair) => rowsOf(held, pair));
      const onCompared = ({ pair: place, comparison: found, error }: PairComparison) => {
        const pair = pairs[place]!;
        if (error) held.failures.set(pair, error);
        note(held, pair, found);
        batch.add(pair);
      };
      try {
        const options = tellProgress('Comparing values', call);
        const [inA, inB] = [rows.map(({ a }) => a), rows.map(({ b }) => b)];
        const seen = await viewBoth(left.document, inA, right.document, inB, call.signal);
        await comparePairs(...seen, rows, left.pool, onCompared, options);
      } finally {
        batch.send();
      }
    },
  };
}

/** Both with their packed weights as the numbers they stand for. */
const viewBoth = (
  a: Document,
  rowsA: readonly number[],
  b: Document,
  rowsB: readonly number[],
  signal: AbortSignal | undefined,
): Promise<[Document, Document]> => Promise.all([viewUnpacked(a, rowsA, signal), viewUnpacked(b, rowsB, signal)]);

/** What a pair comes from. @throws `not-found` where nobody knows. */
function baseOf({ three }: HeldComparison, pair: number): readonly [base: Document, row: number] {
  const row = three?.pairs.rowBase[pair] ?? -1;
  if (!three?.documents.base || row < 0)
    throw new StateglassError({ kind: 'not-found', what: `pair ${pair}`, detail: 'it has no base' });
  return [three.documents.base, row];
}

function rowsOf({ pairs }: HeldComparison, pair: number): RowPair {
  const layout = pairs.layout[pair]!;
  const axes = layout > 0 ? pairs.layouts[layout - 1] : undefined;
  return { a: pairs.rowA[pair]!, b: pairs.rowB[pair]!, ...(axes && { axes }) };
}

/** Where names and types left it open, values decide. */
function note(held: HeldComparison, pair: number, found: PairComparison['comparison']): void {
  held.facts.deltas.set(pair, found);
  if (found && held.pairs.verdict[pair] === 0) held.verdicts[pair] = found.equal ? SAME : CHANGED;
}

const isComparable = ({ columns, pairs }: HeldComparison, pair: number): boolean =>
  columns.types[pair] === VALUE_ORDER.indexOf('tensor') && pairs.rowA[pair]! >= 0 && pairs.rowB[pair]! >= 0;

const batchOf = ({ facts, verdicts }: HeldComparison, pairs: readonly number[]): PairBatch => ({
  ...facts.deltas.batchOf(pairs),
  verdicts: Uint8Array.from(pairs, (pair) => verdicts[pair]!),
});

/** Results of a scan travel together, as those of statistics do. */
const BATCH_PAIRS = 2048;
const BATCH_MS = 150;

function startBatch(held: HeldComparison, { onItem }: ItemOptions<PairBatch>) {
  let pairs: number[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const send = () => {
    clearTimeout(timer);
    timer = undefined;
    if (pairs.length > 0) onItem?.(batchOf(held, pairs));
    pairs = [];
  };
  return {
    send,
    add(pair: number) {
      pairs.push(pair);
      if (pairs.length >= BATCH_PAIRS) send();
      else timer ??= setTimeout(send, BATCH_MS);
    },
  };
}
