import type {
  DeltaBatch,
  EntryId,
  MergeOptions,
  MergePlan,
  PairComparison,
  Pairing,
  PairOptions,
  ThreeWay,
} from '../../src-core/index.ts';
import type { CallOptions, DocumentId, ItemOptions, OpenedDocument } from './api.ts';
import type { EditReply } from './edit-api.ts';

/** Sets documents beside each other, and makes one of them. */
export interface CompareApi {
  /** The document as it was read, as a document of its own. */
  openSaved(document: DocumentId): Promise<OpenedDocument>;
  /** Both documents as one tree of pairs; reads no tensor. It is filtered, sorted and closed by its own id. */
  compare(request: CompareRequest, call?: CallOptions): Promise<ComparedDocument>;
  /** What pairing by rules and pins would come to; nothing is changed, and no tensor is read. */
  previewPairs(request: CompareRequest, call?: CallOptions): Promise<PairsPreview>;
  /** Sets all values of a pair of tensors against each other. */
  pairValues(request: PairRequest, call?: CallOptions): Promise<PairValues>;
  /** The same for many pairs in a few numbers each, many to an item; what was compared before is not compared again. */
  scanPairs(comparison: DocumentId, pairs: Uint32Array<ArrayBuffer>, call?: ItemOptions<PairBatch>): Promise<void>;
  /** What A and B made of a base, entry by entry, all values compared; without a base what of them differs. */
  threeWay(sides: MergeSidesRequest, call?: CallOptions): Promise<ThreeWay>;
  /** What would make A the merge, and what nobody has decided yet; `three` is what `threeWay` told of the same sides. Reads nothing. */
  planMerge(request: MergeRequest): Promise<MergePlan>;
  /** Makes the edits of the plan on A. Rejects with `bad-input` while there are conflicts; nothing has changed then. */
  merge(request: MergeRequest): Promise<EditReply>;
  /** What is known of a comparison by now, for people or programs. */
  comparisonReport(comparison: DocumentId, form: ReportForm): Promise<string>;
}

export interface CompareRequest extends PairOptions {
  readonly a: DocumentId;
  readonly b: DocumentId;
  /** The comparison of the same two before an edit, or before other wishes: what is known of pairs that are as they were stays known. */
  readonly follows?: DocumentId;
}

/** Two documents as one: its rows are pairs. What both have is shown as A has it. */
export interface ComparedDocument extends OpenedDocument {
  readonly pairs: Pairs;
  /** What became of the pairs of the comparison that it follows. */
  readonly since?: PairsSince;
}

export interface PairsSince {
  /** By pair, the pair before with the same values on both sides, where these were compared; −1 elsewhere. */
  readonly kept: Int32Array<ArrayBuffer>;
  /** Of each pair before, the pair that it is now; −1 where it is gone. */
  readonly moved: Int32Array<ArrayBuffer>;
}

export interface PairsPreview {
  /** Pairs that rules found, and the first of them. */
  readonly byRule: number;
  readonly found: readonly { readonly keyA: string; readonly keyB: string }[];
  readonly onlyA: number;
  readonly onlyB: number;
}

/** The pairs of a comparison as columns, by its entry rows. */
export interface Pairs extends Pairing {
  readonly a: DocumentId;
  readonly b: DocumentId;
  /** Pair of each entry row of either document. */
  readonly pairOfA: Uint32Array<ArrayBuffer>;
  readonly pairOfB: Uint32Array<ArrayBuffer>;
  /** Place in VERDICTS: what is known without a look at values of tensors. */
  readonly verdict: Uint8Array<ArrayBuffer>;
  /** By node of the tree, of the pairs at and below it: those that differ, those with another name, those nobody knows about. */
  readonly differing: Uint32Array<ArrayBuffer>;
  readonly renamed: Uint32Array<ArrayBuffer>;
  readonly unknown: Uint32Array<ArrayBuffer>;
}

/** What a report is written as. */
export type ReportForm = 'json' | 'markdown' | 'html';

export interface PairRequest {
  readonly comparison: DocumentId;
  readonly pair: EntryId;
}

export interface PairValues extends Required<Pick<PairComparison, 'comparison' | 'indices'>> {
  /** What was compared: `magnitudes` of complex numbers, `stored integers` where scales are not known. */
  readonly of: PairComparison['of'];
  /** The same in the numbers of a table. */
  readonly known: PairBatch;
}

/** What is known of some pairs once their values were compared. */
export interface PairBatch extends DeltaBatch {
  /** Place in VERDICTS of each. */
  readonly verdicts: Uint8Array<ArrayBuffer>;
}

/** Open documents; A is the one that becomes the merge. */
export interface MergeSidesRequest {
  readonly base?: DocumentId;
  readonly a: DocumentId;
  readonly b: DocumentId;
}

export interface MergeRequest extends MergeSidesRequest, MergeOptions {
  readonly three: ThreeWay;
}
