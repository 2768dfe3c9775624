import { create } from 'zustand';
import { type Edit, type ErrorInfo, listDonors, readRecipe, toErrorInfo } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { type DonorIds, donorsOfEdit, findDonors } from './donors.ts';
import { makeEdit } from './edits.ts';
import { addNotice, showDialog } from './workspace.ts';

/** A recipe that waits for a person to say whom it takes values from. */
export interface Waiting {
  readonly document: DocumentId;
  /** Of the recipe's file. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** As the recipe calls them. */
  readonly donors: readonly string[];
}

export const useReplay = create<{ readonly waiting: Waiting | null }>(() => ({ waiting: null }));

/** Makes the edits of a recipe; first asks for the documents it takes values from, where they are not open under their names. */
export async function replayRecipe(document: DocumentId, name: string, text: string): Promise<void> {
  try {
    const edits = readRecipe(text);
    const { found, missing } = findDonors(document, edits);
    if (missing.length > 0) {
      useReplay.setState({ waiting: { document, name, edits, donors: listDonors(edits) } });
      showDialog('donors');
    } else await replayWith({ document, name, edits }, found);
  } catch (error) {
    addNotice({ file: name, error: toErrorInfo(error) });
  }
}

/** The first edit that cannot be made ends it; those before it stay, and can be undone. */
export async function replayWith(
  { document, name, edits }: Pick<Waiting, 'document' | 'name' | 'edits'>,
  donors: DonorIds,
): Promise<void> {
  let made = 0;
  try {
    for (const edit of edits) {
      await makeEdit(document, edit, false, donorsOfEdit(edit, donors));
      made++;
    }
  } catch (error) {
    addNotice({ file: name, error: wordStop(toErrorInfo(error), made) });
  }
}

const wordStop = (error: ErrorInfo, made: number): ErrorInfo =>
  error.kind === 'bad-input' && made > 0 ? { ...error, detail: `edit ${made + 1}: ${error.detail}` } : error;
