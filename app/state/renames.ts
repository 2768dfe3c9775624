import { useEffect, useState } from 'react';
import {
  type ErrorInfo,
  methodOf,
  PAIR_FLAG,
  PAIR_STATUSES,
  type RenameRule,
  titleOfMapping,
  toErrorInfo,
} from '../../src-core/index.ts';
import type { ComparedDocument, PairsPreview } from '../engine/compare-api.ts';
import { sidesOf, useCompare } from './compare.ts';
import { engine } from './engine.ts';
import { keyOfNode } from './tree-labels.ts';

/** Two entries of different names that belong together. */
export interface Renamed {
  readonly pair: number;
  readonly keyA: string;
  readonly keyB: string;
  /** How they were found, in words. */
  readonly how: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly isUncertain: boolean;
}

export interface RenamedList {
  readonly count: number;
  /** Those that are least sure, first. */
  readonly first: readonly Renamed[];
}

/** Rows that are shown; a person looks at those in doubt, and writes a rule for the rest. */
const SHOWN = 200;

export function listRenamed(comparison: ComparedDocument): RenamedList {
  const { pairs } = comparison;
  const isRenamed = PAIR_STATUSES.map((status) => status === 'renamed' || status === 'moved');
  const found: number[] = [];
  for (let pair = 0; pair < pairs.count; pair++) if (isRenamed[pairs.status[pair]!]) found.push(pair);
  const first = found.toSorted((p, q) => pairs.confidence[p]! - pairs.confidence[q]!).slice(0, SHOWN);
  return { count: found.length, first: first.map((pair) => describe(comparison, pair)) };
}

function describe(comparison: ComparedDocument, pair: number): Renamed {
  const { pairs } = comparison;
  return {
    pair,
    keyA: keyOnSide(comparison, 'a', pair) ?? '',
    keyB: keyOnSide(comparison, 'b', pair) ?? '',
    how: wordMethod(methodOf(pairs, pair)),
    confidence: pairs.confidence[pair]!,
    isUncertain: (pairs.flags[pair]! & (PAIR_FLAG.uncertain | PAIR_FLAG.ambiguous)) !== 0,
  };
}

/** The key of a pair on a side, its parts joined by dots; undefined where it has none. */
export function keyOnSide(comparison: ComparedDocument, side: 'a' | 'b', pair: number): string | undefined {
  const { pairs } = comparison;
  const document = sidesOf(comparison).find(({ id }) => id === pairs[side]);
  const row = (side === 'a' ? pairs.rowA : pairs.rowB)[pair]!;
  return document && row >= 0 ? keyOfNode(document.tree, document.tree.nodeOfEntry[row]!) : undefined;
}

const METHODS: Readonly<Record<string, string>> = {
  key: 'same name, other place',
  rule: 'by your rule',
  content: 'the same content',
  'shape-and-name': 'shape and likeness of names',
  user: 'you said so',
};

const wordMethod = (method: string): string =>
  METHODS[method] ?? `names: ${titleOfMapping(method.slice('mapping:'.length))}`;

/** A pause this long ends a burst of typing. */
const TYPING_PAUSE_MS = 150;

export type RulesPreview = PairsPreview | { readonly error: ErrorInfo } | undefined;

/** What rules would pair, asked for as they are written; undefined until that is known. */
export function useRulesPreview(comparison: ComparedDocument, rules: readonly RenameRule[]): RulesPreview {
  const pinned = useCompare(({ wishes }) => wishes.pinned);
  const [preview, setPreview] = useState<RulesPreview>();
  const { a, b } = comparison.pairs;
  const text = JSON.stringify(rules);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(() => {
      const request = { a, b, pinned, rules: JSON.parse(text) as readonly RenameRule[] };
      engine()
        .previewPairs(request, { signal })
        .then(
          (found) => signal.aborted || setPreview(found),
          (error: unknown) => signal.aborted || setPreview({ error: toErrorInfo(error) }),
        );
    }, TYPING_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [a, b, pinned, text]);
  return preview;
}
