import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import type { Fixture } from '../formats/fixture-files.fixture.ts';
import type { Edit } from '../model/edit.ts';
import { findRow } from '../model/find-row.ts';
import { keyOfRow } from '../model/key-text.ts';
import { findPacked } from '../model/packed/find-packed.ts';
import type { StateDict } from '../model/state-dict.ts';
import { NO_SHAPE, ROW_FLAG, VALUE_ORDER } from '../model/state-dict.ts';
import { OPS } from '../ops/registry.ts';
import { attachDonor } from './donors.ts';
import { describeState, FIXTURES, listAll, openFixture as openPlain, reopen, saveAll } from './editing.fixture.ts';
import { applyEdit, type EditedDocument, moveCursor, readRecipe, revertEdit, writeRecipe } from './edits.ts';
import { checkSaved, isSavable } from './save.ts';
import { readValues } from './values.ts';

const openNamed = (path: string) => openPlain(FIXTURES.find((one) => one.path === path)!.fixture);

/** Whom edits may take values from. */
const DONORS = Promise.all(
  (
    [
      ['giver', 'pytorch/tied.bin'],
      ['words', 'text/agent-after.json'],
    ] as const
  ).map(async ([name, path]) => [name, await openNamed(path)] as const),
);

/** Documents are never changed, so that one does for all edits of it. `again` is another that was opened apart. */
function openFixture(fixture: Fixture, which: 'first' | 'again' = 'first'): Promise<EditedDocument> {
  const key = `${which} ${fixture.path}`;
  let document = opened.get(key);
  if (!document) {
    document = openWithDonors(fixture);
    opened.set(key, document);
  }
  return document;
}
const opened = new Map<string, Promise<EditedDocument>>();

const openWithDonors = async (fixture: Fixture): Promise<EditedDocument> =>
  (await DONORS).reduce((document, [name, donor]) => attachDonor(document, name, donor), await openPlain(fixture));

/** Keys that name one entry each. */
function plainKeys(state: StateDict): string[] {
  const keys = listAll(state).map(({ path }) => path.parts.join('.'));
  return keys.filter((key) => key !== '' && keys.indexOf(key) === keys.lastIndexOf(key));
}

const SETTABLE = new Set(['text', 'int', 'float', 'bool', 'null', 'json', 'empty']);

/** Args for the first tensor that takes them. */
const forTensor =
  (op: string, argsOf: (key: string, shape: readonly number[]) => object) => (state: StateDict, pick: number) => {
    const { check } = OPS.find(({ id }) => id === op)!;
    const keys = plainKeys(state);
    const from = keys.length > 0 ? pick % keys.length : 0;
    for (const key of [...keys.slice(from), ...keys.slice(0, from)].slice(0, 12)) {
      const { value } = state.entries.at(findRow(state, key)!);
      if (value.type !== 'tensor') continue;
      const args = argsOf(key, value.shape);
      if (check(state, args) === undefined) return args;
    }
    return undefined;
  };

