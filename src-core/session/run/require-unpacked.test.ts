import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import { findNode } from '../../model/find-node.ts';
import { countPacked } from '../../model/packed/find-packed.ts';
import { buildTree } from '../../model/tree.ts';
import { applyEdit, startEditing } from '../edits.ts';
import { openFiles } from '../open.ts';
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
