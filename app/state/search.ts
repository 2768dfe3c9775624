import type { EntryId } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { engine } from './engine.ts';

const MOST = 20;

/** Best entries for a few typed letters; none when the document was closed meanwhile. */
export async function searchEntries(
  document: DocumentId,
  text: string,
): Promise<readonly { readonly row: EntryId; readonly key: string }[]> {
  try {
    return await engine().search(document, text.trim(), MOST);
  } catch {
    return [];
  }
}