/** An edit of each op that makes sense for a state; undefined where it has nothing to do. */
const SAMPLES: Record<string, (state: StateDict, pick: number) => unknown> = {
  'set-value': (state, pick) => {
    const keys = plainKeys(state).filter((key) =>
      SETTABLE.has(listAll(state).find(({ path }) => path.parts.join('.') === key)!.value.type),
    );
    return keys.length > 0 ? { key: keys[pick % keys.length], text: 'Say “this” instead.\nTwice. ✓' } : undefined;
  },
  rename: (state, pick) => renaming(state, pick, 'renamed'),
  'rename-rules': () => ({ rules: [{ pattern: '[aeiou]', to: '$&_' }] }),
  delete: (state, pick) => {
    const keys = plainKeys(state);
    return keys.length > 1 ? { keys: [keys[pick % keys.length]] } : undefined;
  },
  keep: (state, pick) => {
    const keys = plainKeys(state);
    return keys.length > 1 ? { keys: keys.filter((_, i) => i !== pick % keys.length) } : undefined;
  },
  duplicate: (state, pick) => renaming(state, pick, 'copy'),
  'add-entry': (_, pick) => ({ key: `added_${pick}`, json: '{"a": [1, 2.50, null]}' }),
  'set-metadata': (_, pick) => ({ key: `note_${pick % 3}`, text: `No. ${pick}` }),
  'set-role': (state, pick) => {
    const keys = plainKeys(state);
    return keys.length > 0 ? { key: keys[pick % keys.length], role: 'buffer' } : undefined;
  },
  'set-roles': (state, pick) => {
    const keys = plainKeys(state);
    const roles = [{ keys: keys.slice(pick % 2, 3), role: 'variable', spec: 'BatchStat' }];
    return keys.length > 1 ? { roles, guess: true } : undefined;
  },
  'set-elements': forTensor('set-elements', (key, shape) => ({ key, slice: shape.map(() => '0').join(), values: 1 })),
  fill: forTensor('fill', (key, shape) => ({ key, slice: shape.map(() => '1:').join(), with: 'ones' })),
  cast: forTensor('cast', (key) => ({ keys: [key], dtype: 'bf16' })),
  'view-as': forTensor('view-as', (key) => ({ keys: [key], dtype: 'i32' })),
  affine: forTensor('affine', (key) => ({ keys: [key], scale: 0.5, shift: 1 })),
  reshape: forTensor('reshape', (key) => ({ key, shape: [1, -1] })),
  transpose: forTensor('transpose', (key, shape) => ({ key, axes: shape.map((_, axis) => -1 - axis) })),
  'slice-tensor': forTensor('slice-tensor', (key, shape) => ({ key, slice: shape.map(() => ':2').join() })),
  // Small, or two hundred of them would grow without end.
  pad: forTensor('pad', (key, shape) => ({
    key,
    before: shape.map((dim) => (dim < 4 ? 1 : 0)),
    after: shape.map(() => 0),
  })),
  take: (state, pick) => {
    const keys = plainKeys(state);
    const [donor, from] = state.storages.size > 0 ? ['giver', 'wte.weight'] : ['words', 'triage.instructions'];
    return { key: pick % 2 === 0 ? `taken_${pick}` : (keys[pick % keys.length] ?? 'taken'), donor, from };
  },
  'take-all': (state, pick) =>
    state.storages.size > 0 ? { donor: 'giver', to: `all_${pick}`, from: '' } : { donor: 'words', query: 'triage' },
  'weighted-sum': forTensor('weighted-sum', (key) => ({ keys: [key], weight: 0.5, others: [{ key, weight: 0.25 }] })),
  'bake-lora': (state) => {
    const args = { alpha: 'rank', partial: true };
    const { check } = OPS.find(({ id }) => id === 'bake-lora')!;
    return check(state, args) === undefined ? args : undefined;
  },
  unpack: (state) => {
    const keys = findPacked(state).flatMap(({ key, plan }) => (plan ? [key] : []));
    return keys.length > 0 ? { keys } : undefined;
  },
  tie: (state, pick) => {
    const { check } = OPS.find(({ id }) => id === 'tie')!;
    const keys = plainKeys(state);
    for (let i = 0; i < Math.min(keys.length, 12); i++) {
      const args = { keys: [keys[(pick + i) % keys.length], keys[(pick + i + 1) % keys.length]] };
      if (args.keys[0] !== args.keys[1] && check(state, args) === undefined) return args;
    }
    return undefined;
  },
  untie: (state, pick) => {
    const tied = state.shares[pick % Math.max(1, state.shares.length)];
    const key = tied && listAll(state)[tied.aliases[0]!]!.path.parts.join('.');
    const args = { keys: [key] };
    return key !== undefined && OPS.find(({ id }) => id === 'untie')!.check(state, args) === undefined
      ? args
      : undefined;
  },
  'add-tensor': (state, pick) => {
    const args = { key: `tensor_${pick}`, dtype: 'bf16', shape: [2, 3], with: 'ones' };
    return findRow(state, args.key) === undefined ? args : undefined;
  },
  flatten: (state) => (OPS.find(({ id }) => id === 'flatten')!.check(state, {}) === undefined ? {} : undefined),
  nest: (state) => (OPS.find(({ id }) => id === 'nest')!.check(state, {}) === undefined ? {} : undefined),
};

