import { useMemo } from 'react';
import { isCompared, sidesOf } from '../../state/compare.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { wantPairs } from '../../state/pairs.ts';
import { useSettings } from '../../state/settings.ts';
import { wantColumns } from './statistic-columns.tsx';

/** Asks for the figures of rows on screen: of a comparison how far pairs are apart, else the statistics whose columns are shown. */
export function useWantedFigures(document: OpenedDocument) {
  const shown = useSettings((state) => state.shownColumns);
  return useMemo(
    () =>
      isCompared(document)
        ? (pairs: readonly number[]) => void wantPairs(document, sidesOf(document), pairs)
        : wantColumns(document, shown),
    [document, shown],
  );
}
