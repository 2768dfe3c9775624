import { useMemo } from 'react';
import type { DocumentId } from '../engine/api.ts';
import { engine } from './engine.ts';
import { createRowAnswers, type RowAnswers } from './row-answers.ts';

/** Full keys of rows; until one is here, the path from the tree stands in its place. */
export type RowKeys = RowAnswers<string>;

export const useRowKeys = (document: DocumentId): RowKeys =>
  useMemo(() => createRowAnswers((rows) => engine().keys(document, rows)), [document]);
