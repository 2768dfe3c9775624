import {
  buildTree,
  type CompareOptions,
  compareDocuments,
  DeltaTable,
  type Document,
  type EntryColumns,
  forecastContents,
  isRemote,
  keyOfRow,
  type ModuleTree,
  PAIR_FLAG,
  PAIR_METHODS,
  PAIR_STATUSES,
  type Pairing,
  pairEntries,
  recompareDocuments,
  refreshTree,
  StatsTable,
  summarise,
  unionColumns,
  VALUE_ORDER,
  VERDICTS,
  type Verdict,
  viewPaired,
} from '../../src-core/index.ts';
import type { CallOptions, DocumentId, EngineApi, OpenedDocument } from './api.ts';
import type { ComparedDocument, Pairs, PairsPreview } from './compare-api.ts';
import type { FindComparison, FindHeld, Held, HeldComparison } from './held.ts';
import { keepKnown, keptPairs, movedPairs } from './kept-pairs.ts';
import { tellProgress } from './tell-progress.ts';

type ComparisonMethods = Pick<EngineApi, 'openSaved' | 'compare' | 'forecastContents' | 'previewPairs'>;

interface Shelf {
  readonly find: FindHeld;
  readonly findComparison: FindComparison;
  open(document: Document): OpenedDocument;
  keep(comparison: HeldComparison): DocumentId;
}

/** What sets one document beside another. */
export function comparisonMethods({ find, findComparison, open, keep }: Shelf): ComparisonMethods {
  return {
    async openSaved(id) {
      const { document } = find(id);
      return open({ ...document, name: `${document.name} (saved)`, state: document.base, bytesRead: 0 });
    },
    async previewPairs({ a, b, ...options }) {
      const [left, right] = await seenTogether(find(a), find(b));
      return previewPairing(pairEntries(left.document.state, right.document.state, options), left, right);
    },
    async forecastContents({ a, b, follows: _, contents: __, ...options }) {
      return forecastContents(find(a).document, find(b).document, options);
    },
    async compare({ a, b, follows, ...options }, call = {}) {
      const [left, right] = [find(a), find(b)];
      const [seenA, seenB] = await seenTogether(left, right, call.signal);
      const byContent = options.contents ?? isCheap(left, right);
      const wishes = JSON.stringify(options);
      const before = follows === undefined ? undefined : findComparison(follows);
      const again = before?.wishes === wishes && recompareDocuments(before.made, left.document, right.document);
      const comparison =
        again ||
        (await compareDocuments(seenA.document, seenB.document, { ...options, ...tell(call), contents: byContent }));
      const { pairing, isChanged, metadata } = comparison;
      const columns = unionColumns(seenA.columns, seenB.columns, pairing);
      const name = `${left.document.name} ⇄ ${right.document.name}`;
      const order = left.document.state.format === 'safetensors' ? 'natural' : 'source';
      const tree = before && again ? refreshTree(before.tree, columns) : buildTree(columns, { order, name });
      const { verdict, flags } = judge(pairing, isChanged, left, right);
      const isRenamed = (pair: number) => RENAMED.includes(pairing.status[pair]!);
      const pairs: Pairs = {
        ...pairing,
        flags,
        a,
        b,
        pairOfA: invert(pairing.rowA, left.columns.count),
        pairOfB: invert(pairing.rowB, right.columns.count),
        verdict,
        differing: countBelow(tree, (pair) => verdict[pair]! >= CHANGED),
        renamed: countBelow(tree, isRenamed),
        unknown: countBelow(tree, (pair) => verdict[pair] === 0),
      };
      const documents = { a: left.document, b: right.document };
      const kept = before && keptPairs(before, pairs, documents);
      const known = before && kept ? keepKnown(before, kept, verdict) : newlyKnown(verdict);
      const held: HeldComparison = {
        columns,
        metadata,
        failures: known.failures,
        tree,
        statistics: new StatsTable(),
        pairs,
        made: { ...documents, comparison },
        wishes,
        verdicts: known.verdicts,
        facts: {
          verdictOf: (pair) => VERDICTS[known.verdicts[pair]!] ?? 'unknown',
          isRenamed,
          deltas: known.deltas,
        },
      };
      const made: ComparedDocument = { ...present(keep(held), name, left, held), byContent };
      return before && kept ? { ...made, since: { kept, moved: movedPairs(before, pairs, documents) } } : made;
    },
  };
}

type Seen = { readonly document: Document; readonly columns: EntryColumns };

/** Two sides with their packed weights as the numbers they stand for. Rows are as they were. */
async function seenTogether(a: Held, b: Held, signal?: AbortSignal): Promise<readonly [Seen, Seen]> {
  const seen = await viewPaired(a.document, b.document, signal);
  const lookAt = ({ document, columns }: Held, view: Document): Seen =>
    view === document
      ? { document, columns }
      : { document: view, columns: { ...view.state.entries.columns(), params: columns.params, flags: columns.flags } };
  return [lookAt(a, seen[0]), lookAt(b, seen[1])];
}

const newlyKnown = (verdict: Uint8Array<ArrayBuffer>) => ({
  deltas: new DeltaTable(),
  verdicts: verdict.slice(),
  failures: new Map(),
});

