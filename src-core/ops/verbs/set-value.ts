import { type ErrorInfo, toErrorInfo } from '../../base/errors.ts';
import { changeState } from '../../model/change-state.ts';
import { readJsonText } from '../../model/json-text.ts';
import type { EntryId, StateDict, Value } from '../../model/state-dict.ts';
import { valueOfJson } from '../../model/value-of-json.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { findKey } from '../find-rows.ts';
import type { Op } from '../op.ts';

const SPEC = { key: 'text', text: 'text?', json: 'text?' } as const;
export type SetValueArgs = ArgsOf<typeof SPEC>;

/** Puts a text, or another value written as JSON, in the place of what an entry holds. */
export const setValue: Op<SetValueArgs> = {
  id: 'set-value',
  title: ({ key }) => `Set ${key}`,
  parse: (args) => readArgs('set-value', args, SPEC),
  check(state, args) {
    const row = findKey(state, args.key);
    if (typeof row !== 'number') return row;
    const { value } = state.entries.at(row);
    if (value.type === 'tensor' || value.type === 'bytes' || value.type === 'opaque')
      return { kind: 'bad-input', detail: `${args.key} is ${value.type}: its value is no text and no JSON` };
    const next = readValue(args);
    return 'kind' in next ? next : undefined;
  },
  apply(state, args) {
    const row = findKey(state, args.key) as EntryId;
    const entry = state.entries.at(row);
    const value = keepFlavour(entry.value, readValue(args) as Value);
    return isSame(entry.value, value) ? state : replaceValue(state, row, value);
  },
};

/** The value that args stand for, or why they stand for none. */
export function readValue({ text, json }: { readonly text?: string; readonly json?: string }): Value | ErrorInfo {
  if ((text === undefined) === (json === undefined))
    return { kind: 'bad-input', detail: 'either a text or a JSON value is set' };
  if (text !== undefined) return { type: 'text', text };
  try {
    return valueOfJson(readJsonText(json as string, 'value'));
  } catch (error) {
    return toErrorInfo(error);
  }
}

export function replaceValue(state: StateDict, row: EntryId, value: Value): StateDict {
  return changeState(state, { replace: new Map([[row, { ...state.entries.at(row), value }]]) });
}

/** A list stays what the file called it: a tuple, a set, a demo. */
function keepFlavour(before: Value, after: Value): Value {
  if (before.type !== 'json' || after.type !== 'json' || before.json.kind !== after.json.kind) return after;
  return before.flavour === undefined ? after : { ...after, flavour: before.flavour };
}

const isSame = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b);
