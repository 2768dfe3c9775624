import type { Problem } from '../../../model/state-dict.ts';
import { type Datum, type Dict, dict, isDict, isModule, isTagged, type Module, type Pair } from '../data.ts';
import { moduleOf } from '../module-argument.ts';
import { constructAll, holdsModules, type Registry, type Rules, registerMembers } from '../module-members.ts';
import { inPlace, may, need, note, type Operation, outcome } from '../operation.ts';
import { DictBuilder } from '../python-keys.ts';
import { showType } from '../python-repr.ts';
import { badInput, raised } from '../raise.ts';

const NOUNS: Readonly<Record<Registry, string>> = { parameters: 'parameter', buffers: 'buffer', modules: 'module' };

function checkName(registry: Registry, name: string): void {
  const noun = NOUNS[registry];
  if (name.includes('.'))
    throw raised(
      'torch',
      'KeyError',
      registry === 'modules' ? `module name can't contain ".", got: ${name}` : `${noun} name can't contain "."`,
    );
  if (name === '') throw raised('torch', 'KeyError', `${noun} name can't be empty string ""`);
}

const rulesAt = (path: string, problems: Problem[]): Rules => ({
  check: checkName,
  unsets: ['parameters', 'modules', 'buffers'],
  claim(to, name, held, unset) {
    if ((to === 'buffers' || unset) && held.size > 0)
      throw raised('torch', 'KeyError', `attribute '${name}' already exists`);
    if (to === 'modules' && held.has('parameters')) throw refuse('Module', 'parameter', name);
    return [...held];
  },
  assign(name, value, held) {
    if (held) throw refuse(showType(value), held === 'modules' ? 'child module' : NOUNS[held], name);
    if (holdsModules(value))
      problems.push(
        note('not-registered', `${path + name} is a plain attribute: modules in it are not in the state dict.`),
      );
  },
});

const refuse = (type: string, as: string, name: string): Error =>
  raised(
    'torch',
    'TypeError',
    `cannot assign '${type}' as ${as} '${name}' (torch.nn.${as === 'parameter' ? 'Parameter' : 'Module'} or None expected)`,
  );

interface Collected {
  readonly state: Dict;
  readonly metadata: Dict;
  readonly problems: readonly Problem[];
}

/** Parameters, persistent buffers, extra state, then children; None and what is not persistent are left out. */
function collect(root: Module, prefix: string, destination: Dict | undefined): Collected {
  const state = new DictBuilder('torch', destination);
  const metadata = new DictBuilder('torch');
  const problems: Problem[] = [];
  const homes = new Map<Datum, string[]>();
  const add = (key: string, held: Datum, value: Datum): void => {
    state.set(key, value);
    homes.set(held, [...(homes.get(held) ?? []), key]);
  };
  constructAll(root, rulesAt('', []));
  const visit = (module: Module, path: string): void => {
    metadata.set(path.slice(0, -1), dict([['version', module.version ?? 1n]]));
    const registered = registerMembers(module, rulesAt(path, problems));
    for (const [name, parameter] of registered.parameters)
      if (isTagged(parameter) && parameter.kind === 'parameter') add(path + name, parameter, parameter.value);
    for (const [name, buffer] of registered.buffers)
      if (isTagged(buffer) && buffer.kind === 'buffer' && buffer.persistent && buffer.value !== null)
        add(path + name, buffer, buffer.value);
    if (module.extraState !== undefined) state.set(`${path}_extra_state`, module.extraState);
    for (const [name, child] of registered.modules) if (isModule(child)) visit(child, `${path}${name}.`);
  };
  visit(root, prefix);
  for (const keys of homes.values())
    if (keys.length > 1) problems.push(note('tied', `${keys.join(', ')} are one tensor.`));
  return { state: state.finish(), metadata: metadata.finish(), problems };
}

const ARGS = [
  need('module', 'a declared module'),
  may('destination', 'a dict to fill'),
  may('prefix', 'put before every key'),
];

export const TORCH_OPERATIONS: readonly Operation[] = [
  {
    id: 'torch.state_dict',
    system: 'torch',
    summary: 'The flat state dict of a declared module',
    args: ARGS,
    run: (args) => {
      const given = args.optional('destination');
      if (given !== undefined && !isDict(given)) throw badInput('"destination" has to be an object');
      const { state, problems } = collect(moduleOf(args), args.textOr('prefix', ''), given);
      return outcome(state, given ? [...problems, inPlace('torch', 'destination', 'it')] : problems);
    },
  },
  {
    id: 'torch.metadata',
    system: 'torch',
    summary: 'The _metadata attribute of the state dict: a version for each module',
    args: [need('module', 'a declared module'), may('prefix', 'put before every key')],
    run: (args) => outcome(collect(moduleOf(args), args.textOr('prefix', ''), undefined).metadata),
  },
  {
    id: 'torch.consume_prefix_in_state_dict_if_present',
    system: 'torch',
    summary: 'Keys without a prefix; those that had it move to the end',
    args: [need('state_dict', 'a state dict'), need('prefix', 'module.')],
    run: (args) => {
      const prefix = args.text('prefix');
      const has = ([key]: Pair) => typeof key === 'string' && key.startsWith(prefix);
      const { items } = args.dict('state_dict');
      const left = new DictBuilder('torch', dict(items.filter((pair) => !has(pair))));
      for (const [key, value] of items.filter(has)) left.set(String(key).slice(prefix.length), value);
      return outcome(left.finish(), [inPlace('torch', 'state_dict', 'None')]);
    },
  },
];
