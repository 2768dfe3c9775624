import {
  countPacked,
  type Document,
  type EntryColumns,
  findNode,
  type ModuleTree,
  pathOfNode,
  type StateDict,
  StateglassError,
  unpackDocument,
} from '../../src-core/index.ts';
import type { DocumentId } from './api.ts';
import type { FindHeld } from './held.ts';

/** A module of a document, as it is or as it was read. */
export interface SideChoice {
  readonly document: DocumentId;
  /** Tree node of the document as it is. */
  readonly node: number;
  /** As it was read, without its edits. */
  readonly unedited?: boolean;
}

/** Makes the tree of a document as the page shows it. */
export type GrowTree = (document: Document, columns: EntryColumns) => ModuleTree;

export interface Side<Choice> {
  readonly document: Document;
  readonly tree: ModuleTree;
  /** Its node is one of `tree`. */
  readonly choice: Choice;
}

/** Finds the side that is meant. @throws `not-found` for a module that was not there before the edits. */
export function findSides(find: FindHeld, grow: GrowTree) {
  const unedited = new WeakMap<StateDict, ModuleTree>();
  return <Choice extends SideChoice>(choice: Choice): Side<Choice> => {
    const { document, tree } = find(choice.document);
    if (!choice.unedited || document.base === document.state) return { document, tree, choice };
    const before = { ...document, state: document.base };
    const known =
      unedited.get(document.base) ?? grow(before, countPacked(document.base, document.base.entries.columns()));
    unedited.set(document.base, known);
    const path = pathOfNode(tree, choice.node);
    const node = findNode(known, path);
    if (node === undefined)
      throw new StateglassError({ kind: 'not-found', what: path, detail: 'there was no such module before the edits' });
    return { document: before, tree: known, choice: { ...choice, node } };
  };
}

/** Sides with their packed weights unpacked, for what computes with them. A module that is nothing but parts of a weight is left as it is. */
export function unpackSides(grow: GrowTree) {
  const trees = new WeakMap<Document, ModuleTree>();
  return async <Choice extends SideChoice>(side: Side<Choice>): Promise<Side<Choice>> => {
    const document = await unpackDocument(side.document);
    if (document === side.document) return side;
    const tree = trees.get(document) ?? grow(document, document.state.entries.columns());
    trees.set(document, tree);
    const node = findNode(tree, pathOfNode(side.tree, side.choice.node));
    return node === undefined ? side : { document, tree, choice: { ...side.choice, node } };
  };
}
