import { create } from 'zustand';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import { engine } from './engine.ts';

interface ReadState {
  /** Of each document, since it began to be opened. */
  readonly bytes: Readonly<Record<DocumentId, number>>;
}

const useReads = create<ReadState>(() => ({ bytes: {} }));
let isWatching = false;

/** Begins with the first document: until then there is nothing to tell, and the engine warms up. */
export function watchReads(): void {
  if (isWatching) return;
  isWatching = true;
  engine()
    .watchReads({
      onItem: ({ document, bytes }) => useReads.setState((state) => ({ bytes: { ...state.bytes, [document]: bytes } })),
    })
    // The engine has stopped, which everybody else is told too.
    .catch(() => {
      isWatching = false;
    });
}

/** Bytes read of a document so far: to open it, and for values and statistics since. */
export const useBytesRead = (document: OpenedDocument | undefined): number =>
  useReads((state) => (document ? (state.bytes[document.id] ?? document.bytesRead) : 0));
