import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MERGE_STATUSES } from '../../src-core/index.ts';
import type { EngineApi, OpenedDocument } from './api.ts';
import { createEngine } from './engine.ts';

const FIXTURE = join(import.meta.dirname, '../../src-core/fixtures/safetensors/tiny.safetensors');

async function open(engine: EngineApi, name: string): Promise<OpenedDocument> {
  const bytes = new Uint8Array(readFileSync(FIXTURE));
  const { documents } = await engine.open({ files: [{ path: name, handle: { kind: 'buffer', name, bytes } }] });
  return documents[0]!;
}

const fill = (key: string, constant: number) => ({ op: 'fill', args: { key, with: { constant } } });

test('two open documents become one, once what both changed is decided', async () => {
  const engine = createEngine();
  const [base, a, b] = await Promise.all(['base', 'a', 'b'].map((name) => open(engine, `${name}.safetensors`)));
  const sides = { base: base!.id, a: a!.id, b: b!.id };
  await engine.edit(sides.a, fill('h.0.bias', 1));
  await engine.edit(sides.b, fill('h.0.bias', 3));
  await engine.edit(sides.b, fill('h.1.bias', 3));
  const three = await engine.threeWay(sides);
  const statuses = Array.from(three.status, (code) => MERGE_STATUSES[code]);
  expect(statuses.filter((status) => status !== 'unchanged').sort()).toEqual(['b', 'conflict']);
  const request = { ...sides, three, names: { b: 'b.safetensors', base: 'base.safetensors' } };
  expect((await engine.planMerge(request)).conflicts).toMatchObject([{ key: 'h.0.bias', kind: 'changed' }]);
  await expect(engine.merge(request)).rejects.toThrow(/1 entry is not decided yet: h\.0\.bias/);
  const choices = [{ query: 'h.0', take: { kind: 'sum' as const, weight: 0.25 } }];
  const { log } = await engine.merge({ ...request, choices });
  expect(log.edits.map(({ op }) => op)).toEqual(['fill', 'take', 'weighted-sum']);
  const read = async (key: string) => {
    const [row] = await engine.filter(sides.a, key);
    return Array.from<unknown>((await engine.values({ document: sides.a, entry: row! })).values);
  };
  expect([await read('h.0.bias'), await read('h.1.bias')]).toEqual([
    [1.5, 1.5, 1.5, 1.5],
    [3, 3, 3, 3],
  ]);
  // What it took from stays with it.
  await Promise.all([engine.close(sides.b), engine.close(sides.base)]);
  expect(await engine.saveFiles(sides.a)).toHaveLength(1);
});
