import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import { runPickle } from '../../bytes/pickle/machine.ts';
import { type Entry, ROW_FLAG, type StateDict } from '../../model/state-dict.ts';
import { type Flat, flatten } from './flatten.ts';
import { read } from './read.ts';
import { StorageTable } from './storages.ts';

async function open(name: string): Promise<{ state: StateDict; get: (key: string) => Entry }> {
  const source = bufferSource(
    new Uint8Array(readFileSync(join(import.meta.dirname, '../../fixtures/pytorch', name))),
    name,
  );
  const result = await read({ id: name, source, files: new Map(), set: [name] });
  if ('decline' in result) throw new Error(result.decline);
  const { state } = result;
  const entries = Array.from({ length: state.entries.length }, (_, row) => state.entries.at(row));
  return { state, get: (key) => entries.find((entry) => entry.key === key)! };
}

function flat(pickle: string): Flat {
  const { root } = runPickle(
    Uint8Array.from(pickle, (char) => char.charCodeAt(0)),
    { file: 'x' },
  );
  return flatten(root, { file: 'x', table: new StorageTable(() => undefined), place: () => undefined });
}

describe('paths', () => {
  it('takes the names of a state dict apart, and keeps them', async () => {
    const { state, get } = await open('module-state.pt');
    expect(state.layout).toBe('flat');
    expect(get('head.0.weight').path).toEqual({
      parts: ['head', '0', 'weight'],
      kinds: ['unknown', 'unknown', 'unknown'],
      raw: 'head.0.weight',
    });
    expect(state.nodes.get('')).toMatchObject({ container: 'OrderedDict' });
    expect(state.nodes.get('bn')).toEqual({ version: '2' });
  });

  it('nests a checkpoint, and takes apart the state dicts in it', async () => {
    const { state, get } = await open('lightning.ckpt');
    expect(state.layout).toBe('nested');
    expect(get('state_dict.model.head.0.weight').path).toEqual({
      parts: ['state_dict', 'model', 'head', '0', 'weight'],
      kinds: ['key', 'unknown', 'unknown', 'unknown', 'unknown'],
      raw: null,
    });
    expect(get('optimizer_states.0.state.1.exp_avg').path).toMatchObject({
      parts: ['optimizer_states', 0, 'state', 1, 'exp_avg'],
      kinds: ['key', 'index', 'key', 'key', 'unknown'],
    });
    expect(get('hyper_parameters.lr').path.kinds).toEqual(['key', 'key']);
  });

  it('tells an integer key from the text of it', async () => {
    const { state } = await open('leaves.pt');
    const rows = Array.from({ length: state.entries.length }, (_, row) => state.entries.at(row));
    expect(rows.filter((entry) => entry.key === 'keys.1').map((entry) => entry.path.parts[1])).toEqual([1, '1']);
  });
});

describe('roles', () => {
  it('are facts in a pickled module', async () => {
    const { state, get } = await open('whole-module.pt');
    expect(get('1.running_mean')).toMatchObject({
      role: { role: 'buffer' },
      roleSource: 'file',
      path: { kinds: ['attr', 'attr'] },
    });
    expect(get('2.1.weight')).toMatchObject({ role: { role: 'parameter' }, roleSource: 'file' });
    expect(state.nodes.get('1')?.container).toBe('torch.nn.modules.batchnorm.BatchNorm1d');
  });
  it('are facts in TorchScript', async () => {
    const { get } = await open('torchscript.pt');
    expect(get('limit')).toMatchObject({ role: { role: 'buffer' }, roleSource: 'file' });
    expect(get('linear.bias')).toMatchObject({ role: { role: 'parameter' }, roleSource: 'file' });
  });
  it('are guesses in a state dict, but for what is a Parameter', async () => {
    const { get } = await open('module-state.pt');
    expect(get('bn.num_batches_tracked')).toMatchObject({ role: { role: 'buffer' }, roleSource: 'heuristic' });
    expect(get('conv.weight')).toMatchObject({ role: { role: 'parameter' }, roleSource: 'heuristic' });
    expect((await open('parameters.pth')).get('conv.weight').roleSource).toBe('file');
  });
  it('know an optimiser', async () => {
    const { get } = await open('optimizer.pt');
    expect(get('state.0.exp_avg').role).toEqual({ role: 'optimizer' });
    expect(get('param_groups.0.lr').role).toEqual({ role: 'artifact' });
  });
});

it('counts shared bytes once, and views of other bytes by themselves', async () => {
  const { state, get } = await open('views.pt');
  const { flags } = state.entries.columns();
  const flagOf = (key: string) => flags[get(key).id]! & (ROW_FLAG.tied | ROW_FLAG.alias);
  expect(flagOf('base')).toBe(ROW_FLAG.tied);
  expect(flagOf('transposed')).toBe(ROW_FLAG.tied | ROW_FLAG.alias);
  // `scalar` is element 7 and `tail` elements 15 to 19 of one storage.
  expect(flagOf('tail')).toBe(ROW_FLAG.tied);
  expect(flagOf('alone')).toBe(0);
});

describe('graphs that are no trees', () => {
  it('names a dict that holds itself', () => {
    const { entries, problems } = flat('}q\x00X\x01\x00\x00\x00ah\x00s.');
    expect(entries).toMatchObject([{ key: 'a', value: { type: 'opaque', typeName: 'circular' } }]);
    expect(problems).toMatchObject([{ code: 'circular', entry: 0 }]);
  });

  it('opens shared lists again, and stops when that gets out of hand', () => {
    expect(flat('](]q\x00K\x01ah\x00h\x00e.').entries.map((entry) => entry.key)).toEqual(['0.0', '1.0', '2.0']);
    const doubling = Array.from(
      { length: 40 },
      (_, i) => `(h${String.fromCharCode(i)}h${String.fromCharCode(i)}lq${String.fromCharCode(i + 1)}`,
    );
    const { entries } = flat(`]K\x01aq\x00${doubling.join('')}.`);
    expect(entries.length).toBeLessThan(300_000);
    expect(entries.some((entry) => entry.value.type === 'opaque')).toBe(true);
  });

  it('does not take empty values for repeats', () => {
    expect(flat(`](${')'.repeat(150_000)}e.`).problems).toEqual([]);
  });

  it('keeps the last of a key that is set twice, at its first place', () => {
    const { entries } = flat('}(X\x01\x00\x00\x00aK\x01X\x01\x00\x00\x00bK\x02X\x01\x00\x00\x00aK\x03u.');
    expect(entries.map((entry) => [entry.key, entry.value])).toEqual([
      ['a', { type: 'int', digits: '3' }],
      ['b', { type: 'int', digits: '2' }],
    ]);
  });
});
