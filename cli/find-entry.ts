import { type Document, type Entry, findKey } from '../src-core/index.ts';

/** In the first of several documents that has the key. */
export function findEntry(documents: readonly Document[], key: string): { document: Document; entry: Entry } {
  let failure: unknown;
  for (const document of documents) {
    try {
      return { document, entry: findKey(document, key) };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}
