import type { Arguments } from './arguments.ts';
import { isModule, type Module } from './data.ts';
import { badInput } from './raise.ts';
import { resolveSame } from './resolve-same.ts';

/** The argument `module`: a declaration, with what is shared in it resolved. */
export function moduleOf(args: Arguments): Module {
  const module = resolveSame(args.get('module'));
  if (!isModule(module)) throw badInput('"module" has to be a declared module: {"$module": "Name", "members": {…}}');
  return module;
}
