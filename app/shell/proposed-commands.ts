import type { DocumentId } from '../state/engine.ts';
import { listProposals, takeProposal } from '../state/proposals.ts';
import { exactCount } from '../ui/format.ts';
import type { Command } from './command.ts';

/** What the systems do to state dicts, by name: each where it would change something. */
export async function proposedCommands(document: DocumentId): Promise<readonly Command[]> {
  const proposals = await listProposals(document);
  return proposals.map((proposal) => ({
    id: proposal.id,
    title: `${proposal.title}${'rules' in proposal ? '…' : ''}`,
    group: 'Clean up',
    keys: exactCount(proposal.count),
    run: () => takeProposal(document, proposal),
  }));
}
