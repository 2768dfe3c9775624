import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ortRunner } from '../../../cli/ort.ts';
import { findNode } from '../../model/find-node.ts';
import { findRow } from '../../model/find-row.ts';
import { buildTree } from '../../model/tree.ts';
import { openPacked, PACKED_NAMES, packedGolden } from '../packed.fixture.ts';
import { readValues } from '../values.ts';
import { unpackDocument } from '../view-unpacked.ts';
import { describeRun } from './describe-run.ts';
import { ModuleRuns } from './module-runs.ts';
import { readWeight } from './read-weight.ts';

const { modules } = JSON.parse(
  readFileSync(new URL('../../fixtures/packed/runs/linear.safetensors.json', import.meta.url), 'utf8'),
) as { modules: readonly { file: string; module: string }[] };

test('layers of packed weights give what torch gives with the weights that the library unpacks', async () => {
  const runs = new ModuleRuns(await ortRunner(1));
  const golden = await openPacked('runs/linear.safetensors');
  const read = async (key: string) => {
    const { values, shape } = await readValues(golden, findRow(golden.state, key)!);
    return { dtype: 'f32', shape, data: Float32Array.from(values as Float64Array) } as const;
  };
  for (const { file, module } of modules) {
    const name = file.slice(0, -'.safetensors'.length);
    const document = await unpackDocument(await openPacked(file, packedGolden(name).config));
    const tree = buildTree(document.state.entries.columns());
    const node = findNode(tree, module)!;
    const [input, output] = [await read(`${name}/${module}.input`), await read(`${name}/${module}.output`)];
    const answer = await runs.run(document, tree, { node, inputs: { input } });
    const { shape, data } = answer.outputs[0]!.tensor;
    expect([answer.kind, shape]).toEqual(['Linear', output.shape]);
    for (const [i, value] of output.data.entries())
      expect(Math.abs((data[i] as number) - value), `${name} ${module}`).toBeLessThan(1e-5 + 1e-4 * Math.abs(value));
    expect(answer.assumptions.filter((one) => one.name === 'weights')).toHaveLength(1);
  }
});

test('what a weight was unpacked from is a fact that is listed, for a layer and for all of them', async () => {
  const document = await unpackDocument(await openPacked('gptq.safetensors'));
  const tree = buildTree(document.state.entries.columns());
  const described = await describeRun(document, tree, { node: findNode(tree, 'model.layers.2.self_attn.q_proj')! });
  if ('error' in described) throw new Error(JSON.stringify(described.error));
  const why = 'stored as GPTQ 4-bit codes with scales';
  expect(described.assumptions).toContainEqual(
    expect.objectContaining({ path: '', name: 'weights', value: 'unpacked', source: 'file', why }),
  );
});

test('weights are read to be computed with as the library unpacks them, also where they lie the other way round', async () => {
  for (const name of PACKED_NAMES) {
    const document = await unpackDocument(await openPacked(`${name}.safetensors`, packedGolden(name).config));
    const decoded = await openPacked(`decoded/${name}.safetensors`);
    for (const key of Object.keys(packedGolden(name).weights)) {
      const [found, right] = [
        await readWeight(document, findRow(document.state, key)!),
        await readWeight(decoded, findRow(decoded.state, key)!),
      ];
      expect(
        found.map((value) => value + 0),
        `${name} ${key}`,
      ).toEqual(right.map((value) => value + 0));
    }
  }
});

test('a document is unpacked once; one in which nothing is packed is itself', async () => {
  const document = await openPacked('awq.safetensors');
  expect(await unpackDocument(document)).toBe(await unpackDocument(document));
  const plain = await openPacked('decoded/awq.safetensors');
  expect(await unpackDocument(plain)).toBe(plain);
});
