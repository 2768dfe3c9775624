import type { Proposal } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { tryEdit } from './edits.ts';
import { engine } from './engine.ts';
import { openRename } from './renaming.ts';

/** Acts that would change something in a document as it is now. */
export const listProposals = (document: DocumentId): Promise<readonly Proposal[]> =>
  engine()
    .proposals(document)
    .catch(() => []);

/** Weights in the place of what they are packed in, as one edit: all of them, or those of these names. */
export async function unpackWeights(document: DocumentId, keys?: readonly string[]): Promise<void> {
  const proposal = (await listProposals(document)).find(({ id }) => id === 'unpack');
  if (!proposal || 'rules' in proposal) return;
  const { op, args } = proposal.edit;
  await tryEdit(document, { op, args: keys ? { ...(args as object), keys } : args });
}

/** Renames are looked at first; other edits are made, and can be undone. */
export function takeProposal(document: DocumentId, proposal: Proposal): void {
  if ('rules' in proposal) openRename(document, '', 'many', proposal.rules);
  else void tryEdit(document, proposal.edit);
}
