import { useCallback, useMemo } from 'react';
import { isCompared } from '../../state/compare.ts';
import { type Explorer, expandRow, expandSiblings, findTyped, moveCursor } from '../../state/explorer.ts';
import { useRestingRows } from '../../state/scans.ts';
import { indexOfRow, isExpandable, isExpanded, isRun } from '../../state/tree-rows.ts';
import { goTo } from '../../state/workspace.ts';
import type { TreeRowsProps } from '../../ui/use-tree-rows.ts';
import { comparablePair } from './pair-columns.tsx';
import { tensorRow } from './statistic-columns.tsx';
import { useWantedFigures } from './use-wanted-figures.ts';

/** The rows of a tree as they stand open, and what keys and clicks do to them. */
export function useExplorerRows(explorer: Explorer): TreeRowsProps {
  const { document, rows, open, cursor } = explorer;
  const { tree } = document;
  const rowAt = useCallback(
    (index: number) =>
      isCompared(document) ? comparablePair(document, rows.ids[index]!) : tensorRow(tree, rows.ids[index]!),
    [document, tree, rows],
  );
  const want = useWantedFigures(document);
  const onWindow = useRestingRows(want, rowAt);
  const model = useMemo(
    () => ({
      ids: rows.ids,
      levels: rows.levels,
      position: (index: number) => rows.position(index),
      setSize: (index: number) => rows.setSize(index),
      isExpandable: (id: number) => isExpandable(tree, id),
      isExpanded: (id: number) => isExpanded(open, id, rows.filtered),
    }),
    [rows, open, tree],
  );
  return {
    model,
    cursor,
    cursorIndex: cursor === 0 ? -1 : indexOfRow(rows, cursor),
    onMove: (id) => moveCursor(document.id, id),
    onOpen: (id) => (isRun(id) ? expandRow(document.id, id, !isExpanded(open, id, false)) : goTo(document.id, id)),
    onExpand: (id, expanded) => expandRow(document.id, id, expanded),
    onExpandSiblings: (id) => expandSiblings(document.id, id),
    findTyped: (typed, from) => findTyped(explorer, typed, from),
    onWindow,
  };
}
