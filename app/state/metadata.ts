import type { MetadataPlace } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { makeEdit, tryEdit } from './edits.ts';

/**
 * Sets an item to what was typed, or adds it: a text, or JSON where the place holds that; `type` where items have types.
 *
 * @throws why it cannot be.
 */
export const setMetadata = (
  document: DocumentId,
  { section, holds }: MetadataPlace,
  key: string,
  typed: string,
  type?: string,
): Promise<void> =>
  makeEdit(document, {
    op: 'set-metadata',
    args: { section, key, ...(holds === 'texts' ? { text: typed } : { json: typed }), ...(type && { type }) },
  });

export const deleteMetadata = (document: DocumentId, section: string, key: string): Promise<void> =>
  tryEdit(document, { op: 'set-metadata', args: { section, key } });