function renaming(state: StateDict, pick: number, word: string) {
  const keys = plainKeys(state);
  if (keys.length === 0) return undefined;
  const key = keys[pick % keys.length] as string;
  return { key, to: `${key}_${word}${pick}` };
}

/** What holds for every state, edited or not. All rows are held to their columns at once: an `expect` of each takes most of the time. */
function expectWhole({ state }: EditedDocument): void {
  const entries = listAll(state);
  const columns = state.entries.columns();
  expect(columns.count).toBe(entries.length);
  const inColumns = entries.map((_, row) => {
    const shape = columns.shape[row]!;
    const declared = shape !== NO_SHAPE && [columns.dtypes[columns.dtype[row]! - 1], columns.shapes[shape]];
    return [row, keyOfRow(columns, row), VALUE_ORDER[columns.types[row]!], declared];
  });
  const inEntries = entries.map(({ id, path, value }) => {
    const declared = value.type === 'tensor' && !value.undeclared && [value.dtype, value.shape];
    return [id, path.parts.join('.'), value.type, declared];
  });
  expect(JSON.stringify(inColumns)).toBe(JSON.stringify(inEntries));
  const sources = entries.flatMap(({ source }) => (typeof source === 'number' ? [source] : []));
  expect(new Set(sources).size).toBe(sources.length);
  for (const { owner, aliases } of state.shares) {
    expect(aliases.length).toBeGreaterThan(0);
    for (const row of [owner, ...aliases]) {
      expect(row).toBeLessThan(entries.length);
      expect(columns.flags[row]! & ROW_FLAG.tied).not.toBe(0);
    }
    expect(columns.flags[owner]! & ROW_FLAG.alias).toBe(0);
  }
  for (const { entry } of state.problems) if (entry !== undefined) expect(entry).toBeLessThan(entries.length);
}

test('every op has a sample', () => {
  expect(Object.keys(SAMPLES).sort()).toEqual(OPS.map(({ id }) => id).sort());
});

describe.each(FIXTURES)('$path', ({ fixture }) => {
  it.each(OPS.map(({ id }) => id))('%s is pure, repeats from JSON and is undone', async (op) => {
    const document = await openFixture(fixture);
    const args = SAMPLES[op]!(document.state, 1);
    if (args === undefined) return;
    const before = describeState(document.state);
    const edit: Edit = { op, args };
    const edited = applyEdit(document, edit);
    expectWhole(edited);
    expect(describeState(document.state)).toBe(before);
    const again = applyEdit(await openFixture(fixture, 'again'), JSON.parse(JSON.stringify(edit)) as Edit);
    expect(describeState(again.state)).toBe(describeState(edited.state));
    const undone = moveCursor(edited, 0);
    expect(undone.state).toBe(document.state);
    expect(describeState(moveCursor(undone, 1).state)).toBe(describeState(edited.state));
    expect(edited.log.edits.at(-1)?.title ?? 'Nothing').not.toBe('');
  });

  it.each(OPS.map(({ id }) => id))('%s survives being saved and opened again, or is refused by name', async (op) => {
    const document = await openFixture(fixture);
    const args = SAMPLES[op]!(document.state, 1);
    if (args === undefined || !(await isSavable(document))) return;
    const edited = applyEdit(document, { op, args });
    if (edited === document) return;
    const files = await saveAll(edited).catch((error: unknown) => error);
    if (!(files instanceof Map)) {
      expect(files).toBeInstanceOf(StateglassError);
      const { info } = files as StateglassError;
      expect(['unsupported', 'not-found', 'bad-input']).toContain(info.kind);
      return;
    }
    const again = await reopen(files);
    checkSaved(edited, again);
    // What is computed for the file is what the page shows of the edit.
    for (const { id, key, value } of listAll(edited.state)) {
      if (value.type !== 'tensor' || edited.state.storages.get(value.storage ?? -1)?.data.kind !== 'derived') continue;
      const row = listAll(again.state).findIndex((entry) => entry.key === key);
      const [shown, saved] = await Promise.all([readValues(edited, id), readValues(again, row)]);
      expect(saved.values).toEqual(shown.values);
    }
  });
});

