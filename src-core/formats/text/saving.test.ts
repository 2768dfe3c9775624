import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../../base/errors.ts';
import { changeState } from '../../model/change-state.ts';
import type { Entry, JsonNode, StateDict, Value } from '../../model/state-dict.ts';
import { decodeText } from './decode.ts';
import { interpret } from './interpret.ts';
import { isSameNode, nodeOf } from './json-node.ts';
import { scanJson } from './json-scan.ts';
import { entriesOf, openText, renameKeys, renameLast, saveEdited, TEXT_FILES } from './saving.fixture.ts';
import { scanToml } from './toml-scan.ts';
import { isInOnePlace } from './tree-change.ts';
import { scanYaml } from './yaml-scan.ts';

type Bytes = Uint8Array<ArrayBuffer>;
const decode = (bytes: Bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

/** Another value of the same type. */
function otherValue(value: Value): Value {
  switch (value.type) {
    case 'text':
      return { type: 'text', text: `${[...value.text].slice(1).join('')} "new"\n\\ é\t🧠` };
    case 'int':
      return { type: 'int', digits: '18446744073709551617' };
    case 'float':
      return { type: 'float', value: value.value === 0.25 ? 0.5 : 0.25 };
    case 'bool':
      return { type: 'bool', value: !value.value };
    case 'null':
      return { type: 'text', text: 'no longer nothing' };
    case 'empty':
      return value.of === 'list'
        ? { type: 'json', json: { kind: 'array', items: [NEW] } }
        : { type: 'text', text: 'x' };
    case 'json':
      return { ...value, json: otherNode(value.json) };
    default:
      throw new Error(value.type);
  }
}

const NEW: JsonNode = { kind: 'string', value: 'new' };

function otherNode(json: JsonNode): JsonNode {
  if (json.kind === 'array') return { kind: 'array', items: [...json.items.slice(1), NEW] };
  if (json.kind === 'literal') return { kind: 'literal', lexeme: '2001-02-03', what: 'local-date' };
  if (json.kind !== 'object') return NEW;
  // Not the first, which says what the object is.
  const [first, ...rest] = json.members;
  return { kind: 'object', members: first ? [first, ['new', NEW], ...rest.slice(1)] : [] };
}

/** Where the value of a row stands; undefined for tables, which stand here and there. */
function placesOf(bytes: Bytes, name: string): ({ start: number; end: number } | undefined)[] {
  const { source } = decodeText(bytes, name, 'text');
  if (!/\.(json|toml|ya?ml)$/.test(name)) return [{ start: 0, end: source.text.length }];
  const { root } = (name.endsWith('.toml') ? scanToml : name.endsWith('.json') ? scanJson : scanYaml)(source);
  return interpret(root).drafts.map(({ node }) => (isInOnePlace(node) ? node : undefined));
}

function expectOnlyThere(before: string, after: string, { start, end }: { start: number; end: number }): void {
  expect(after.slice(0, start)).toBe(before.slice(0, start));
  const tail = before.length - end;
  expect(tail === 0 ? '' : after.slice(-tail)).toBe(before.slice(end));
}

function expectSame(got: StateDict, wanted: StateDict): void {
  const sorted = (state: StateDict) =>
    entriesOf(state).toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const [a, b] = [sorted(got), sorted(wanted)];
  expect(a.map(({ key }) => key)).toEqual(b.map(({ key }) => key));
  const ordered = got.format !== 'toml';
  for (const [i, { key, value }] of a.entries()) {
    const [x, y] = [nodeOf(value), nodeOf(b[i]!.value)];
    const isSame = x !== undefined && y !== undefined && isSameNode(x, y, { numbers: 'value', ordered });
    expect(isSame, `${key}: ${JSON.stringify(value)} for ${JSON.stringify(b[i]!.value)}`).toBe(true);
  }
}

/** What is written; undefined for an edit that is refused. */
async function attempt(bytes: Bytes, name: string, before: StateDict, after: StateDict): Promise<string | undefined> {
  try {
    const saved = await saveEdited(bytes, name, before, after);
    expectSame(await openText(saved.bytes, name), after);
    return saved.text;
  } catch (error) {
    if (!(error instanceof StateglassError)) throw error;
    expect(error.info).toMatchObject({ kind: 'unsupported', detail: expect.not.stringContaining('could not be read') });
    return undefined;
  }
}

const withoutId = ({ id: _, source: __, ...entry }: Entry) => entry;
const isBare = (name: string) => name === 'text.json' || !/\.(json|toml|ya?ml)$/.test(name);
/** Without these, or with a whole one under a name of its own, a program is none of DSPy's. */
const isOfDspy = ({ dialect }: StateDict, { key }: Entry) =>
  dialect === 'dspy' && /(?:^|\.)(?:traces|demos|lm)$/.test(key);

/** Written once for several, by an anchor of YAML, or beside such a one: what changes for one alone cannot always be written. */
const isShared = ({ shares, entries }: StateDict, entry: Entry) =>
  shares.some(({ owner, aliases }) =>
    [owner, ...aliases].some((id) => entries.at(id).path.parts[0] === entry.path.parts[0]),
  );

describe.each(TEXT_FILES)('%s', (name, bytes) => {
  const copy = { kind: 'copy', file: name, offset: 0, length: bytes.length };

  it('is one copy without an edit, and when an edit says what is there', async () => {
    const state = await openText(bytes, name);
    expect((await saveEdited(bytes, name, state, state)).parts).toEqual([copy]);
    const replace = new Map(entriesOf(state).map((entry) => [entry.id, structuredClone(withoutId(entry))]));
    expect((await saveEdited(bytes, name, state, changeState(state, { replace }))).parts).toEqual([copy]);
  });

  it('takes another value of every entry, and is different nowhere else', async () => {
    const state = await openText(bytes, name);
    const places = placesOf(bytes, name);
    for (const entry of entriesOf(state)) {
      const value = otherValue(entry.value);
      const after = changeState(state, { replace: new Map([[entry.id, { ...withoutId(entry), value }]]) });
      const text = await attempt(bytes, name, state, after);
      if (isShared(state, entry)) continue;
      expect(text, entry.key).not.toBeUndefined();
      const place = places[entry.id];
      if (place) expectOnlyThere(decode(bytes), text ?? '', place);
    }
  });

  it('loses each entry, gives each another name, takes a copy of each', async () => {
    const state = await openText(bytes, name);
    for (const entry of entriesOf(state)) {
      const isItem = typeof entry.path.parts.at(-1) === 'number';
      const isBound = isBare(name) || isOfDspy(state, entry) || isShared(state, entry);
      const without = changeState(state, { remove: new Set([entry.id]) });
      // Those behind it in the list would have other positions.
      const isInList = entry.path.parts.some((part) => typeof part === 'number');
      if ((await attempt(bytes, name, state, without)) === undefined)
        expect([isBound, isInList], entry.key).toContain(true);
      const renamed = changeState(state, { replace: new Map([[entry.id, renameLast(entry, 're-named')]]) });
      if ((await attempt(bytes, name, state, renamed)) === undefined)
        expect([isBound, isItem], entry.key).toContain(true);
      const copied = changeState(state, { add: [renameLast(entry, 'copied')] });
      if ((await attempt(bytes, name, state, copied)) === undefined)
        expect([isBound, isItem], entry.key).toContain(true);
    }
  });
});

/** One random act; `pick` chooses the entry. */
interface RandomAct {
  readonly act: 'set' | 'delete' | 'rename' | 'rename module' | 'add';
  readonly pick: number;
  readonly name: string;
  readonly value: Value;
}

const VALUES: fc.Arbitrary<Value> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((text): Value => ({ type: 'text', text })),
  fc.stringMatching(/^["'\\\r\n #a]{0,12}$/).map((text): Value => ({ type: 'text', text })),
  fc.bigInt().map((digits): Value => ({ type: 'int', digits: digits.toString() })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value): Value => ({ type: 'float', value })),
  fc.boolean().map((value): Value => ({ type: 'bool', value })),
  fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 4 }).map((texts): Value => {
    const items = texts.map((value): JsonNode => ({ kind: 'string', value }));
    return { type: 'json', json: { kind: 'array', items } };
  }),
);
const ACTS: fc.Arbitrary<RandomAct> = fc.record({
  act: fc.constantFrom('set', 'delete', 'rename', 'rename module', 'add'),
  pick: fc.nat(),
  name: fc.oneof(fc.stringMatching(/^[a-z]{2,6}$/), fc.stringMatching(/^[a-z é"'\\\]]{1,6}$/)),
  value: VALUES,
});

function apply(state: StateDict, { act, pick, name, value }: RandomAct): StateDict {
  if (state.entries.length === 0) return state;
  const entry = state.entries.at(pick % state.entries.length);
  const replace = (changed: Omit<Entry, 'id' | 'source'>) =>
    changeState(state, { replace: new Map([[entry.id, withoutId({ ...changed, id: 0 })]]) });
  if (act === 'set') return replace({ ...entry, value });
  if (act === 'delete') return changeState(state, { remove: new Set([entry.id]) });
  if (act === 'rename') return replace(renameLast(entry, name));
  if (act === 'add') return changeState(state, { add: [{ ...withoutId(entry), ...renameLast(entry, name), value }] });
  const module = entry.key.split('.')[0] ?? '';
  return renameKeys((key) =>
    key.startsWith(`${module}.`) ? name.replaceAll('.', '') + key.slice(module.length) : key,
  )(state);
}

/** Everything that may stand in the way of an edit. */
const TANGLED = [
  [
    'tangled.toml',
    '# head\r\na.b.c = 1 # abc\r\n"x.y" = \'raw\'\r\na.b.d = { p = 1, q.r = [ 1, 2 ], q.s = "t" } # abd\r\nf = "[not a table]"\r\n\r\n' +
      '[t.u.v] # tuv\r\n  k = """\r\n[not a table]\r\n"""\r\n  m = [\r\n    1, # one\r\n    2\r\n  ]\r\n[t]\r\nw.z = true\r\n\r\n' +
      '[[l]]\r\np = 1\r\n[[l.i]]\r\nn = 1\r\n[[l.i]]\r\nn = 2\r\n[[l]]\r\n[l.o]\r\nq = 2 # q\r\n\r\n# about e\r\n[ e . "g h" ]\r\n[t.empty]',
  ],
  [
    'tangled.json',
    '// head\n{ "a": {"b": [ ], "c" : [{"d": 1 /* one */ , "e": null,},\n {}]}, // behind\n\t"f": /* before */ "g\\u0000\\/",\n' +
      '  /* { */ "h": {\n    "i": [1, 2, // two\n      3\n    ], "j": {"k": -0.0}\n  },\n"": {"": {"l.m": true}}, "n": NaN,}\n// end',
  ],
  [
    'tangled.yaml',
    "# head\n\"a b\": 'it''s' # ab\nc:   # in c\n- one\n-   - two # t\n    - |-\n      three\n- k: >\n    folded\n    text\n\n    end\n  l: [ 1, 'x' , {y: z,} ] # l\n" +
      'd:\n      deep: {e: , f: "g\\\n        h"}\n\n      # about i\n      i:\n      - !t j\n? k\n: v\nm: plain\n  goes on\n\nn: |+ # kept\n  x\n\no: ~\n# end',
  ],
].map(([name = '', text]): readonly [string, Bytes] => [name, new TextEncoder().encode(text)]);

/** These are tried as often as all the others together. */
const EDITED = fc.oneof(fc.constantFrom(...TEXT_FILES.filter(([name]) => !isBare(name))), fc.constantFrom(...TANGLED));

describe('any edits one after the other', () => {
  it('are written and read again, or refused', async () => {
    let written = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(EDITED, fc.array(ACTS, { minLength: 1, maxLength: 5 }), async (file, acts) => {
        const [name, bytes] = file;
        const before = await openText(bytes, name);
        const text = await attempt(bytes, name, before, acts.reduce(apply, before));
        if (text === undefined) refused++;
        else written++;
        // A list takes the remarks in it along.
        const isText = ({ act, pick }: RandomAct) =>
          act === 'set' && before.entries.at(pick % before.entries.length).value.type !== 'json';
        const comments = name.endsWith('.toml') && acts.every(isText) ? (decode(bytes).match(/ # .*/g) ?? []) : [];
        for (const comment of text === undefined ? [] : comments) expect(text).toContain(comment);
      }),
      { seed: 20261127, numRuns: 300 },
    );
    expect(written).toBeGreaterThan(refused);
  }, 60_000);
});
