import type { Outline, OutlineEntry } from './outline.ts';

/** Modules as dotted keys tell of them, and those that are declared without a value. */
export interface ModuleBranch {
  /** With a dot at its end; empty for the root. */
  readonly prefix: string;
  /** Values of the module itself, by name. */
  readonly own: Map<string, OutlineEntry>;
  readonly children: Map<string, ModuleBranch>;
}

export function growModules({ entries, modules }: Outline): ModuleBranch {
  const root: ModuleBranch = { prefix: '', own: new Map(), children: new Map() };
  const reach = (path: readonly string[]): ModuleBranch => {
    let branch = root;
    for (const part of path) {
      let child = branch.children.get(part);
      if (!child) {
        child = { prefix: `${branch.prefix}${part}.`, own: new Map(), children: new Map() };
        branch.children.set(part, child);
      }
      branch = child;
    }
    return branch;
  };
  for (const path of modules?.keys() ?? []) if (path !== '') reach(path.split('.'));
  for (const entry of entries) {
    const path = entry.key.split('.');
    const name = path.pop() ?? '';
    reach(path).own.set(name, entry);
  }
  return root;
}
