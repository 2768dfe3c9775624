import { KEY_SYNTAXES, recogniseSyntax } from '../../model/keys/recognise.ts';
import type { Problem } from '../../model/state-dict.ts';
import type { Arguments } from './arguments.ts';
import { type Datum, dict, type Pair } from './data.ts';
import { may, need, note, type Operation, outcome, warning } from './operation.ts';
import { DictBuilder } from './python-keys.ts';
import { badInput } from './raise.ts';

/** How each wrapper marks the keys below it: at the front (DDP), at any module (torch.compile), at the end (Orbax of nnx). */
const WRAPPERS: Readonly<Record<string, (key: string) => string>> = {
  'module.': (key) => key.replace(/^module\./, ''),
  '_orig_mod.': (key) => key.replace(/(^|\.)_orig_mod\./g, '$1'),
  '.value': (key) => key.replace(/\.value$/, ''),
};

export const ANY_OPERATIONS: readonly Operation[] = [
  {
    id: 'strip_wrappers',
    system: 'any',
    summary: 'Keys without module., _orig_mod. and .value',
    args: [
      need('state_dict', 'a flat state dict'),
      may('wrappers', 'which of module., _orig_mod., .value; all unless told'),
    ],
    run: (args) => {
      const problems: Problem[] = [];
      const strips = wrappersOf(args);
      const stripped = new DictBuilder('any');
      const changed = new Map<string, number>();
      for (const [key, value] of args.dict('state_dict').items) {
        let name = key;
        for (const [wrapper, strip] of strips) {
          const shorter: Datum = typeof name === 'string' ? strip(name) : name;
          if (shorter !== name) changed.set(wrapper, (changed.get(wrapper) ?? 0) + 1);
          name = shorter;
        }
        if (stripped.has(name))
          problems.push(
            warning('key-collision', `"${String(key)}" becomes "${String(name)}", which another key already is.`),
          );
        stripped.set(name, value);
      }
      for (const [wrapper, count] of changed)
        problems.push(note('stripped', `${wrapper} was taken off ${count} keys.`));
      return outcome(stripped.finish(), problems);
    },
  },
  {
    id: 'parse_key',
    system: 'any',
    summary: 'The parts of a key and what kind each is',
    args: [
      need('key', 'a key as it is stored'),
      may('syntax', 'dotted, keystr, tuple or dspy; recognised unless told'),
    ],
    run: (args) => {
      const key = args.text('key');
      const name = args.textOr('syntax', recogniseSyntax([key]).id);
      const syntax = Object.values(KEY_SYNTAXES).find((one) => one.id === name);
      if (!syntax) throw badInput(`no key syntax "${name}"; there are ${Object.keys(KEY_SYNTAXES).join(', ')}`);
      const path = syntax.parse(key);
      const toData = (parts: readonly (string | number)[]) =>
        parts.map((part) => (typeof part === 'number' ? BigInt(part) : part));
      const fields: Pair[] = [
        ['syntax', syntax.id],
        ['parts', toData(path.parts)],
        ['kinds', path.kinds],
      ];
      if (path.ambiguous) fields.push(['ambiguous', path.ambiguous.map(toData)]);
      return outcome(dict(fields));
    },
  },
];

function wrappersOf(args: Arguments): readonly (readonly [string, (key: string) => string])[] {
  if (args.optional('wrappers') === undefined) return Object.entries(WRAPPERS);
  return args.list('wrappers').map((name) => {
    const strip = typeof name === 'string' && Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
    if (!strip) throw badInput(`no wrapper "${String(name)}"; there are ${Object.keys(WRAPPERS).join(', ')}`);
    return [String(name), strip] as const;
  });
}
