import type { Document, EntryColumns, ModuleTree } from '../../src-core/index.ts';
import type { DocumentId } from './api.ts';

/** What the engine keeps of an open document. */
export interface Held {
  readonly document: Document;
  readonly columns: EntryColumns;
  readonly tree: ModuleTree;
}

/** @throws `not-found` when it was closed. */
export type FindHeld = (id: DocumentId) => Held;
