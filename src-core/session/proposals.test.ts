import { describe, expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { applyEdit, startEditing } from './edits.ts';
import { openFiles } from './open.ts';
import { listProposals, type Proposal } from './proposals.ts';

/** A safetensors file of empty tensors by these names. */
async function openKeys(keys: readonly string[]) {
  const header = Object.fromEntries(keys.map((key) => [key, { dtype: 'F32', shape: [0], data_offsets: [0, 0] }]));
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 8);
  const { documents } = await openFiles([{ id: 'm.safetensors', source: bufferSource(bytes, 'm.safetensors') }]);
  return startEditing(documents[0]!);
}

const editOf = (proposal: Proposal) =>
  'edit' in proposal ? proposal.edit : { op: 'rename-rules', args: { rules: proposal.rules } };

/** What a proposal makes of keys. */
async function keysAfter(keys: readonly string[], id: string): Promise<readonly string[] | undefined> {
  const document = await openKeys(keys);
  const proposal = (await listProposals(document)).find((one) => one.id === id);
  if (!proposal) return undefined;
  const { entries } = applyEdit(document, editOf(proposal)).state;
  return Array.from({ length: entries.length }, (_, row) => entries.at(row).key).sort();
}

describe('renames', () => {
  test.each([
    ['strip-module', ['module.fc.weight', 'module.fc.bias'], ['fc.bias', 'fc.weight']],
    ['strip-orig-mod', ['_orig_mod.fc.weight', 'net._orig_mod.b'], ['fc.weight', 'net.b']],
    ['strip-value', ['fc.kernel.value', 'fc.bias.value'], ['fc.bias', 'fc.kernel']],
    [
      'caten-gguf',
      ['blk.0.attn_qkv.weight', 'token_embd.weight', 'output_norm.weight', 'blk.0.ffn_up.bias'],
      ['h.0.attn.c_attn.weight', 'h.0.mlp.c_fc.bias', 'ln_f.affine', 'wte.weight'],
    ],
  ])('%s', async (id, keys, wanted) => {
    expect(await keysAfter(keys, id)).toEqual(wanted);
  });

  test('nothing is proposed that would change nothing, or make two names one', async () => {
    const document = await openKeys(['fc.weight', 'module.fc.weight', 'attention.output.weight', 'submodule.x']);
    expect(await listProposals(document)).toEqual([]);
  });
});

test('types of Variables are guessed, as guesses, and only once', async () => {
  const document = await openKeys(['dense.kernel', 'norm.mean', 'norm.var', 'dropout.key']);
  const proposal = (await listProposals(document)).find(({ id }) => id === 'guess-variables')!;
  expect(proposal.count).toBe(4);
  const edited = applyEdit(document, editOf(proposal));
  const roles = Array.from({ length: 4 }, (_, row) => {
    const { key, role, roleSource } = edited.state.entries.at(row);
    return [key, role, roleSource];
  });
  const variable = (name: string) => ({ role: 'variable', variable: name });
  expect(new Map(roles.map(([key, ...rest]) => [key, rest]))).toEqual(
    new Map([
      ['dense.kernel', [variable('Param'), 'heuristic']],
      ['norm.mean', [variable('BatchStat'), 'heuristic']],
      ['norm.var', [variable('BatchStat'), 'heuristic']],
      ['dropout.key', [variable('RngKey'), 'heuristic']],
    ]),
  );
  expect((await listProposals(edited)).map(({ id }) => id)).not.toContain('guess-variables');
});

test('one role is kept where there are others', async () => {
  const document = await openKeys(['bn.weight', 'bn.running_mean', 'bn.num_batches_tracked']);
  const ids = (await listProposals(document)).map(({ id, count }) => [id, count]);
  expect(ids).toContainEqual(['keep-buffer', 2]);
  expect(await keysAfter(['bn.weight', 'bn.running_mean', 'bn.num_batches_tracked'], 'keep-buffer')).toEqual([
    'bn.num_batches_tracked',
    'bn.running_mean',
  ]);
});
