import { StateglassError } from '../../base/errors.ts';
import { changeState } from '../../model/change-state.ts';
import { isRoleName, makeRole } from '../../model/role.ts';
import { type EntryId, ROLE_ORDER, type RoleName } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { findKey } from '../find-rows.ts';
import type { Op } from '../op.ts';

const SPEC = { key: 'text', role: 'text', spec: 'text?' } as const;
export type SetRoleArgs = ArgsOf<typeof SPEC> & { readonly role: RoleName };

/** Says what an entry is to its module: a person knows it, where a file does not say. `spec` is a parameter's or a Variable's class. */
export const setRole: Op<SetRoleArgs> = {
  id: 'set-role',
  title: ({ key, role, spec }) => `Make ${key} ${spec ? `${role} (${spec})` : role}`,
  parse(args) {
    const { role, ...read } = readArgs('set-role', args, SPEC);
    if (!isRoleName(role))
      throw new StateglassError({
        kind: 'bad-input',
        detail: `set-role: no role ${role}; there are ${ROLE_ORDER.join(', ')}`,
      });
    return { ...read, role };
  },
  check(state, { key }) {
    const row = findKey(state, key);
    return typeof row === 'number' ? undefined : row;
  },
  apply(state, { key, role, spec }) {
    const row = findKey(state, key) as EntryId;
    const entry = state.entries.at(row);
    const next = makeRole(role, spec);
    if (JSON.stringify(next) === JSON.stringify(entry.role) && entry.roleSource !== 'heuristic') return state;
    return changeState(state, { replace: new Map([[row, { ...entry, role: next, roleSource: 'user' }]]) });
  },
};
