import type {
  ContentsForecast,
  DeltaBatch,
  EntryId,
  MergeOptions,
  MergeTake,
  PairComparison,
  Pairing,
  PairOptions,
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
  /** What `compare` would read with `contents`; reads nothing. */
  forecastContents(request: CompareRequest): Promise<ContentsForecast>;
  /** Sets all values of a pair of tensors against each other. */
  pairValues(request: PairRequest, call?: CallOptions): Promise<PairValues>;
  /** The same for many pairs in a few numbers each, many to an item; what was compared before is not compared again. */
  scanPairs(comparison: DocumentId, pairs: Uint32Array<ArrayBuffer>, call?: ItemOptions<PairBatch>): Promise<void>;
  /**
   * What the sides of a comparison made of a base, pair by pair, all values compared; without a base what of them differs. It is kept for
   * filters and merges until it is asked for again.
   */
  threeWay(request: ThreeWayRequest, call?: CallOptions): Promise<ThreeWayPairs>;
  /** What a merge into A would come to, and what nobody has decided yet; `threeWay` was asked before. Reads nothing. */
  planMerge(request: MergeRequest): Promise<MergeForecast>;
  /** Makes the edits of the plan on A; what nobody decided stays as A has it. Nothing has changed when it rejects. */
  merge(request: MergeRequest): Promise<MergeReply>;
  /** What is known of a comparison by now, for people or programs. */
  comparisonReport(comparison: DocumentId, form: ReportForm): Promise<string>;
}

export interface CompareRequest extends PairOptions {
  readonly a: DocumentId;
  readonly b: DocumentId;
  /** Whether tensors without a partner are looked into to find one. Where it is not said: when that costs little. */
  readonly contents?: boolean;
  /** The comparison of the same two before an edit, or before other wishes: what is known of pairs that are as they were stays known. */
  readonly follows?: DocumentId;
}

/** Two documents as one: its rows are pairs. What both have is shown as A has it. */
export interface ComparedDocument extends OpenedDocument {
  readonly pairs: Pairs;
  /** Whether tensors without a partner were looked into to find one. */
  readonly byContent: boolean;
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
  /** This side against the base that `threeWay` was asked of, the base first; A against B when absent. */
  readonly since?: 'a' | 'b';
}

export interface PairValues extends Required<Pick<PairComparison, 'comparison' | 'indices'>> {
  /** What was compared: `magnitudes` of complex numbers, `stored integers` where scales are not known. */
  readonly of: PairComparison['of'];
  /** The same in the numbers of a table; of A against B. */
  readonly known?: PairBatch;
}

/** What is known of some pairs once their values were compared. */
export interface PairBatch extends DeltaBatch {
  /** Place in VERDICTS of each. */
  readonly verdicts: Uint8Array<ArrayBuffer>;
}

export interface ThreeWayRequest {
  readonly comparison: DocumentId;
  /** An open document that both sides come from. */
  readonly base?: DocumentId;
  /** Keys, as A has them, of entries that both sides changed and that are merged already: A's is what stands. */
  readonly settled?: readonly string[];
}

/** By pair of a comparison. Where a pair stands for two entries of the base (one was renamed beyond doubt, one guessed), it tells of both. */
export interface ThreeWayPairs {
  /** Place in MERGE_STATUSES. */
  readonly status: Uint8Array<ArrayBuffer>;
  /** Place in MERGE_CONFLICTS. */
  readonly conflict: Uint8Array<ArrayBuffer>;
  /** 1 where it was settled before. */
  readonly settled: Uint8Array<ArrayBuffer>;
  /** Entry row of the base; −1 where it has none. */
  readonly rowBase: Int32Array<ArrayBuffer>;
  /** Entries of the base that neither side has. */
  readonly gone: number;
}

export interface MergeRequest extends Pick<MergeOptions, 'rest' | 'metadata' | 'names'> {
  readonly comparison: DocumentId;
  /** For pairs at and below nodes of the comparison's tree; of two that mean a pair, that with fewer pairs counts. */
  readonly choices: readonly { readonly node: number; readonly take: MergeTake }[];
}

export interface MergeForecast {
  /** Of the edits that it would be. */
  readonly titles: readonly string[];
  /** How many entries that both sides changed are decided. */
  readonly decided: number;
  /** Pairs that nobody decides: A's stays. */
  readonly left: Uint32Array<ArrayBuffer>;
  /** Entries of B that are not added, because another one would have the same key. */
  readonly sameName: readonly string[];
  /** Items of metadata that both sides changed. */
  readonly metadata: readonly string[];
}

export interface MergeReply extends EditReply {
  /** What both sides changed and is decided now: see `settled`. */
  readonly decided: readonly string[];
}
