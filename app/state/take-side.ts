import type { Edit } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import type { ComparedDocument } from '../engine/compare-api.ts';
import { type Side, sidesOf } from './compare.ts';
import { type DonorIds, nameDonor } from './donors.ts';
import { tryEdit } from './edits.ts';
import { entryOf } from './explorer.ts';
import { nodeOnSide } from './pair-places.ts';
import { keyOnSide } from './renames.ts';
import { keyOfNode } from './tree-labels.ts';
import { activate } from './workspace.ts';

/** What taking either side would do, in words. */
export function whatCanBeTaken(comparison: ComparedDocument, node: number): Readonly<Record<Side, string>> {
  const pair = entryOf(comparison, node);
  if (pair === undefined) return { a: 'Take A: all of it into B', b: 'Take B: all of it into A' };
  const words = (side: Side, other: Side) =>
    keyOnSide(comparison, side, pair) === undefined
      ? `Take ${side.toUpperCase()}: delete it from ${other.toUpperCase()}`
      : keyOnSide(comparison, other, pair) === undefined
        ? `Take ${side.toUpperCase()}: add it to ${other.toUpperCase()}`
        : `Take ${side.toUpperCase()} into ${other.toUpperCase()}`;
  return { a: words('a', 'b'), b: words('b', 'a') };
}

/** Makes a pair, or all below a module, what one side has it to be: an edit of the other side's document. */
export async function takeSide(comparison: ComparedDocument, node: number, side: Side): Promise<void> {
  const documents = sidesOf(comparison);
  const other: Side = side === 'a' ? 'b' : 'a';
  const giver = documents.find(({ id }) => id === comparison.pairs[side]);
  const taker = documents.find(({ id }) => id === comparison.pairs[other]);
  if (!giver || !taker) return;
  const name = nameDonor(taker.id, giver);
  const edit = editFor(comparison, node, side, name);
  if (!edit) return;
  // Its edits are what is counted, undone and saved now.
  activate(taker.id);
  await tryEdit(taker.id, edit, donorsOf(edit, name, giver.id));
}

const donorsOf = (edit: Edit, name: string, id: DocumentId): DonorIds => (edit.op === 'delete' ? {} : { [name]: id });

function editFor(comparison: ComparedDocument, node: number, side: Side, donor: string): Edit | undefined {
  const other: Side = side === 'a' ? 'b' : 'a';
  const pair = entryOf(comparison, node);
  if (pair === undefined) {
    const giver = sidesOf(comparison).find(({ id }) => id === comparison.pairs[side]);
    const from = giver && node > 0 ? keyOfNode(giver.tree, nodeOnSide(comparison, giver, side, node)) : '';
    return { op: 'take-all', args: { donor, ...(from !== '' && { from }) } };
  }
  const [from, to] = [keyOnSide(comparison, side, pair), keyOnSide(comparison, other, pair)];
  if (from === undefined) return to === undefined ? undefined : { op: 'delete', args: { keys: [to] } };
  const key = to ?? from;
  return { op: 'take', args: { key, donor, ...(from !== key && { from }) } };
}
