import type { EditedDocument, EntryColumns, ModuleTree, StatsTable } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from './api.ts';
import type { MeteredPool } from './metered-pool.ts';

/** What the engine keeps of an open document. */
export interface Held {
  readonly document: EditedDocument;
  /** A file of it was downloaded whole, because its server gives no ranges. */
  readonly wholeDownload: boolean;
  readonly columns: EntryColumns;
  readonly tree: ModuleTree;
  /** Of every tensor that was computed. */
  readonly statistics: StatsTable;
  /** Computes over its bytes, and counts them. */
  readonly pool: MeteredPool;
}

/** @throws `not-found` when it was closed. */
export type FindHeld = (id: DocumentId) => Held;

/** Puts a state in the place of the one before. */
export type ReplaceHeld = (id: DocumentId, document: EditedDocument) => OpenedDocument;
