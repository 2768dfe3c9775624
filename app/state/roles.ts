import { create } from 'zustand';
import { type EntryId, type RoleName, specOf, toErrorInfo } from '../../src-core/index.ts';
import type { OpenedDocument } from '../engine/api.ts';
import { makeEdit } from './edits.ts';
import { entryDetail } from './resources.ts';
import { addNotice, showDialog } from './workspace.ts';

interface RoleChoice {
  readonly document: OpenedDocument | null;
  readonly key: string;
  readonly role: RoleName;
  /** A parameter's, or a Variable's class. */
  readonly spec: string;
}

export const useRoleChoice = create<RoleChoice>(() => ({ document: null, key: '', role: 'unknown', spec: '' }));

/** Opens the dialog that says what an entry is to its module. */
export async function openRole(document: OpenedDocument, row: EntryId): Promise<void> {
  try {
    const { entry } = await entryDetail(document.id, row);
    useRoleChoice.setState({ document, key: entry.key, role: entry.role.role, spec: specOf(entry.role) ?? '' });
    showDialog('role');
  } catch (error) {
    addNotice({ file: document.name, error: toErrorInfo(error) });
  }
}

/** @throws why it cannot be. */
export const setRole = (document: OpenedDocument, key: string, role: RoleName, spec: string): Promise<void> =>
  makeEdit(document.id, {
    op: 'set-role',
    args: { key, role, ...(hasSpec(role) && spec.trim() !== '' && { spec: spec.trim() }) },
  });

export const hasSpec = (role: RoleName): boolean => role === 'parameter' || role === 'variable';
