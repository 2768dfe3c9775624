import { changeState } from '../../model/change-state.ts';
import type { Entry, EntryId } from '../../model/state-dict.ts';
import { readArgs } from '../args.ts';
import type { Op } from '../op.ts';
import { whyNotText } from '../text-keys.ts';

/** Puts entries of a text document whose keys are written whole (`"a.b" = …`) into tables, one for each part before a dot. Numbers are keys like others: no lists are made of them. */
export const nest: Op<object> = {
  id: 'nest',
  title: () => 'Nest keys at their dots',
  parse: (args) => readArgs('nest', args, {}),
  check(state) {
    const why = whyNotText(state);
    if (why || state.layout === 'nested') return why;
    const keys = new Set(Array.from({ length: state.entries.length }, (_, row) => state.entries.at(row).key));
    if (keys.size < state.entries.length) return { kind: 'bad-input', detail: 'nest: two entries have the same key' };
    for (const key of keys) {
      if (key.split('.').includes(''))
        return { kind: 'bad-input', detail: `nest: a part of "${key}" would have no name` };
      for (let at = key.indexOf('.'); at >= 0; at = key.indexOf('.', at + 1))
        if (keys.has(key.slice(0, at)))
          return {
            kind: 'bad-input',
            detail: `nest: ${key.slice(0, at)} is a value, and would be the table of ${key} too`,
          };
    }
    return undefined;
  },
  apply(state) {
    if (state.layout === 'nested') return state;
    const replace = new Map<EntryId, Entry>();
    for (let row = 0; row < state.entries.length; row++) {
      const entry = state.entries.at(row);
      const parts = entry.key.split('.');
      replace.set(row, { ...entry, path: { parts, kinds: parts.map(() => 'key'), raw: null } });
    }
    return { ...changeState(state, { replace }), layout: 'nested' };
  },
};
