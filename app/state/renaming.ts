import { create } from 'zustand';
import { describeError, type ErrorInfo, type RenameRule, toErrorInfo } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import type { RenamePreview } from '../engine/edit-api.ts';
import { engine } from './engine.ts';
import { showDialog } from './workspace.ts';

interface RenamingState {
  readonly document: DocumentId | null;
  /** The entry that is meant; empty where only rules make sense. */
  readonly key: string;
  readonly mode: 'one' | 'copy' | 'many';
  /** Rules to begin with, where they are somebody's own. */
  readonly rules: readonly RenameRule[];
}

export const useRenaming = create<RenamingState>(() => ({ document: null, key: '', mode: 'many', rules: [] }));

export function openRename(
  document: DocumentId,
  key: string,
  mode: RenamingState['mode'],
  rules: readonly RenameRule[] = [],
): void {
  useRenaming.setState({ document, key, mode, rules });
  showDialog('rename');
}

export type Preview = RenamePreview & { readonly error?: string };

/** What rules would do, or what is wrong with them. */
export async function previewRules(document: DocumentId, rules: readonly RenameRule[]): Promise<Preview> {
  try {
    return await engine().previewRenames(document, rules);
  } catch (error) {
    return { count: 0, renames: [], collisions: [], error: describeRename(toErrorInfo(error)) };
  }
}

export const describeRename = (error: ErrorInfo): string => describeError(error);
