import { useMemo } from 'react';
import { dtypeLabel, type ModuleTree } from '../../../src-core/index.ts';
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

const [LETTER, AROUND, LEAST, MOST] = [7, 12, 54, 96];

/** Pixels for the element types that there are: those of 8-bit floats differ at their ends. */
export function typeWidth({ dtypes }: ModuleTree): number {
  const letters = Math.max(0, ...dtypes.map((dtype) => dtypeLabel(dtype).length));
  return Math.min(MOST, Math.max(LEAST, LETTER * letters + AROUND));
}

/** Hidden by the person, and what a document of prompts has nothing to put in. */
export function useHiddenColumns(document: OpenedDocument): readonly string[] {
  const hidden = useSettings((state) => state.hiddenColumns);
  const noTensors = document.summary.tensors === 0;
  return useMemo(() => (noTensors ? [...hidden, 'shape', 'params', 'delta', 'rel'] : hidden), [hidden, noTensors]);
}
