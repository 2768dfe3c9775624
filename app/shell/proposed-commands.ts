import { listLoras, openBaking } from '../state/baking.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { listProposals, takeProposal } from '../state/proposals.ts';
import { exactCount } from '../ui/format.ts';
import type { Command } from './command.ts';

/** What the systems do to state dicts, by name: each where it would change something. */
export async function proposedCommands(document: OpenedDocument): Promise<readonly Command[]> {
  const [proposals, loras] = await Promise.all([listProposals(document.id), listLoras(document.id)]);
  const cleanUps = proposals.map((proposal) => ({
    id: proposal.id,
    title: `${proposal.title}${'rules' in proposal ? '…' : ''}`,
    group: 'Clean up' as const,
    keys: exactCount(proposal.count),
    run: () => takeProposal(document.id, proposal),
  }));
  const bakes = loras.map(({ lora, count }) => ({
    id: `lora-${lora.id}`,
    title: lora.id === document.id ? 'Bake LoRA…' : `Bake LoRA of ${lora.name}…`,
    group: 'Document' as const,
    keys: exactCount(count),
    run: () => void openBaking(document, lora),
  }));
  return [...bakes, ...cleanUps];
}
