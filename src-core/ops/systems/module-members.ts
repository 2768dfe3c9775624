import { type Datum, isList, isModule, isTagged, type Module } from './data.ts';

/** What one module of the PyTorch kind has registered, each in the order of its registry. */
export type Registered = Readonly<Record<Registry, ReadonlyMap<string, Datum>>>;
export type Registry = 'parameters' | 'buffers' | 'modules';
/** In the order that `__setattr__` asks them. */
const REGISTRIES = ['parameters', 'modules', 'buffers'] as const;

/** What a system makes of names that are not fit, and of names that come again. */
export interface Rules {
  /** Raises for a name that cannot be registered. */
  check(registry: Registry, name: string): void;
  /**
   * What the new holder of a name takes it from; may raise. `held` are those that have it, `plain` an attribute that is not
   * registered. `unset`: it is registered as None.
   */
  claim(to: Registry, name: string, held: ReadonlySet<Holder>, unset: boolean): readonly Holder[];
  /** Registries in which assigning None takes the place of what is registered. */
  readonly unsets: readonly Registry[];
  /** A value that is not registered is assigned; `held` is the registry that has the name. */
  assign(name: string, value: Datum, held: Registry | undefined): void;
}
export type Holder = Registry | 'plain';

/** Registers members one after the other. A name that comes again in the same registry keeps its place. */
export function registerMembers(module: Module, rules: Rules): Registered {
  const holders = {
    parameters: new Map<string, Datum>(),
    buffers: new Map<string, Datum>(),
    modules: new Map<string, Datum>(),
    plain: new Map<string, Datum>(),
  };
  for (const [name, value] of module.members) {
    const held = REGISTRIES.find((one) => holders[one].has(name));
    const registry = registryOf(value) ?? (value === null && held && rules.unsets.includes(held) ? held : undefined);
    if (!registry) {
      rules.assign(name, value, held);
      holders.plain.set(name, value);
      continue;
    }
    holders[registry].set(name, value);
    if (value === null) continue;
    rules.check(registry, name);
    const others = [...REGISTRIES, 'plain' as const].filter((one) => one !== registry && holders[one].has(name));
    const unset = isTagged(value) && value.kind === 'unset';
    for (const other of rules.claim(registry, name, new Set(others), unset)) holders[other].delete(name);
  }
  return holders;
}

/** Every module is made before it is put somewhere, and may raise then, even one that another replaces. */
export function constructAll(module: Module, rules: Rules): void {
  for (const [, value] of module.members) if (isModule(value)) constructAll(value, rules);
  registerMembers(module, rules);
}

function registryOf(value: Datum): Registry | undefined {
  if (!isTagged(value)) return undefined;
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
  if (isList(value)) return value.some(holdsModules);
  if (!isTagged(value)) return false;
  if (value.kind === 'dict') return value.items.some(([, item]) => holdsModules(item));
  if (value.kind === 'tuple') return value.items.some(holdsModules);
  return value.kind === 'module' || value.kind === 'parameter' || value.kind === 'buffer';
}
