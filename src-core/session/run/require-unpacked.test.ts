import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import { changeState, nextStorage } from '../../model/change-state.ts';
import { findNode } from '../../model/find-node.ts';
import { countPacked, findPacked } from '../../model/packed/find-packed.ts';
import type { Storage, TensorValue } from '../../model/state-dict.ts';
import { buildTree } from '../../model/tree.ts';
import { applyEdit, startEditing } from '../edits.ts';
import { openFiles } from '../open.ts';
import { openPacked } from '../packed.fixture.ts';
import { planUnpack } from '../unpack.ts';
import { describeRun } from './describe-run.ts';

const NAME = 'compressed-tensors.safetensors';
const FP8 = 'model.layers.3.q_proj';

async function describe(isUnpacked: boolean) {
  const bytes = Uint8Array.from(readFileSync(new URL(`../../fixtures/packed/${NAME}`, import.meta.url)));
  const { documents } = await openFiles([{ id: NAME, source: bufferSource(bytes, NAME) }]);
  const opened = startEditing(documents[0]!);
  const document = isUnpacked ? applyEdit(opened, { op: 'unpack', args: await planUnpack(opened) }) : opened;
  const tree = buildTree(countPacked(document.state, document.state.entries.columns()), { name: NAME });
  return describeRun(document, tree, { node: findNode(tree, FP8)! });
}

// Its weight is a matrix of numbers like any other: run as it is, it would give numbers that are wrong by the scales.
test('a linear layer of scaled 8-bit floats is not run as it is stored', async () => {
  expect(await describe(false)).toMatchObject({
    path: FP8,
    error: { kind: 'not-runnable', why: `${FP8}.weight is packed (FP8)` },
  });
  expect(await describe(true)).toMatchObject({ path: FP8, kind: 'Linear' });
});

test('of a weight that cannot be unpacked the reason is said, not that it should be', async () => {
  const opened = await openPacked('gptq.safetensors');
  const { state } = opened;
  const [weight] = findPacked(state);
  const scales = state.entries.at(weight!.parts[0]!);
  const value = { ...(scales.value as TensorValue), storage: nextStorage(state) };
  const data = { kind: 'absent', why: 'its shard is not here' } as const;
  const absent: Storage = { id: value.storage, byteLength: 64, endian: 'little', data };
  const replace = new Map([[scales.id, { ...scales, value }]]);
  const document = { ...opened, state: changeState(state, { storages: [absent], replace }) };
  const tree = buildTree(document.state.entries.columns());
  const found = await describeRun(document, tree, { node: findNode(tree, weight!.key.replace(/\.weight$/, ''))! });
  expect(found).toMatchObject({
    error: { kind: 'not-runnable', advice: expect.stringMatching(/^Its numbers cannot be made: .*is not here/) },
  });
});
