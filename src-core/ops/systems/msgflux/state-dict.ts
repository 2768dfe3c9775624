import type { Problem } from '../../../model/state-dict.ts';
import { type Datum, type Dict, isModule, isTagged, type Module } from '../data.ts';
import { constructAll, holdsModules, type Registry, type Rules, registerMembers } from '../module-members.ts';
import { note, warning } from '../operation.ts';
import { DictBuilder, identityOf } from '../python-keys.ts';
import { showType } from '../python-repr.ts';
import { raised } from '../raise.ts';

/** `register_parameter`, `register_buffer` and `add_module` refuse these names, each in its own words. */
export function checkName(registry: Registry, name: string): void {
  if (name.includes('.')) throw raised('msgflux', 'KeyError', MESSAGES[registry].dot(name));
  if (name === '') throw raised('msgflux', 'KeyError', MESSAGES[registry].empty);
}

const MESSAGES: Readonly<Record<Registry, { dot(name: string): string; empty: string }>> = {
  parameters: {
    dot: () => "parameter name can't contain '.'",
    empty: "parameter name can't be empty string",
  },
  buffers: { dot: () => "buffer name can't contain '.'", empty: "buffer name can't be empty string" },
  modules: {
    dot: (name) => `module name can't contain '.', got: ${name}`,
    empty: "module name can't be empty string ",
  },
};

/** One entry of the state dict, with what the dict itself does not say. */
export interface Saved {
  readonly key: string;
  readonly value: Datum;
  readonly role: 'parameter' | 'buffer';
  readonly spec?: string;
  readonly requiresGrad?: boolean;
}

export interface Collected {
  readonly entries: readonly Saved[];
  readonly problems: readonly Problem[];
}

/** Parameters, then buffers, then children, each in the order of registration. A shared module comes under each path. */
export function collectEntries(root: Module, prefix: string): Collected {
  const entries: Saved[] = [];
  const problems: Problem[] = [];
  constructAll(root, rulesAt('', []));
  const visit = (module: Module, path: string): void => {
    const registered = registerMembers(module, rulesAt(path, problems));
    for (const [name, parameter] of registered.parameters) {
      if (!isTagged(parameter) || parameter.kind !== 'parameter') continue;
      const { value, spec, requiresGrad } = parameter;
      entries.push({ key: path + name, value, role: 'parameter', requiresGrad, ...(spec !== undefined && { spec }) });
    }
    for (const [name, buffer] of registered.buffers) {
      const data = isTagged(buffer) && buffer.kind === 'buffer' ? buffer.value : null;
      const value = serialize(data);
      if (value === null && data !== null)
        problems.push(warning('not-serialisable', `${path + name} is of a kind that msgflux saves as None.`));
      entries.push({ key: path + name, value, role: 'buffer' });
    }
    for (const [name, child] of registered.modules) if (isModule(child)) visit(child, `${path}${name}.`);
  };
  visit(root, prefix);
  return { entries, problems };
}

/** `Module.__setattr__`, in which a Parameter or a Module takes its name from the others, and `register_buffer` from nobody. */
const rulesAt = (path: string, problems: Problem[]): Rules => ({
  check: checkName,
  unsets: ['parameters', 'modules'],
  claim(to, name, held, unset) {
    if (to === 'buffers') return [];
    if (unset) {
      if (held.has('plain')) throw raised('msgflux', 'KeyError', `attribute '${name}' already exists`);
      return [];
    }
    if (to === 'modules' && held.has('parameters')) throw refuse('Module', 'parameter', name);
    return [...held];
  },
  assign(name, value, held) {
    if (held === 'parameters' || held === 'modules')
      throw refuse(showType(value), held === 'parameters' ? 'parameter' : 'child module', name);
    if (held)
      problems.push(
        warning(
          'hidden',
          `${path + name} was assigned after it was registered: the registered value is read and saved.`,
        ),
      );
    else if (holdsModules(value))
      problems.push(
        note('not-registered', `${path + name} is a plain attribute: modules in it are not in the state dict.`),
      );
  },
});

const refuse = (type: string, as: string, name: string): Error =>
  raised(
    'msgflux',
    'TypeError',
    as === 'parameter'
      ? `cannot assign '<class '${type}'>' as parameter '${name}' (msgflux.nn.Parameter or None expected)`
      : `cannot assign \`<class '${type}'>\` as child module \`${name}\` (msgflux.nn.Module or None expected)`,
  );

/** `_get_serializable_value`: builtins as they are, a Struct class as its schema, `serialize()` where there is one. */
function serialize(value: Datum): Datum {
  if (!isTagged(value)) return value;
  if (value.kind === 'object') return value.schema ?? value.serialized ?? null;
  return value.kind === 'dict' || value.kind === 'tuple' || value.kind === 'set' ? value : null;
}

/** `state_dict(destination, prefix)`: fills the destination. A buffer named like a parameter wins. */
export function fillDestination(entries: readonly Saved[], destination: Dict | undefined): Dict {
  const filled = new DictBuilder('msgflux', destination);
  for (const { key, value } of entries) filled.set(key, value);
  return filled.finish();
}

/** `named_parameters()` leaves out what equals an earlier one: a Parameter is its data and spec, not its identity. */
export function uniqueParameters(entries: readonly Saved[]): readonly Saved[] {
  const seen = new Set<string>();
  return entries.filter((entry) => {
    if (entry.role !== 'parameter') return false;
    const { value } = entry;
    const id = identityOf(value);
    if (id === undefined) throw raised('msgflux', 'TypeError', `unhashable type: '${showType(value)}'`);
    const text = JSON.stringify([id, entry.spec]);
    return !seen.has(text) && seen.add(text);
  });
}
