import type { DocumentId, OpenedDocument } from '../engine/api.ts';
import { type Side, startComparing, useCompare } from './compare.ts';
import { useWorkspace } from './workspace.ts';

export const useBase = (): OpenedDocument | undefined => {
  const id = useCompare(({ base }) => base);
  return useWorkspace(({ documents }) => documents.find((document) => document.id === id));
};

/** Names what both sides come from. A side's own document changes places with the base that was. */
export function chooseBase(id: DocumentId): void {
  const { pair, base, wishes } = useCompare.getState();
  if (!pair || id === base) return;
  const side = (['a', 'b'] as const).find((one) => pair[one] === id);
  if (!side) useCompare.setState({ base: id, arrived: null });
  else if (base !== null) swapWithBase(side, { pair, base, wishes });
}

function swapWithBase(
  side: Side,
  { pair, base, wishes }: Pick<ReturnType<typeof useCompare.getState>, 'pair' | 'base' | 'wishes'>,
): void {
  if (!pair || base === null) return;
  useCompare.setState({ base: pair[side] });
  void startComparing({ ...pair, [side]: base }, { ...wishes, rules: [] });
}

/** Two sides are compared again, and nothing that they come from. */
export function clearBase(): void {
  const { pair, base, wishes } = useCompare.getState();
  if (!pair || base === null) return;
  useCompare.setState({ base: null });
  // Filters of the comparison before ask for a base that is none.
  void startComparing(pair, wishes);
}

/** What is opened next becomes the base; false: it does not. */
export const awaitBase = (awaitsBase: boolean): void => useCompare.setState({ awaitsBase });

/** What was opened meanwhile is left where it is. */
export const dismissArrived = (): void => useCompare.setState({ arrived: null });
