import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { readJsonText } from '../model/json-text.ts';
import { writeJson } from '../model/json-write.ts';
import type { JsonNode } from '../model/state-dict.ts';
import { openFiles } from './open.ts';
import { stateAsData } from './state-as-data.ts';
import { runOperation } from './system-operations.ts';

/** Functions of flax.nnx on states of files that flax and Orbax wrote: keys that are integers in one and texts in the other. */
const FIXTURES = join(import.meta.dirname, '../fixtures');
const golden = JSON.parse(readFileSync(join(FIXTURES, 'systems/nnx-files.json'), 'utf8'));

type Flat = readonly (readonly [path: readonly (string | number)[], numbers: readonly number[]])[];

async function stateOf(path: string): Promise<JsonNode> {
  const name = path.split('/').at(-1) as string;
  const source = bufferSource(Uint8Array.from(readFileSync(join(FIXTURES, path))), name);
  const { documents } = await openFiles([{ id: name, source }]);
  expect(documents).toHaveLength(1);
  return stateAsData(documents[0]!);
}

const [ints, texts] = [await stateOf(golden.msgpack), await stateOf(golden.orbax)];

const run = (name: string, args: Readonly<Record<string, JsonNode>>) =>
  runOperation(`nnx.${name}`, { kind: 'object', members: Object.entries(args) });
const json = (value: unknown): JsonNode => readJsonText(JSON.stringify(value), 'test');

interface Numbers {
  readonly $tensor: { readonly data: readonly number[] };
}
/** Orbax tells which are keys of random numbers. */
type Leaf = Numbers | { readonly $variable: string; readonly value: Numbers };

/** Paths and numbers, sorted as flax sorts them. */
async function flat(state: JsonNode): Promise<Flat> {
  const { result, error } = await run('to_flat_state', { state });
  expect(error).toBeNull();
  const pairs = JSON.parse(writeJson(result)) as [path: (string | number)[], leaf: Leaf][];
  return pairs.map(([path, leaf]) => [path, ('$variable' in leaf ? leaf.value : leaf).$tensor.data]);
}

const items = (node: JsonNode): readonly JsonNode[] => (node.kind === 'array' ? node.items : []);
const CONTAINS = [{ path_contains: 'norm' }, { path_contains: 'drop' }];

test('flattened, integers before texts and each as the file has it', async () => {
  expect(await flat(ints)).toEqual(golden.flat);
  expect(await flat(texts)).toEqual(golden.flatOrbax);
});

test('filtered, split with nothing left over, and merged again', async () => {
  const filtered = await run('filter_state', { state: ints, filters: json(CONTAINS) });
  expect(await Promise.all(items(filtered.result).map(flat))).toEqual(golden.filter);
  const split = await run('split_state', { state: ints, filters: json([CONTAINS[0], '...']) });
  expect(await Promise.all(items(split.result).map(flat))).toEqual(golden.split);
  const merged = await run('merge_state', { states: split.result });
  expect(await flat(merged.result)).toEqual(golden.merge);
  const { error } = await run('split_state', { state: ints, filters: json(CONTAINS) });
  expect(error).toEqual({
    type: golden.splitRaises.type,
    message: expect.stringContaining(golden.splitRaises.message.split('State')[0]),
  });
});

test('texts of Orbax become integers again, and replace what has integers; never the other way round', async () => {
  const restored = await run('restore_int_paths', { pure_dict: texts });
  expect(await flat(restored.result)).toEqual(golden.ints);
  const members = texts.kind === 'object' ? texts.members : [];
  const other: JsonNode = { kind: 'object', members: members.filter(([key]) => ['layers', 'norm'].includes(key)) };
  const replaced = await run('replace_by_pure_dict', { state: ints, pure_dict: other });
  expect(await flat(replaced.result)).toEqual(golden.replace);
  const { error } = await run('replace_by_pure_dict', { state: texts, pure_dict: ints });
  expect(error?.type).toBe(golden.replaceRaises.type);
  expect(error?.message).toContain("key in pure_dict not available in state: ('layers', 0, ");
});
