import { ROLE_ORDER, type Role, type RoleName } from './state-dict.ts';

export const isRoleName = (name: unknown): name is RoleName => (ROLE_ORDER as readonly unknown[]).includes(name);

/** A role by its name; `spec` is a parameter's or a Variable's class. */
export function makeRole(role: RoleName, spec?: string): Role {
  if (role === 'variable') return { role, variable: spec ?? 'Variable' };
  if (role === 'parameter') return spec === undefined ? { role } : { role, spec };
  return { role };
}

/** What `makeRole` makes the same role of. */
export function specOf(role: Role): string | undefined {
  if (role.role === 'variable') return role.variable;
  return role.role === 'parameter' ? role.spec : undefined;
}
