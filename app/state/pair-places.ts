import type { OpenedDocument } from '../engine/api.ts';
import type { ComparedDocument } from '../engine/compare-api.ts';
import { entryOf } from './explorer.ts';
import { nodeAtPath, pathText } from './tree-labels.ts';

type Side = 'a' | 'b';

/** The node of a document that a node of its comparison stands for; 0, the document itself, where it has none. */
export function nodeOnSide(comparison: ComparedDocument, document: OpenedDocument, side: Side, node: number): number {
  const { pairs, tree } = comparison;
  const pair = entryOf(comparison, node);
  if (pair === undefined) return nodeAtPath(document.tree, pathText(tree, node)) ?? 0;
  const row = (side === 'a' ? pairs.rowA : pairs.rowB)[pair]!;
  return row < 0 ? 0 : (document.tree.nodeOfEntry[row] ?? 0);
}

/** The node of a comparison that stands for a node of one of its documents; undefined when it has none. */
export function nodeOfSide(
  { pairs, tree }: ComparedDocument,
  document: OpenedDocument,
  side: Side,
  node: number,
): number | undefined {
  const row = entryOf(document, node);
  if (row === undefined) return nodeAtPath(tree, pathText(document.tree, node));
  const pair = (side === 'a' ? pairs.pairOfA : pairs.pairOfB)[row];
  return pair === undefined ? undefined : tree.nodeOfEntry[pair];
}

/** Rows of a pair in its documents; -1 where one has none. Undefined for a module. */
export function rowsOfPair(
  comparison: ComparedDocument,
  node: number,
): { readonly pair: number; readonly rowA: number; readonly rowB: number } | undefined {
  const pair = entryOf(comparison, node);
  if (pair === undefined) return undefined;
  return { pair, rowA: comparison.pairs.rowA[pair]!, rowB: comparison.pairs.rowB[pair]! };
}
