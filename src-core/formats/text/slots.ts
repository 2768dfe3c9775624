import type { Member, TextNode } from './tree.ts';
import type { Container } from './tree-change.ts';
import type { Draft } from './walk.ts';

/** A place in the scanned text that entries are at or below. Entries below one are a range of rows: both are in source order. */
export interface Slot {
  readonly key: string;
  readonly node: TextNode;
  /** Absent for items of lists and for the root. */
  readonly member?: Member;
  /** None for a leaf. */
  readonly children: readonly Slot[];
  /** Rows [first, end). */
  readonly first: number;
  readonly end: number;
  /** Whether it is an entry, whole. */
  readonly isLeaf: boolean;
}

export function buildSlots(root: TextNode, drafts: readonly Draft[]): Slot {
  let row = 0;
  return build('', root, undefined);

  function build(key: string, node: TextNode, member: Member | undefined): Slot {
    const first = row;
    const isLeaf = drafts[row]?.node === node;
    if (isLeaf) row++;
    const children = isLeaf ? [] : childrenOf(node).map((child) => build(...child));
    return { key, node, ...(member && { member }), children, first, end: row, isLeaf };
  }
}

function childrenOf(node: TextNode): [key: string, node: TextNode, member: Member | undefined][] {
  if (node.kind === 'object') return node.members.map((member) => [member.key, member.value, member]);
  return node.kind === 'array' ? node.items.map((item, i) => [String(i), item, undefined]) : [];
}

export const isContainer = (node: TextNode): node is Container => node.kind === 'object' || node.kind === 'array';
