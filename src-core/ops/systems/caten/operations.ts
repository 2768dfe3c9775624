import type { Problem } from '../../../model/state-dict.ts';
import type { Arguments } from '../arguments.ts';
import { type Datum, dict, isDict, isList, type List, type Pair } from '../data.ts';
import { moduleOf } from '../module-argument.ts';
import { may, need, type Operation, outcome, warning } from '../operation.ts';
import { DictBuilder } from '../python-keys.ts';
import { badInput } from '../raise.ts';
import { compileRules, readKeyMapper, readRules } from './keys.ts';
import { type Recogniser, slotRecogniser, walkModule } from './walk.ts';

const MODULE = need('module', 'a declared module: its members are the slots, as Lisp names them');
const RECOGNISERS = may('recognisers', 'classes with slots whose hash tables and lists count: {"MoE": ["experts"]}');
const MAPPER = may('key_mapper', 'pytorch-style-dict-key (default) or {"join": "/", "case": "upper"}');

export const CATEN_OPERATIONS: readonly Operation[] = [
  {
    id: 'caten.->state-dict',
    system: 'caten',
    summary: 'Pairs of path and tensor',
    args: [MODULE, RECOGNISERS],
    run: (args) => {
      const problems: Problem[] = [];
      const pairs = walkModule(moduleOf(args), recognisersOf(args), problems);
      return outcome(
        pairs.map(({ path, tensor }) => [path, tensor]),
        problems,
      );
    },
  },
  {
    id: 'caten.get-state-dict',
    system: 'caten',
    summary: 'The State-Dict of a declared module',
    args: [MODULE, MAPPER, RECOGNISERS],
    run: (args) => {
      const problems: Problem[] = [];
      const toKey = readKeyMapper(args.optional('key_mapper'));
      const pairs = walkModule(moduleOf(args), recognisersOf(args), problems);
      const entries = pairs.map(({ path, tensor }): Pair => [toKey(path), tensor]);
      return outcome(mergeKeys(entries, problems), problems);
    },
  },
  {
    id: 'caten.key',
    system: 'caten',
    summary: 'The key that a path gets',
    args: [need('path', 'slot names and positions'), MAPPER],
    run: (args) => outcome(readKeyMapper(args.optional('key_mapper'))(args.list('path'))),
  },
  {
    id: 'caten.remap',
    system: 'caten',
    summary: 'Keys through ordered regular expressions, by default those from GGUF to GPT-2',
    args: [
      need('keys', 'an array of keys, or a state dict'),
      may('rules', 'gpt2 (default) or an array of [pattern, replacement]'),
    ],
    run: (args) => {
      const remap = compileRules(readRules(args.optional('rules')));
      const keys = args.get('keys');
      const problems: Problem[] = [];
      if (isList(keys)) {
        const renamed = keys.map((key) => [remap(textOf(key)), null] as const);
        mergeKeys(renamed, problems);
        return outcome(
          renamed.map(([key]) => key),
          problems,
        );
      }
      if (!isDict(keys)) throw badInput('"keys" has to be an array of keys or a state dict');
      return outcome(
        mergeKeys(
          keys.items.map(([key, value]): Pair => [remap(textOf(key)), value]),
          problems,
        ),
        problems,
      );
    },
  },
];

/** `(setf gethash)`: the last of equal keys wins and the first one's place stays. */
function mergeKeys(entries: readonly Pair[], problems: Problem[]): Datum {
  const merged = new DictBuilder('caten');
  for (const [key, value] of entries) {
    if (merged.has(key))
      problems.push(
        warning('key-collision', `Two paths have the key "${String(key)}": the value of the later is kept.`),
      );
    merged.set(key, value);
  }
  return merged.finish();
}

function textOf(key: Datum): string {
  if (typeof key === 'string') return key;
  throw badInput('a key of a State-Dict is a text');
}

function recognisersOf(args: Arguments): ReadonlyMap<string, Recogniser> {
  const given = args.optional('recognisers') === undefined ? dict([]) : args.dict('recognisers');
  return new Map(
    given.items.map(([type, slots]) => {
      const names: List = isList(slots) ? slots : [slots];
      return [String(type), slotRecogniser(names.map(textOf))] as const;
    }),
  );
}
