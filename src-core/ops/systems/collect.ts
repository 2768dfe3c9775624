import type { Arguments } from './arguments.ts';
import type { Datum } from './data.ts';
import { may, need, type Operation, type SystemName } from './operation.ts';
import { badInput } from './raise.ts';
import { resolveSame } from './resolve-same.ts';
import { translate } from './translate.ts';

/** The operation of each system that makes a state dict of a declared module, and what it calls the declaration. */
const COLLECTORS: Readonly<Partial<Record<SystemName, readonly [id: string, argument: string]>>> = {
  msgflux: ['msgflux.state_dict', 'module'],
  inox: ['inox.export_state', 'tree'],
  nnx: ['nnx.state', 'module'],
  max: ['max.state_dict', 'module'],
  caten: ['caten.get-state-dict', 'module'],
  torch: ['torch.state_dict', 'module'],
  dspy: ['dspy.dump_state', 'module'],
};

/** `collect(declaration, system)`: one declaration as each system names and orders it, with that system's errors. */
export const collectOperation = (find: (id: string) => Operation): Operation => ({
  id: 'collect',
  system: 'any',
  summary: 'The state dict of a declared module in the naming and order of a system',
  args: [
    need('declaration', 'a declared module'),
    need('system', Object.keys(COLLECTORS).join(', ')),
    may('options', "more arguments of the system's own operation: prefix, filters, key_mapper…"),
  ],
  run: (args) => {
    const system = args.text('system');
    const collector = Object.hasOwn(COLLECTORS, system) ? COLLECTORS[system as SystemName] : undefined;
    if (!collector) throw badInput(`no system "${system}"; there are ${Object.keys(COLLECTORS).join(', ')}`);
    const [id, argument] = collector;
    const declaration = translate(resolveSame(args.get('declaration')), system as SystemName);
    return find(id).run(withDeclaration(args, argument, declaration));
  },
});

function withDeclaration(args: Arguments, argument: string, declaration: Datum): Arguments {
  const options = args.optional('options') === undefined ? [] : args.dict('options').items;
  return args.derive([...options.map(([name, value]) => [String(name), value] as const), [argument, declaration]]);
}
