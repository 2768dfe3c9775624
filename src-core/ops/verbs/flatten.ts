import { changeState } from '../../model/change-state.ts';
import { KEY_SYNTAXES } from '../../model/keys/recognise.ts';
import type { Entry, EntryId, StateDict } from '../../model/state-dict.ts';
import { readArgs } from '../args.ts';
import type { Op } from '../op.ts';
import { whyNotText } from '../text-keys.ts';

/** Writes the keys of a text document whole (`"a.b" = …`) instead of in tables, as msgflux wants them. */
export const flatten: Op<object> = {
  id: 'flatten',
  title: () => 'Write keys whole',
  parse: (args) => readArgs('flatten', args, {}),
  check(state) {
    const why = whyNotText(state);
    if (why) return why;
    const seen = new Set<string>();
    for (const { path } of entriesOf(state)) {
      const key = path.parts.join('.');
      if (key === '') return { kind: 'bad-input', detail: 'flatten: an entry has no key' };
      if (seen.has(key)) return { kind: 'bad-input', detail: `flatten: two entries would be called ${key}` };
      seen.add(key);
    }
    return undefined;
  },
  apply(state) {
    if (state.layout === 'flat') return state;
    const replace = new Map<EntryId, Entry>();
    for (const entry of entriesOf(state)) {
      const key = entry.path.parts.join('.');
      replace.set(entry.id, { ...entry, key, path: KEY_SYNTAXES.dotted.parse(key) });
    }
    return { ...changeState(state, { replace }), layout: 'flat' };
  },
};

const entriesOf = ({ entries }: StateDict): Entry[] =>
  Array.from({ length: entries.length }, (_, row) => entries.at(row));
