import { useMemo } from 'react';
import type { LoadRow } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { engine } from './engine.ts';
import { createRowAnswers, type RowAnswers } from './row-answers.ts';

/** What rows of a planned load say. */
export type LoadRows = RowAnswers<LoadRow>;

export const useLoadRows = (load: DocumentId): LoadRows =>
  useMemo(() => createRowAnswers((rows) => engine().describeLoadRows(load, rows)), [load]);
