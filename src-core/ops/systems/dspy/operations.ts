import {
  type Datum,
  type Dict,
  dict,
  isDict,
  isList,
  isModule,
  isTagged,
  type Member,
  type Module,
  type Pair,
} from '../data.ts';
import { moduleOf } from '../module-argument.ts';
import { may, need, note, type Operation, outcome } from '../operation.ts';
import { DictBuilder } from '../python-keys.ts';
import { showValue } from '../python-repr.ts';

/** A Predict is DSPy's parameter: its members here are the fields of its state. */
const isPredict = (datum: Datum): datum is Module => isModule(datum) && datum.type === 'Predict';

export interface NamedPredict {
  readonly name: string;
  readonly predict: Module;
}

/**
 * `named_parameters()`: attributes in order, each Predict at its first name. Lists and dicts of them are looked into, lists
 * in lists are not; a compiled module is frozen and left out.
 */
export function listPredicts(root: Module): {
  readonly predicts: readonly NamedPredict[];
  readonly frozen: readonly string[];
} {
  const frozen: string[] = [];
  const add = (into: Map<Module, string>, name: string, value: Datum): void => {
    if (isPredict(value)) {
      if (!into.has(value)) into.set(value, name);
    } else if (isModule(value) && value.style === 'module') {
      if (value.compiled) frozen.push(name);
      else for (const [predict, below] of within(value)) add(into, `${name}.${below}`, predict);
    }
  };
  const within = (module: Module): Map<Module, string> => {
    const found = new Map<Module, string>();
    for (const [name, value] of new Map(module.members))
      for (const [suffix, item] of itemsOf(value)) add(found, name + suffix, item);
    return found;
  };
  const predicts = [...within(root)].map(([predict, name]): NamedPredict => ({ name, predict }));
  return { predicts, frozen };
}

/** The keys of a dict are put between quotes as they are. */
function itemsOf(value: Datum): readonly Member[] {
  if (isList(value)) return value.map((item, i): Member => [`[${i}]`, item]);
  if (isTagged(value) && value.kind === 'tuple') return value.items.map((item, i): Member => [`[${i}]`, item]);
  if (isModule(value) && value.style === 'list') return value.members.map(([, item], i): Member => [`[${i}]`, item]);
  if (isModule(value) && value.style === 'dict')
    return value.members.map(([key, item]): Member => [`['${key}']`, item]);
  if (isDict(value))
    return value.items.map(([key, item]): Member => [`['${typeof key === 'string' ? key : showValue(key)}']`, item]);
  return [['', value]];
}

const stateOf = (predict: Module): Dict => dict(predict.members.map(([name, value]): Pair => [name, value]));

export const DSPY_OPERATIONS: readonly Operation[] = [
  {
    id: 'dspy.dump_state',
    system: 'dspy',
    summary: 'The JSON that module.save writes, by name of each Predict',
    args: [
      need('module', 'a declared program; a Predict is {"$module": "Predict", "members": its state}'),
      may('dependency_versions', 'python, dspy and cloudpickle'),
    ],
    run: (args) => {
      const root = moduleOf(args);
      const { predicts, frozen } = listPredicts(root);
      const saved = new DictBuilder('dspy', isPredict(root) ? stateOf(root) : undefined);
      if (!isPredict(root)) for (const { name, predict } of predicts) saved.set(name, stateOf(predict));
      const versions = args.optional('dependency_versions') === undefined ? dict([]) : args.dict('dependency_versions');
      saved.set('metadata', dict([['dependency_versions', versions]]));
      return outcome(
        saved.finish(),
        frozen.map((name) => note('frozen', `${name} is compiled: DSPy keeps it frozen and leaves it out.`)),
      );
    },
  },
];
