import { useMemo } from 'react';
import type { OpenedDocument } from '../../state/engine.ts';
import { useSettings } from '../../state/settings.ts';

/** Columns of tree and table a person may hide; the name stays. */
export const COLUMN_TITLES = {
  kind: 'Kind',
  type: 'Type',
  shape: 'Shape',
  params: 'Params',
  size: 'Size',
} as const;

/** Hidden by the person, and what a document of prompts has nothing to put in. */
export function useHiddenColumns(document: OpenedDocument): readonly string[] {
  const hidden = useSettings((state) => state.hiddenColumns);
  const noTensors = document.summary.tensors === 0;
  return useMemo(() => (noTensors ? [...hidden, 'shape', 'params', 'delta', 'rel'] : hidden), [hidden, noTensors]);
}
