import { type Entries, type EntryColumns, type EntryId, ROLE_ORDER, ROW_FLAG, type Role } from './state-dict.ts';

/** Entries with roles that a file beside theirs gives them. Nothing else of them is looked at. */
export function overlayRoles(entries: Entries, roles: ReadonlyMap<EntryId, Role>): Entries {
  return {
    length: entries.length,
    at(row) {
      const role = roles.get(row);
      const entry = entries.at(row);
      return role ? { ...entry, role, roleSource: 'sidecar' } : entry;
    },
    columns: () => overlayColumns(entries.columns(), roles),
  };
}

function overlayColumns(columns: EntryColumns, given: ReadonlyMap<EntryId, Role>): EntryColumns {
  const [roles, flags] = [columns.roles.slice(), columns.flags.slice()];
  for (const [row, { role }] of given) {
    roles[row] = ROLE_ORDER.indexOf(role);
    flags[row]! &= ~ROW_FLAG.guessedRole;
  }
  return { ...columns, roles, flags };
}
