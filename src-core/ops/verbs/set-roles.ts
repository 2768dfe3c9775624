import { StateglassError } from '../../base/errors.ts';
import { changeState } from '../../model/change-state.ts';
import type { NewEntry } from '../../model/edited-entries.ts';
import { type EntryId, ROLE_ORDER, type Role, type RoleName } from '../../model/state-dict.ts';
import { readArgs } from '../args.ts';
import { findKey } from '../find-rows.ts';
import type { Op } from '../op.ts';

export interface RolesArgs {
  readonly roles: readonly {
    readonly keys: readonly string[];
    readonly role: RoleName;
    /** A Variable's or a parameter's class. */
    readonly spec?: string | undefined;
  }[];
  /** Nobody says so: it follows from names. Shown as a guess. */
  readonly guess?: boolean | undefined;
}

/** Says what many entries are to their modules, in one edit. */
export const setRoles: Op<RolesArgs> = {
  id: 'set-roles',
  title({ roles, guess }) {
    const count = roles.reduce((sum, { keys }) => sum + keys.length, 0);
    return `${guess ? 'Guess' : 'Set'} what ${count} ${count === 1 ? 'entry is' : 'entries are'}`;
  },
  parse(args) {
    const { roles, guess } = readArgs('set-roles', args, { roles: 'anything', guess: 'flag?' });
    if (!Array.isArray(roles)) throw refuse('roles is not a list');
    return { roles: roles.map(readRole), guess };
  },
  check(state, { roles }) {
    for (const key of roles.flatMap(({ keys }) => keys)) {
      const row = findKey(state, key);
      if (typeof row !== 'number') return row;
    }
    return undefined;
  },
  apply(state, { roles, guess }) {
    const replace = new Map<EntryId, NewEntry>();
    for (const { keys, role, spec } of roles) {
      for (const key of keys) {
        const row = findKey(state, key) as EntryId;
        replace.set(row, {
          ...state.entries.at(row),
          role: roleOf(role, spec),
          roleSource: guess ? 'heuristic' : 'user',
        });
      }
    }
    return replace.size === 0 ? state : changeState(state, { replace });
  },
};

const roleOf = (role: RoleName, spec: string | undefined): Role =>
  role === 'variable'
    ? { role, variable: spec ?? 'Variable' }
    : role === 'parameter' && spec !== undefined
      ? { role, spec }
      : ({ role } as Role);

function readRole(one: unknown): RolesArgs['roles'][number] {
  const { keys, role, spec } = readArgs('set-roles', one, { keys: 'texts', role: 'text', spec: 'text?' });
  if (!(ROLE_ORDER as readonly string[]).includes(role))
    throw refuse(`no role ${role}; there are ${ROLE_ORDER.join(', ')}`);
  return { keys, role: role as RoleName, ...(spec !== undefined && { spec }) };
}

const refuse = (detail: string): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `set-roles: ${detail}` });
