import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createEngine } from '../engine/engine.ts';
import { computationOf } from './computations.ts';
import { computeDepth, type DepthPoints, depthKey, listSeries } from './depth.ts';
import { engine, type OpenedDocument, replaceEngine } from './engine.ts';
import { nodeAtPath, pathText } from './tree-labels.ts';

let gpt: OpenedDocument;
beforeAll(async () => {
  replaceEngine(createEngine());
  const name = 'char-gpt.safetensors';
  const bytes = new Uint8Array(await readFile(join(import.meta.dirname, '../../public/examples', name)));
  const { documents } = await engine().open({ files: [{ path: name, handle: { kind: 'buffer', bytes, name } }] });
  gpt = documents[0] as OpenedDocument;
});
const series = (path: string) => listSeries(gpt.tree, nodeAtPath(gpt.tree, path)!);

test('a tensor of a block is followed through all of them', () => {
  const [one, ...rest] = series('h.2.attn.c_attn.weight');
  expect(rest).toEqual([]);
  expect(one?.pattern).toBe('h.*.attn.c_attn.weight');
  expect(one?.labels).toEqual(['0', '1', '2', '3']);
  expect(one?.nodes.map((node) => pathText(gpt.tree, node))).toEqual(
    [0, 1, 2, 3].map((block) => `h.${block}.attn.c_attn.weight`),
  );
});

test('a module offers its own tensors, one that holds the blocks those of a block, and what stands alone none', () => {
  expect(series('h.1.ln_1').map(({ pattern }) => pattern)).toEqual(['h.*.ln_1.bias', 'h.*.ln_1.weight']);
  expect(series('h')).toHaveLength(12);
  expect(listSeries(gpt.tree, 0)).toEqual(series('h'));
  expect(series('wte.weight')).toEqual([]);
});

test('points over depth are the statistics of the blocks', async () => {
  const one = series('h.0.mlp.c_fc.weight')[0]!;
  await computeDepth(gpt, one, false);
  const points = computationOf<DepthPoints>(depthKey(gpt, one))?.value;
  expect(points).toHaveLength(4);
  const rows = Uint32Array.from(one.nodes, (node) => gpt.tree.entry[node]!);
  const stds: (number | undefined)[] = [];
  await engine().stats(gpt.id, rows, { onItem: ({ stats }) => stds.push(stats?.std) });
  expect(points?.map((point) => point?.stats.std)).toEqual(stds);
  const elements = 128 * 512;
  const drawn = points?.[0]?.counts.reduce((a, b) => a + b, 0) ?? 0;
  expect(drawn / elements).toBeGreaterThan(0.98);
  expect(drawn).toBeLessThanOrEqual(elements);
});
