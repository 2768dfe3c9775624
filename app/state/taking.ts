import { create } from 'zustand';
import type { Edit, TakePreview } from '../../src-core/index.ts';
import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import type { Candidate } from './candidates.ts';
import { type DonorIds, nameDonor } from './donors.ts';
import { makeEdit } from './edits.ts';
import { engine } from './engine.ts';
import { wordWrong } from './tensor-editing.ts';
import { showDialog } from './workspace.ts';

interface TakingState {
  readonly document: DocumentId | null;
  readonly node: number;
}

export const useTaking = create<TakingState>(() => ({ document: null, node: 0 }));

/** Opens the dialog that puts what another document has in the place of an entry, a module, or all. */
export function openTaking(document: OpenedDocument, node: number): void {
  useTaking.setState({ document: document.id, node });
  showDialog('take');
}

/** What is taken, from whom, and what its place is. */
export interface TakeWish {
  readonly document: DocumentId;
  readonly donor: OpenedDocument;
  readonly to: Candidate;
  readonly from: Candidate;
  readonly untie: boolean;
}

interface Planned {
  readonly edit: Edit;
  readonly donors: DonorIds;
}

function planTake({ document, donor, to, from, untie }: TakeWish): Planned {
  const name = nameDonor(document, donor);
  const more = { ...(untie && { untie }) };
  const donors = { [name]: donor.id };
  if (to.type !== undefined)
    return {
      donors,
      edit: { op: 'take', args: { key: to.key, donor: name, ...(from.key !== to.key && { from: from.key }), ...more } },
    };
  const place = { ...(from.key !== '' && { from: from.key }), ...(from.key !== to.key && { to: to.key }) };
  return { donors, edit: { op: 'take-all', args: { donor: name, ...place, ...more } } };
}

/** What it would come to, or why it cannot be. */
export async function previewTaking(
  wish: TakeWish,
): Promise<{ readonly preview: TakePreview } | { readonly wrong: string }> {
  try {
    const { edit, donors } = planTake(wish);
    return { preview: await engine().previewTake(wish.document, edit, donors) };
  } catch (error) {
    return { wrong: wordWrong(error) };
  }
}

/** @throws why it cannot be. */
export async function take(wish: TakeWish): Promise<void> {
  const { edit, donors } = planTake(wish);
  await makeEdit(wish.document, edit, false, donors);
}
