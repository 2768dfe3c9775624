import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import { readJsonText } from '../model/json-text.ts';
import { writeJson } from '../model/json-write.ts';
import { Arguments } from '../ops/systems/arguments.ts';
import { readCases } from '../ops/systems/cases.fixture.ts';
import type { Datum } from '../ops/systems/data.ts';
import { decodeDatum } from '../ops/systems/decode.ts';
import { encodeDatum } from '../ops/systems/encode.ts';
import { findOperation, SYSTEM_OPERATIONS } from '../ops/systems/run-operation.ts';
import { MSGFLUX_LOAD } from './msgflux-load.ts';
import { formatAnswer, listOperations, runOperation } from './system-operations.ts';

const CASES = readCases();
/** Cases of the systems' own semantics that have to be there, whatever else is. */
const REQUIRED =
  'MF-01 MF-02 MF-03 MF-04 MF-05 MF-11 MF-14 MF-15 MF-17 MF-20 IX-01 IX-02 IX-03 IX-04 IX-06 IX-08 IX-09 IX-11 IX-15 IX-16 ' +
  'FX-01 FX-02 FX-03 FX-04 FX-06 FX-08 FX-09 FX-10 FX-13 FX-15 FX-16 FX-17 FX-20 FX-21 FX-22 MX-01 MX-12 MX-14 MX-15 MX-19 ' +
  'MX-21 CT-01 CT-02 CT-03 CT-05 CT-07 CT-16 CT-17 PT-01 DS-01 DS-02 DS-05';

describe('the cases', () => {
  test.each(CASES.map((one) => [one.id, one] as const))('%s', async (_, { op, args, result, error, problems }) => {
    const answer = await runOperation(op, args);
    if (error) {
      expect(answer.error).toEqual({ type: error.type, message: expect.stringContaining(error.message) });
      expect(writeJson(answer.result)).toBe('null');
    } else {
      expect(answer.error).toBeNull();
      expect(writeJson(answer.result)).toBe(writeJson(encodeDatum(decodeDatum(result!))));
    }
    expect(answer.problems.map(({ code }) => code)).toEqual(problems);
    for (const { message } of answer.problems) expect(message).toMatch(/\.$/);
  });
});

test('every case that has to be there is', () => {
  const ids = new Set(CASES.map(({ id }) => id.split(' ')[0]));
  expect(REQUIRED.split(' ').filter((id) => !ids.has(id))).toEqual([]);
  expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
});

