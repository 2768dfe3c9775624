import { create } from 'zustand';
import type { DocumentId } from '../engine/api.ts';
import { goTo } from './workspace.ts';

/** The file beside a model whose text is shown; one at a time. */
interface CompanionState {
  readonly document: DocumentId | null;
  readonly file: string | null;
}

const useCompanions = create<CompanionState>(() => ({ document: null, file: null }));

export const useOpenCompanion = (document: DocumentId): string | null =>
  useCompanions((state) => (state.document === document ? state.file : null));

export const openCompanion = (document: DocumentId, file: string | null): void =>
  useCompanions.setState({ document, file });

/** Brings a companion's text forward, wherever the person is. */
export function showCompanion(document: DocumentId, file: string): void {
  openCompanion(document, file);
  goTo(document, 0, 'metadata');
}
