import { create } from 'zustand';
import type { DocumentId } from '../engine/api.ts';

/** What is looked for among the nodes of a graph, and which of them is looked at: it stays while one looks at a tensor or a run. */
interface GraphList {
  readonly text: string;
  readonly selected: number;
}

const FIRST: GraphList = { text: '', selected: 0 };

/** Of the graph that was looked at last. */
const useLists = create<{ readonly document: DocumentId | null; readonly list: GraphList }>(() => ({
  document: null,
  list: FIRST,
}));

export const useGraphList = (document: DocumentId): GraphList =>
  useLists((state) => (state.document === document ? state.list : FIRST));

export const changeGraphList = (document: DocumentId, part: Partial<GraphList>): void =>
  useLists.setState((state) => ({
    document,
    list: { ...(state.document === document ? state.list : FIRST), ...part },
  }));