/** Who goes with whom is told by what tensors hold too, where a look costs little. */
const isCheap = (...sides: readonly Held[]): boolean =>
  sides.every((side) => !hasRemote(side) && side.columns.count <= LOOKED_INTO);

function tell(call: CallOptions): Pick<CompareOptions, 'signal' | 'onContents'> {
  const { signal, onProgress } = tellProgress('Looking into tensors', call);
  return { ...(signal && { signal }), ...(onProgress && { onContents: onProgress }) };
}

/** Entries of a document whose tensors are looked into to find partners: of a hundred thousand it would take seconds. */
const LOOKED_INTO = 20_000;

const hasRemote = ({ document }: Held): boolean => [...document.files.values()].some(({ handle }) => isRemote(handle));

const RENAMED: readonly number[] = [PAIR_STATUSES.indexOf('renamed'), PAIR_STATUSES.indexOf('moved')];
const [ADDED, REMOVED] = [PAIR_STATUSES.indexOf('added'), PAIR_STATUSES.indexOf('removed')];

/** Pairs shown of a preview; a count stands for the rest. */
const SHOWN_PAIRS = 100;

function previewPairing(pairing: Pairing, left: Seen, right: Seen): PairsPreview {
  const rule = PAIR_METHODS.indexOf('rule');
  const count = { byRule: 0, onlyA: 0, onlyB: 0 };
  const found: { keyA: string; keyB: string }[] = [];
  for (let pair = 0; pair < pairing.count; pair++) {
    if (pairing.status[pair] === REMOVED) count.onlyA++;
    if (pairing.status[pair] === ADDED) count.onlyB++;
    if (pairing.how[pair] !== rule || count.byRule++ >= SHOWN_PAIRS) continue;
    const [keyA, keyB] = [keyOfRow(left.columns, pairing.rowA[pair]!), keyOfRow(right.columns, pairing.rowB[pair]!)];
    found.push({ keyA, keyB });
  }
  return { ...count, found };
}

const CHANGED = VERDICTS.indexOf('changed');

/** By node, how many of the pairs at and below it are such. Children come after their parents. */
function countBelow(tree: ModuleTree, isSuch: (pair: number) => boolean): Uint32Array<ArrayBuffer> {
  const counts = new Uint32Array(tree.count);
  for (let node = tree.count - 1; node >= 0; node--) {
    const pair = tree.entry[node]!;
    if (pair >= 0 && isSuch(pair)) counts[node]!++;
    if (node > 0) counts[tree.parent[node]!]! += counts[node]!;
  }
  return counts;
}

function invert(rows: Int32Array, count: number): Uint32Array<ArrayBuffer> {
  const pairOf = new Uint32Array(count);
  rows.forEach((row, pair) => {
    if (row >= 0) pairOf[row] = pair;
  });
  return pairOf;
}

/**
 * What is known of each pair before values of tensors are compared: texts are, at once. Two spellings of one value are no other kind
 * of value, so their flag goes.
 */
function judge(pairing: Pairing, isChanged: Uint8Array, left: Held, right: Held): Pick<Pairs, 'verdict' | 'flags'> {
  const verdict = new Uint8Array(pairing.count);
  const flags = pairing.flags.slice();
  const tensor = VALUE_ORDER.indexOf('tensor');
  const set = (pair: number, is: Verdict) => {
    verdict[pair] = VERDICTS.indexOf(is);
  };
  for (let pair = 0; pair < pairing.count; pair++) {
    const [rowA, rowB] = [pairing.rowA[pair]!, pairing.rowB[pair]!];
    const [isA, isB] = [left.columns.types[rowA] === tensor, right.columns.types[rowB] === tensor];
    if (pairing.status[pair] === ADDED) set(pair, 'added');
    else if (pairing.status[pair] === REMOVED) set(pair, 'removed');
    else if (isA !== isB || (isA && hasOtherStructure(flags[pair]!))) set(pair, 'changed');
    else if (!isA) {
      if (!isChanged[pair]) flags[pair]! &= ~PAIR_FLAG.valueType;
      set(pair, isChanged[pair] ? 'changed' : 'same');
    }
  }
  return { verdict, flags };
}

/** Axes in another order are the same tensor still. */
const hasOtherStructure = (flags: number): boolean =>
  (flags & PAIR_FLAG.dtype) !== 0 || (flags & (PAIR_FLAG.shape | PAIR_FLAG.transposed)) === PAIR_FLAG.shape;

/** As a document, which has no file of its own. */
function present(
  id: DocumentId,
  name: string,
  { document: { state } }: Held,
  { columns, tree, pairs }: HeldComparison,
): Omit<ComparedDocument, 'byContent'> {
  return {
    id,
    name,
    format: 'comparison',
    formatLabel: 'Comparison',
    dialect: state.dialect,
    layout: state.layout,
    files: [],
    tree,
    summary: summarise(columns, tree),
    problems: 0,
    hasPickle: false,
    hasGraph: false,
    metadata: 0,
    metadataPlaces: [],
    bytesRead: 0,
    pairs,
  };
}
