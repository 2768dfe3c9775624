import { create } from 'zustand';
import { type Edit, ROW_FLAG } from '../../src-core/index.ts';
import type { OpenedDocument } from '../engine/api.ts';
import { tryEdit } from './edits.ts';
import { entryOf } from './explorer.ts';
import { keyOfNode } from './tree-labels.ts';
import { showDialog } from './workspace.ts';

interface PlaceState {
  readonly document: OpenedDocument | null;
  readonly node: number;
}

/** Where a tensor is tied, or added. */
export const usePlace = create<PlaceState>(() => ({ document: null, node: 0 }));

export function openTie(document: OpenedDocument, node: number): void {
  usePlace.setState({ document, node });
  showDialog('tie');
}

export function openAddTensor(document: OpenedDocument, node: number): void {
  usePlace.setState({ document, node });
  showDialog('add-tensor');
}

export const untie = (document: OpenedDocument, node: number): Promise<void> =>
  tryEdit(document.id, { op: 'untie', args: { keys: [keyOfNode(document.tree, node)] } });

export const isTied = ({ tree }: OpenedDocument, node: number): boolean =>
  ((tree.flags[node] ?? 0) & ROW_FLAG.tied) !== 0;

/** The module a new entry would lie in, with its dot; empty for the root. */
export function prefixAt(document: OpenedDocument, node: number): string {
  const module = entryOf(document, node) === undefined ? node : (document.tree.parent[node] ?? 0);
  return module === 0 ? '' : `${keyOfNode(document.tree, module)}.`;
}

const TEXTS = new Set(['json', 'toml', 'yaml', 'text']);
export const holdsTensors = ({ format }: OpenedDocument): boolean => !TEXTS.has(format);

const NESTING = new Set(['json', 'toml', 'yaml']);

/** The other way to write the keys of a text document, where there is one. */
export function otherKeys({ format, dialect, layout, tree }: OpenedDocument):
  | {
      readonly title: string;
      readonly edit: Edit;
    }
  | undefined {
  if (!NESTING.has(format) || dialect === 'dspy' || tree.entryCount === 0) return undefined;
  return layout === 'nested'
    ? { title: 'Flatten keys', edit: { op: 'flatten', args: {} } }
    : { title: 'Nest keys', edit: { op: 'nest', args: {} } };
}
