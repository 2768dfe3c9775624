import type { Datum, Module } from './data.ts';

/** What one module of the PyTorch kind has registered, each in the order of its registry. */
export type Registered = Readonly<Record<Registry, ReadonlyMap<string, Datum>>>;
export type Registry = 'parameters' | 'buffers' | 'modules';
const REGISTRIES = ['parameters', 'buffers', 'modules'] as const;

/** What a system makes of names that are not fit, and of names that come again. */
export interface Rules {
  /** Raises for a name that cannot be registered. */
  check(registry: Registry, name: string): void;
  /** Whether registering in `to` takes the name out of `from`; may raise. */
  takesOver(from: Registry, to: Registry, name: string): boolean;
  /** A value that is not registered is set; `held` is the registry that has the name. */
  assign(name: string, value: Datum, held: Registry | undefined): void;
}

/** Registers members one after the other. A name that comes again in the same registry keeps its place. */
export function registerMembers(module: Module, rules: Rules): Registered {
  const registered = {
    parameters: new Map<string, Datum>(),
    buffers: new Map<string, Datum>(),
    modules: new Map<string, Datum>(),
  };
  for (const [name, value] of module.members) {
    const held = REGISTRIES.find((one) => registered[one].has(name));
    const registry = registryOf(value) ?? (value === null ? held : undefined);
    if (!registry) {
      rules.assign(name, value, held);
      continue;
    }
    rules.check(registry, name);
    for (const other of REGISTRIES)
      if (other !== registry && registered[other].has(name) && rules.takesOver(other, registry, name))
        registered[other].delete(name);
    registered[registry].set(name, value);
  }
  return registered;
}

function registryOf(value: Datum): Registry | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || !('kind' in value)) return undefined;
  switch (value.kind) {
    case 'parameter':
      return 'parameters';
    case 'buffer':
      return 'buffers';
    case 'module':
      return 'modules';
    case 'unset':
      return `${value.of}s`;
    default:
      return undefined;
  }
}

/** Whether a plain attribute holds modules or parameters that its owner will not find. */
export function holdsModules(value: Datum): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.some(holdsModules);
  if (!('kind' in value)) return false;
  if (value.kind === 'dict') return value.items.some(([, item]) => holdsModules(item));
  if (value.kind === 'tuple') return value.items.some(holdsModules);
  return value.kind === 'module' || value.kind === 'parameter' || value.kind === 'buffer';
}