test('random edits, undos and redos end where the edits that hold lead', async () => {
  const fixtures = ['safetensors/tiny.safetensors', 'text/msgflux.toml', 'pytorch/tied.bin'];
  const chosen = FIXTURES.filter(({ path }) => fixtures.includes(path));
  expect(chosen.length).toBeGreaterThan(0);
  const step = fc.record({ act: fc.integer({ min: 0, max: OPS.length + 3 }), pick: fc.nat(50) });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...chosen),
      fc.array(step, { minLength: 200, maxLength: 200 }),
      async ({ fixture }, steps) => {
        const opened = await openFixture(fixture);
        let document = opened;
        for (const { act, pick } of steps) {
          const op = OPS[act]?.id;
          if (op === undefined) {
            const by = act % 2 === 0 ? -1 - (pick % 3) : 1 + (pick % 3);
            document = moveCursor(document, document.log.cursor + by);
            continue;
          }
          const args = SAMPLES[op]!(document.state, pick);
          if (args === undefined || OPS[act]!.check(document.state, args)) continue;
          document = applyEdit(document, { op, args });
        }
        expectWhole(document);
        let replayed = opened;
        for (const edit of readRecipe(writeRecipe(document))) replayed = applyEdit(replayed, edit);
        expect(describeState(replayed.state)).toBe(describeState(document.state));
      },
    ),
    { numRuns: 6, seed: 20261127 },
  );
});

test('an edit in the middle is taken out; one that others build on is not', async () => {
  const { fixture } = FIXTURES.find(({ path }) => path.endsWith('.safetensors'))!;
  const document = await openFixture(fixture);
  const [a, b] = plainKeys(document.state) as [string, string];
  let edited = applyEdit(document, { op: 'rename', args: { key: a, to: 'first' } });
  edited = applyEdit(edited, { op: 'rename', args: { key: b, to: 'second' } });
  edited = applyEdit(edited, { op: 'rename', args: { key: 'second', to: 'third' } });
  expect(() => revertEdit(edited, 1)).toThrow(/second/);
  const reverted = revertEdit(edited, 0);
  expect(plainKeys(reverted.state)).toEqual(plainKeys(edited.state).map((key) => (key === 'first' ? a : key)));
  expect(reverted.log.edits.map(({ title }) => title)).toEqual([`Rename ${b} to second`, 'Rename second to third']);
});

test('what cannot be done says why, and changes nothing', async () => {
  const { fixture } = FIXTURES.find(({ path }) => path.endsWith('.safetensors'))!;
  const document = await openFixture(fixture);
  const [a, b] = plainKeys(document.state) as [string, string];
  const attempts: [Edit, RegExp][] = [
    [{ op: 'rename', args: { key: a, to: b } }, /there already/],
    [{ op: 'rename', args: { key: `${a}x`, to: 'y' } }, new RegExp(`did you mean .*${a.replaceAll('.', '\\.')}`)],
    [{ op: 'rename-rules', args: { rules: [{ pattern: '.*', to: 'same' }] } }, /two entries would be called same/],
    [{ op: 'rename-rules', args: { rules: [{ pattern: '(', to: '' }] } }, /no regular expression/],
    [{ op: 'rename-rules', args: { rules: [{ pattern: 'a', to: '', flags: 'g' }] } }, /flags can be i, not g/],
    [{ op: 'set-value', args: { key: a, text: 'words' } }, /tensor/],
    [{ op: 'delete', args: { keys: [a], query: 'x' } }, /either keys or a query/],
    [{ op: 'delete', args: { query: 'nan:true' } }, /asks for values/],
    [{ op: 'rename', args: { key: a } }, /to is missing/],
    [{ op: 'rename', args: { key: a, to: 'x', force: true } }, /no argument force/],
    [{ op: 'explode', args: {} }, /no edit is called explode/],
  ];
  for (const [edit, words] of attempts) expect(() => applyEdit(document, edit), JSON.stringify(edit)).toThrow(words);
});
