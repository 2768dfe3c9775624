import { editLogOf, redo, tryEdit, undo } from '../state/edits.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { entryOf } from '../state/explorer.ts';
import { openRename } from '../state/renaming.ts';
import { openRole } from '../state/roles.ts';
import { openSave } from '../state/save.ts';
import { holdsTensors, isTied, openAddTensor, openTie, otherKeys, untie } from '../state/structure-edits.ts';
import { openTaking } from '../state/taking.ts';
import { hasTensors, isTensor, openTensorEdit } from '../state/tensor-editing.ts';
import { keyOfNode } from '../state/tree-labels.ts';
import { type Command, MOD } from './command.ts';
import { actsFor } from './tensor-acts.ts';

/** What changes a document, and what becomes of the changes. */
export function editCommands(document: OpenedDocument, selected: number): readonly Command[] {
  const row = entryOf(document, selected);
  const key = row === undefined ? undefined : keyOfNode(document.tree, selected);
  return [
    ...logCommands(document),
    ...(key === undefined || row === undefined ? [] : entryCommands(document, row, key)),
    ...tensorCommands(document, selected),
    ...structureCommands(document, selected),
    {
      id: 'take',
      title: `Replace ${selected === 0 ? document.name : keyOfNode(document.tree, selected)} from another document…`,
      group: 'Document',
      run: () => openTaking(document, selected),
    },
    {
      id: 'rename-rules',
      title: 'Rename entries by a rule…',
      group: 'Document',
      run: () => openRename(document.id, '', 'many'),
    },
  ];
}

function logCommands(document: OpenedDocument): readonly Command[] {
  const { edits, cursor } = editLogOf(document.id);
  const list: Command[] = [];
  if (cursor > 0) {
    list.push(
      {
        id: 'save',
        title: `Save ${document.name}…`,
        group: 'Document',
        keys: `${MOD}S`,
        run: () => void openSave(document),
      },
      { id: 'undo', title: 'Undo', group: 'Document', keys: `${MOD}Z`, run: () => void undo(document.id) },
    );
  }
  if (cursor < edits.length) {
    list.push({ id: 'redo', title: 'Redo', group: 'Document', keys: `${MOD}⇧Z`, run: () => void redo(document.id) });
  }
  return list;
}

function entryCommands(document: OpenedDocument, row: number, key: string): readonly Command[] {
  const { id } = document;
  return [
    {
      id: 'rename',
      title: `Rename ${key}…`,
      group: 'Document',
      keys: 'F2',
      run: () => openRename(id, key, 'one'),
    },
    { id: 'role', title: `Role of ${key}…`, group: 'Document', run: () => void openRole(document, row) },
    { id: 'duplicate', title: `Duplicate ${key}…`, group: 'Document', run: () => openRename(id, key, 'copy') },
    {
      id: 'delete',
      title: `Delete ${key}`,
      group: 'Document',
      run: () => void tryEdit(id, { op: 'delete', args: { keys: [key] } }),
    },
  ];
}

function structureCommands(document: OpenedDocument, selected: number): readonly Command[] {
  const key = keyOfNode(document.tree, selected);
  const list: Command[] = [];
  const add = (id: string, title: string, run: () => void) => list.push({ id, title, group: 'Document', run });
  if (isTensor(document, selected)) {
    add('tie', `Tie ${key}…`, () => openTie(document, selected));
    if (isTied(document, selected)) add('untie', `Untie ${key}`, () => void untie(document, selected));
  }
  if (holdsTensors(document)) add('add-tensor', 'Add tensor…', () => openAddTensor(document, selected));
  const keys = otherKeys(document);
  if (keys) add(keys.edit.op, `${keys.title} of ${document.name}`, () => void tryEdit(document.id, keys.edit));
  return list;
}

function tensorCommands(document: OpenedDocument, selected: number): readonly Command[] {
  if (!hasTensors(document, selected)) return [];
  const what = selected === 0 ? document.name : keyOfNode(document.tree, selected);
  return actsFor(isTensor(document, selected)).map(({ act, title }) => ({
    id: `tensor-${act}`,
    title: `${title} ${what}…`,
    group: 'Document',
    run: () => openTensorEdit(document, act),
  }));
}
