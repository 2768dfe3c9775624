import type {
  EditedDocument,
  EntryColumns,
  ErrorInfo,
  MadeComparison,
  MetadataDifference,
  ModuleTree,
  PairFacts,
  StatsTable,
  ThreeWay,
} from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from './api.ts';
import type { Pairs, ThreeWayPairs } from './compare-api.ts';
import type { MeteredPool } from './metered-pool.ts';

/** What is filtered, sorted and searched. */
export interface HeldRows {
  readonly columns: EntryColumns;
  readonly tree: ModuleTree;
  /** Of every tensor that was computed. */
  readonly statistics: StatsTable;
  /** Of a comparison: what is known of its pairs. */
  readonly facts?: PairFacts;
}

/** What the engine keeps of an open document. */
export interface Held extends HeldRows {
  readonly document: EditedDocument;
  /** A file of it was downloaded whole, because its server gives no ranges. */
  readonly wholeDownload: boolean;
  /** Computes over its bytes, and counts them. */
  readonly pool: MeteredPool;
}

/** Two documents as one: a row is a pair. */
export interface HeldComparison extends HeldRows {
  readonly pairs: Pairs;
  /** What it was made of: a document that is edited since is another. */
  readonly made: MadeComparison;
  /** What was asked of its pairs, as text. */
  readonly wishes: string;
  facts: PairFacts;
  /** Place in VERDICTS by pair, as far as it is known by now. */
  readonly verdicts: Uint8Array<ArrayBuffer>;
  readonly metadata: readonly MetadataDifference[];
  /** Why values of pairs could not be compared. */
  readonly failures: Map<number, ErrorInfo>;
  /** What was told of a base last. */
  three?: HeldThreeWay;
}

export interface HeldThreeWay {
  /** As they were then. */
  readonly documents: { readonly base?: EditedDocument; readonly a: EditedDocument; readonly b: EditedDocument };
  /** One line for each entry of the three. */
  readonly lines: ThreeWay;
  /** Pair of each line; −1 for what only the base has. */
  readonly pairOfLine: Int32Array;
  readonly pairs: ThreeWayPairs;
}

/** @throws `not-found` when it was closed. */
export type FindHeld = (id: DocumentId) => Held;

/** Rows of a document or of a comparison. @throws `not-found` when it was closed. */
export type FindRows = (id: DocumentId) => HeldRows;

/** @throws `not-found` when it was ended. */
export type FindComparison = (id: DocumentId) => HeldComparison;

/** Puts a state in the place of the one before. */
export type ReplaceHeld = (id: DocumentId, document: EditedDocument) => OpenedDocument;
