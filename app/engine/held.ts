import type { Document, EntryColumns, ModuleTree, StatsTable } from '../../src-core/index.ts';
import type { DocumentId } from './api.ts';
import type { MeteredPool } from './metered-pool.ts';

/** What the engine keeps of an open document. */
export interface Held {
  readonly document: Document;
  readonly columns: EntryColumns;
  readonly tree: ModuleTree;
  /** Of every tensor that was computed. */
  readonly statistics: StatsTable;
  /** Computes over its bytes, and counts them. */
  readonly pool: MeteredPool;
}

/** @throws `not-found` when it was closed. */
export type FindHeld = (id: DocumentId) => Held;
