import { type Datum, dict, isDict, type Pair } from '../data.ts';
import { moduleOf } from '../module-argument.ts';
import type { Registry } from '../module-members.ts';
import { inPlace, may, need, type Operation, outcome } from '../operation.ts';
import { showType } from '../python-repr.ts';
import { badInput, raised } from '../raise.ts';
import { saveState } from './save.ts';
import { checkName, collectEntries, fillDestination, uniqueParameters } from './state-dict.ts';

const MODULE = need('module', 'a declared module');

export const MSGFLUX_OPERATIONS: readonly Operation[] = [
  {
    id: 'msgflux.state_dict',
    system: 'msgflux',
    summary: 'The flat state dict of a declared module',
    args: [MODULE, may('destination', 'a dict to fill'), may('prefix', 'put before every key, dot and all')],
    run: (args) => {
      const { entries, problems } = collectEntries(moduleOf(args), args.textOr('prefix', ''));
      const given = args.optional('destination');
      if (given !== undefined && !isDict(given)) throw badInput('"destination" has to be an object');
      const filled = fillDestination(entries, given);
      return outcome(filled, given ? [...problems, inPlace('msgflux', 'destination', 'it')] : problems);
    },
  },
  {
    id: 'msgflux.roles',
    system: 'msgflux',
    summary: 'Role, spec and requires_grad of every key, which the state dict does not say',
    args: [MODULE, may('prefix', 'put before every key')],
    run: (args) => {
      const { entries, problems } = collectEntries(moduleOf(args), args.textOr('prefix', ''));
      const rows = entries.map(({ key, role, spec, requiresGrad }): Pair => {
        const fields: Pair[] = [['role', role]];
        if (role === 'parameter') fields.push(['spec', spec ?? null], ['requires_grad', requiresGrad ?? true]);
        return [key, dict(fields)];
      });
      return outcome(dict(rows), problems);
    },
  },
  {
    id: 'msgflux.named_parameters',
    system: 'msgflux',
    summary: 'Parameters by key, equal ones once',
    args: [MODULE],
    run: (args) => {
      const { entries } = collectEntries(moduleOf(args), '');
      return outcome(dict(uniqueParameters(entries).map(({ key, value }): Pair => [key, value])));
    },
  },
  {
    id: 'msgflux.check_name',
    system: 'msgflux',
    summary: 'Whether a name can be registered',
    args: [need('name', 'the name'), may('kind', 'buffer (default), parameter or module')],
    run: (args) => {
      const kind = args.textOr('kind', 'buffer');
      const registry = `${kind}s` as Registry;
      if (registry !== 'buffers' && registry !== 'parameters' && registry !== 'modules')
        throw badInput(`"kind" has to be buffer, parameter or module, not "${kind}"`);
      const name: Datum = args.get('name');
      if (typeof name !== 'string')
        throw raised('msgflux', 'TypeError', `${kind} name should be a string. Got <class '${showType(name)}'>`);
      checkName(registry, name);
      return outcome(name);
    },
  },
  {
    id: 'msgflux.save',
    system: 'msgflux',
    summary: 'The text that msgflux.save writes',
    args: [
      need('state_dict', 'a state dict'),
      need('path', 'its ending chooses JSON or TOML'),
      may('version', 'a release: 0.1.0a3 wrote TOML, 0.5.1 refuses it'),
    ],
    run: (args) => {
      const version = args.optional('version') === undefined ? undefined : args.text('version');
      const { text, problems } = saveState(args.dict('state_dict'), args.text('path'), version);
      return outcome(text, problems);
    },
  },
];
