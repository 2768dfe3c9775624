import { expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { type Assumption, Assumptions } from '../../graph/assumptions.ts';
import { GraphBuilder } from '../../graph/build.ts';
import { lowerModule } from '../../graph/lower-module.ts';
import type { ModuleNode } from '../../graph/module-node.ts';
import { chooseLowering } from '../../graph/registry.ts';
import { routeTokens } from '../../graph/router.ts';
import { toOnnx } from '../../graph/to-onnx.ts';
import { openShapes } from './open-shapes.fixture.ts';

const runner = await ortRunner(1);
const AS_THEY_ARE = { value: false, source: 'default', why: '' } as const;

/** Shares of experts for logits of each token. */
async function route(logits: readonly (readonly number[])[], config: Record<string, unknown>): Promise<number[][]> {
  const shape = [logits.length, logits[0]!.length] as const;
  const assume = new Assumptions([], { config });
  const g = new GraphBuilder(chooseLowering, assume);
  const dims = shape.map((size) => ({ size }));
  const input = g.input({ name: 'logits', dtype: 'f32', meaning: 'features', dims });
  g.output('shares', routeTokens({ path: '' } as ModuleNode, input, AS_THEY_ARE, assume, g));
  const started = await runner.start({ bytes: toOnnx(g.finish(), { weights: 'inputs' }) }, { backend: 'wasm' });
  const { shares } = await started.run({ logits: { dtype: 'f32', shape, data: Float32Array.from(logits.flat()) } }, [
    'shares',
  ]);
  await started.release();
  const all = [...(shares!.data as Float32Array)];
  return logits.map((_, i) =>
    all.slice(i * shape[1], (i + 1) * shape[1]).map((share) => Math.round(share * 1e4) / 1e4),
  );
}

test('as many experts as are asked count, of equal ones the first', async () => {
  const logits = [
    [0, 0, 0, 0],
    [1, 3, 3, 3],
    [Math.log(1), Math.log(2), Math.log(3), Math.log(4)],
  ];
  const config = { num_experts_per_tok: 2, norm_topk_prob: true };
  const halves = [
    [0.5, 0.5, 0, 0],
    [0, 0.5, 0.5, 0],
  ];
  expect(await route(logits, config)).toEqual([...halves, [0, 0, 0.4286, 0.5714]]);
  expect((await route(logits, { ...config, norm_topk_prob: false })).at(-1)).toEqual([0, 0, 0.3, 0.4]);
});

const pick = (made: readonly Assumption[], name: string) => made.find((one) => one.name === name)?.value;

test.each([
  [8, 'block_sparse_moe', 2, true],
  [60, 'mlp', 4, true],
  [128, 'mlp', 8, true],
])('without a config, of %i experts of a %s some are asked', async (count, name, some, normalised) => {
  const module = await openShapes(
    {
      [`0.${name}.gate.weight`]: [count, 4],
      [`0.${name}.experts.gate_up_proj`]: [count, 4, 4],
      [`0.${name}.experts.down_proj`]: [count, 4, 2],
    },
    `0.${name}`,
  );
  const { kind, assumptions } = lowerModule(module);
  expect(kind).toBe('MoE');
  expect([pick(assumptions, 'top_k'), pick(assumptions, 'norm_topk_prob')]).toEqual([some, normalised]);
});