test('every operation has a case', async () => {
  const tried = new Set(CASES.map(({ op }) => op));
  expect((await listOperations()).map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([]);
});

test('what comes out can be handed in again', () => {
  for (const { id, args, result } of CASES) {
    for (const node of [args, result]) {
      if (node?.kind !== 'object') continue;
      const once = encodeDatum(decodeDatum(node));
      expect(writeJson(encodeDatum(decodeDatum(once))), id).toBe(writeJson(once));
    }
  }
});

test('a form is found wherever its name stands, and a dict with such a key is told apart', async () => {
  const answer = await runOperation('nnx.to_pure_dict', '{"state": {"a": {"value": 1, "$variable": "Param"}}}');
  expect(writeJson(answer.result)).toBe('{"a":1}');
  const dollar = await runOperation('nnx.State', '{"mapping": {"$dict": [["a", 1], ["$b", 2]]}}');
  expect(writeJson(dollar.result)).toBe('{"$dict":[["a",1],["$b",2]]}');
});

test('names are found without their system, and however their words are joined', async () => {
  const args = '{"path": ["A"]}';
  expect(await runOperation('key', args)).toEqual(await runOperation('caten.key', args));
  const module = '{"module": {"$module": "M", "members": {"w": {"$tensor": {"dtype": "f32", "shape": [1]}}}}}';
  expect(await runOperation('get_state_dict', module)).toEqual(await runOperation('caten.get-state-dict', module));
  await expect(runOperation('state_dict', module)).rejects.toThrow(
    'msgflux.state_dict, max.state_dict, torch.state_dict',
  );
});

test.each([
  ['nnx.nothing', '{}', 'op --list'],
  ['nnx.diff', '{"state": {}}', 'needs the argument "other"'],
  ['nnx.diff', '{"state": {}, "other": {}, "more": 1}', 'has no argument "more"; it has state, other'],
  ['nnx.diff', '{"state": [], "other": {}}', '"state" has to be an object, not list'],
  ['nnx.diff', '{"state": {"$thing": 1}, "other": {}}', 'no form "$thing"'],
  ['nnx.diff', '{"state": {"$variable": "Param", "values": 1}, "other": {}}', 'has no member "values"'],
  ['nnx.diff', '[]', 'have to be a JSON object'],
  ['nnx.filter_state', '{"state": {}, "filters": [{"typ": "Param"}]}', 'a filter has no "\'typ\'"'],
  ['nnx.to_pure_dict', '{"state": {}, "extract_fn": "eval"}', 'no function "eval"; there are value'],
  ['msgflux.state_dict', '{"module": {"$module": "A", "members": {"x": {"$same": "y"}}}}', 'nothing is at "y"'],
  ['msgflux.state_dict', '{"module": {"$module": "A", "members": {"x": {"$same": ""}}}}', 'contains itself'],
  ['nnx.state', '{"module": {"a": {"$same": "b"}, "b": {"$same": "a"}}}', 'contains itself'],
  ['max.quantized_shape', '{"encoding": "Q4_K", "shape": [3, 100]}', 'no whole number of Q4_K blocks'],
  ['nnx.State', '{"mapping": {"$tensor": {"dtype": "f32", "shape": [2], "data": [1]}}}', 'has 2 elements, not 1'],
  ['caten.remap', '{"keys": [], "rules": [["(", ""]]}', 'no regular expression'],
])('%s %s is no good input', async (name, args, words) => {
  await expect(runOperation(name, args)).rejects.toThrow(words);
  await expect(runOperation(name, args)).rejects.toMatchObject({ info: { kind: 'bad-input' } });
});

test('text that is no JSON is malformed, with its place', async () => {
  await expect(runOperation('nnx.diff', '{"state": }')).rejects.toMatchObject({ info: { kind: 'malformed', at: 10 } });
  await expect(runOperation('nnx.diff', '{} {}')).rejects.toBeInstanceOf(StateglassError);
});

test('an answer is one line of JSON that keeps its numbers', async () => {
  const answer = await runOperation('nnx.State', '{"mapping": {"big": 9007199254740993, "one": 1.0}}');
  expect(formatAnswer(answer)).toBe('{"result":{"big":9007199254740993,"one":1.0},"problems":[],"error":null}');
  const raised = formatAnswer(await runOperation('nnx.State', '{"mapping": 3}'));
  expect(JSON.parse(raised)).toEqual({
    result: null,
    problems: [],
    error: { type: 'TypeError', message: "'int' object is not iterable" },
  });
  expect(writeJson(readJsonText(raised, 'x'))).toBe(raised);
});

test('no operation writes into its arguments', () => {
  for (const { id, op, args } of CASES) {
    const operation = findOperation([...SYSTEM_OPERATIONS, MSGFLUX_LOAD], op);
    const given = args.kind === 'object' ? args.members : [];
    const frozen = new Map(given.map(([name, value]) => [name, freeze(decodeDatum(value))] as const));
    try {
      operation.run(new Arguments(frozen));
    } catch (error) {
      expect(error, id).toBeInstanceOf(StateglassError);
    }
  }
});

function freeze<T extends Datum>(datum: T): T {
  if (typeof datum === 'object' && datum !== null && !Object.isFrozen(datum)) {
    Object.freeze(datum);
    for (const value of Object.values(datum)) freeze(value as Datum);
  }
  return datum;
}

describe('docs/operations.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const forms = [...text.matchAll(/^\| `(\{"\$.*?\})` \|/gm)].map((match) => match[1]!);

  test.each(forms)('%s', (form) => {
    const node = readJsonText(form, 'docs');
    expect(writeJson(encodeDatum(decodeDatum(node)))).toBe(writeJson(node));
  });

  test('has an example of every form', () => {
    const source = ['decode.ts', 'decode-declaration.ts']
      .map((name) => readFileSync(join(import.meta.dirname, '../ops/systems', name), 'utf8'))
      .join('');
    const known = new Set([...source.matchAll(/case '(\$[a-z]+)'/g)].map((match) => match[1]!));
    expect([...known].filter((tag) => !forms.some((form) => form.startsWith(`{"${tag}"`)))).toEqual([]);
  });

  test('shows what collect answers', async () => {
    const [, args = '', shown = ''] = /^stateglass op collect '(.*)'\n(.*)$/m.exec(text) ?? [];
    const answer = await runOperation('collect', args);
    expect(writeJson(answer.result)).toBe(writeJson(readJsonText(shown, 'docs')));
  });
});
