import { listEntries } from '../model/entries.ts';
import type { Document } from './document.ts';

/** A document that holds nothing: what a file is compared with where there was none. */
export const emptyDocument = (name: string): Document => ({
  name,
  state: {
    format: 'none',
    dialect: 'generic',
    layout: 'flat',
    entries: listEntries([]),
    storages: { size: 0, get: () => undefined },
    nodes: new Map(),
    shares: [],
    metadata: [],
    problems: [],
    files: [],
  },
  files: new Map(),
  bytesRead: 0,
});
