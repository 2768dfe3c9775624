import { describe, expect, it, test } from 'vitest';
import { columnsOf, mixtureRows } from '../model/columns.fixture.ts';
import { type EntryColumns, PART_TEXT, type StateDict } from '../model/state-dict.ts';
import { type PairOptions, pairEntries } from './pair.ts';
import { PAIR_FLAG } from './pairing.ts';
import { linesOf, stateOf } from './states.fixture.ts';

const lines = (a: StateDict, b: StateDict, options: PairOptions = {}) => linesOf(pairEntries(a, b, options), a, b);

test('pairs are told in the order of A, and what only B has where it stands there', () => {
  const a = stateOf({ x: [2], gone: [1], y: [3], kind: [4] });
  const b = stateOf({ first: [9], x: [2], new: [7], y: [4], kind: { type: 'text', text: 'a' } });
  expect(lines(a, b)).toEqual([
    ' → first: added',
    'x → x: same-structure, key',
    ' → new: added',
    'gone → : removed',
    'y → y: changed, key',
    'kind → kind: changed, key',
  ]);
  const { flags } = pairEntries(a, b);
  expect([flags[4], flags[5]]).toEqual([PAIR_FLAG.shape, PAIR_FLAG.valueType]);
});

test('another dtype is a change', () => {
  const { flags, status } = pairEntries(stateOf({ x: [2] }), stateOf({ x: [2] }, 'dotted', 'bf16'));
  expect([flags[0], status[0]]).toEqual([PAIR_FLAG.dtype, 1]);
});

describe('keys of other syntaxes', () => {
  const dotted = stateOf({ 'layers.0.w': [2] });
  const keystr = stateOf({ '.layers[0].w': [2] }, 'keystr');
  const tuple = stateOf({ "('layers', 0, 'w')": [2] }, 'tuple');
  const texts = stateOf({ "('layers', '0', 'w')": [2] }, 'tuple');
  it.each([
    ['dotted and keystr', dotted, keystr, 'same-structure'],
    ['dotted and a tuple', dotted, tuple, 'same-structure'],
    ['keystr and a tuple', keystr, tuple, 'same-structure'],
    ['dotted, which does not tell positions from names, and "0"', dotted, texts, 'same-structure'],
    ['0 and "0"', tuple, texts, 'renamed'],
  ])('%s', (_, a, b, status) => {
    expect(lines(a, b)[0]).toMatch(new RegExp(`: ${status}, key$`));
    expect(lines(b, a)[0]).toMatch(new RegExp(`: ${status}, key$`));
  });

  test('to the letter first', () => {
    const a = stateOf({ "('a', 0)": [1], "('a', '0')": [2] }, 'tuple');
    const b = stateOf({ "('a', '0')": [2], "('a', 0)": [1] }, 'tuple');
    expect(lines(a, b)).toEqual([
      "('a', 0) → ('a', 0): same-structure, key",
      "('a', '0') → ('a', '0'): same-structure, key",
    ]);
  });
});

test('a pinned pair comes before all else, and null keeps an entry alone', () => {
  const a = stateOf({ x: [2], y: [2], z: [2] });
  const b = stateOf({ x: [2], y: [2], z: [2] });
  const pinned = [
    ['x', 'y'],
    ['z', null],
  ] as const;
  expect(lines(a, b, { pinned })).toEqual([
    ' → x: added',
    'x → y: renamed, user',
    ' → z: added',
    'y → : removed',
    'z → : removed',
  ]);
  expect(() => lines(a, b, { pinned: [['w', 'x']] })).toThrow('no such key in the first');
});

test('rules come before equal keys, and work on keys as they are stored', () => {
  const a = stateOf({ x: [2], y: [2] });
  const b = stateOf({ x: [2], y: [2] });
  const swap = [{ pattern: '^x$', to: 'y' }];
  expect(lines(a, b, { rules: swap })).toEqual([' → x: added', 'x → y: renamed, rule', 'y → : removed']);
  const keystr = stateOf({ ".p['a'].value": [2] }, 'keystr');
  const rules = [{ pattern: "^\\.p\\['(.*)'\\]\\.value$", to: 'q.$1' }];
  expect(lines(keystr, stateOf({ 'q.a': [2] }), { rules })).toEqual([".p['a'].value → q.a: renamed, rule"]);
  expect(() => lines(a, b, { rules: [{ pattern: '(', to: '' }] })).toThrow('no regular expression');
});

const GPT2 = {
  'h.0.ln_1.weight': [4],
  'h.0.ln_1.bias': [4],
  'h.0.attn.c_attn.weight': [4, 12],
  'h.0.attn.c_attn.bias': [12],
  'h.0.attn.c_proj.weight': [4, 4],
  'h.0.mlp.c_fc.weight': [4, 16],
};
const LINEAR = { ...GPT2, 'h.0.attn.c_attn.weight': [12, 4], 'h.0.mlp.c_fc.weight': [16, 4] };
const prefixed = (prefix: string, entries: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(Object.entries(entries).map(([key, shape]) => [prefix + key, shape]));

test.each([
  ['module.', '', 'ddp'],
  ['_orig_mod.', '', 'compile'],
  ['_orig_mod.module.', '', 'compile'],
  ['module._orig_mod.', '', 'compile'],
  ['module._orig_mod.', 'module.', 'compile'],
  ['model.', '', 'prefix'],
  ['transformer.', 'state_dict.model.transformer.', 'prefix'],
])('%j against %j is %s', (prefixA, prefixB, id) => {
  const [a, b] = [stateOf(prefixed(prefixA, GPT2)), stateOf(prefixed(prefixB, GPT2))];
  for (const pairing of [pairEntries(a, b), pairEntries(b, a)]) {
    expect(pairing.count).toBe(6);
    expect(pairing.mappings).toEqual([id]);
    expect([...pairing.status].every((status) => status === 5)).toBe(true);
  }
});

test('a module that is called module is none of the wrapper', () => {
  const a = stateOf({ 'module.w': [2], 'head.w': [3] });
  const b = stateOf({ w: [2], 'head.w': [3] });
  expect(lines(a, b)).toContain('head.w → head.w: same-structure, key');
});

test('square weights of Conv1D lie as the others do', () => {
  const [a, b] = [stateOf(LINEAR), stateOf(GPT2)];
  expect(lines(a, b)).toEqual([
    'h.0.ln_1.weight → h.0.ln_1.weight: same-structure, key',
    'h.0.ln_1.bias → h.0.ln_1.bias: same-structure, key',
    'h.0.attn.c_attn.weight → h.0.attn.c_attn.weight: changed, key, axes 1,0',
    'h.0.attn.c_attn.bias → h.0.attn.c_attn.bias: same-structure, key',
    'h.0.attn.c_proj.weight → h.0.attn.c_proj.weight: changed, key, axes 1,0',
    'h.0.mlp.c_fc.weight → h.0.mlp.c_fc.weight: changed, key, axes 1,0',
  ]);
  expect(lines(b, b).some((line) => line.includes('axes'))).toBe(false);
});

test('names of GPT-2 in a GGUF, whose weights lie as those of Linear do', () => {
  const gguf = stateOf({
    'blk.0.attn_norm.weight': [4],
    'blk.0.attn_norm.bias': [4],
    'blk.0.attn_qkv.weight': [12, 4],
    'blk.0.attn_qkv.bias': [12],
    'blk.0.attn_output.weight': [4, 4],
    'blk.0.ffn_up.weight': [16, 4],
  });
  const hf = stateOf(prefixed('transformer.', GPT2));
  expect(lines(hf, gguf)).toEqual([
    'transformer.h.0.ln_1.weight → blk.0.attn_norm.weight: moved, mapping:gguf-gpt2',
    'transformer.h.0.ln_1.bias → blk.0.attn_norm.bias: moved, mapping:gguf-gpt2',
    'transformer.h.0.attn.c_attn.weight → blk.0.attn_qkv.weight: moved, mapping:gguf-gpt2, axes 1,0',
    'transformer.h.0.attn.c_attn.bias → blk.0.attn_qkv.bias: moved, mapping:gguf-gpt2',
    'transformer.h.0.attn.c_proj.weight → blk.0.attn_output.weight: moved, mapping:gguf-gpt2, axes 1,0',
    'transformer.h.0.mlp.c_fc.weight → blk.0.ffn_up.weight: moved, mapping:gguf-gpt2, axes 1,0',
  ]);
  expect(lines(gguf, stateOf(LINEAR)).some((line) => line.includes('axes'))).toBe(false);
});

test('names of flax with kernels the other way round, under a wrapper on either side', () => {
  const torch = stateOf(
    prefixed('module.', {
      'conv.weight': [8, 3, 5, 5],
      'conv.bias': [8],
      'norm.weight': [8],
      'norm.running_mean': [8],
      'embed.weight': [10, 8],
      'head.weight': [8, 8],
      'layers.0.weight': [2, 8],
    }),
  );
  const flax = stateOf(
    {
      "('conv', 'kernel', 'value')": [5, 5, 3, 8],
      "('conv', 'bias', 'value')": [8],
      "('norm', 'scale', 'value')": [8],
      "('norm', 'mean', 'value')": [8],
      "('embed', 'embedding', 'value')": [10, 8],
      "('head', 'kernel', 'value')": [8, 8],
      "('layers', 0, 'kernel', 'value')": [8, 2],
    },
    'tuple',
  );
  const found = lines(torch, flax);
  expect(found.map((line) => line.split(': ')[1])).toEqual([
    'renamed, mapping:flax, axes 3,2,0,1',
    'renamed, mapping:ddp',
    'renamed, mapping:flax',
    'renamed, mapping:flax',
    'renamed, mapping:flax',
    'renamed, mapping:flax, axes 1,0',
    'renamed, mapping:flax, axes 1,0',
  ]);
  expect(lines(flax, torch)[0]).toMatch(/axes 2,3,1,0$/);
});

test('A to B and B to A are the same pairs', () => {
  const a = stateOf({ ...prefixed('module.', LINEAR), extra: [3], '0': [1] });
  const b = stateOf({ ...prefixed('transformer.', GPT2), other: [5], '0': [1] });
  const pairsOf = (x: StateDict, y: StateDict, swap: boolean) => {
    const { count, rowA, rowB, status, confidence } = pairEntries(x, y);
    return Array.from({ length: count }, (_, i) => {
      const rows = swap ? [rowB[i], rowA[i]] : [rowA[i], rowB[i]];
      const mirrored = swap && (status[i] === 2 || status[i] === 3) ? 5 - status[i]! : status[i];
      return [...rows, mirrored, confidence[i]].join();
    }).sort();
  };
  expect(pairsOf(b, a, true)).toEqual(pairsOf(a, b, false));
});

/** Every path with one part more in front. */
function underModule(columns: EntryColumns): EntryColumns {
  const part = new Uint8Array([PART_TEXT, ...new TextEncoder().encode('module')]);
  const paths = new Uint8Array(columns.paths.length + columns.count * part.length);
  const pathStart = columns.pathStart.map((start, row) => start + row * part.length);
  for (let row = 0; row < columns.count; row++) {
    paths.set(part, pathStart[row]!);
    paths.set(
      columns.paths.subarray(columns.pathStart[row]!, columns.pathStart[row + 1]!),
      pathStart[row]! + part.length,
    );
  }
  return { ...columns, paths, pathStart };
}

test('a hundred thousand pairs align in no time', () => {
  const columns = columnsOf(mixtureRows(100_000));
  const stateOfColumns = (made: EntryColumns): StateDict => {
    const at = () => {
      throw new Error('an entry was made');
    };
    return { ...stateOf({}), entries: { length: made.count, at, columns: () => made } };
  };
  const [plain, wrapped] = [stateOfColumns(columns), stateOfColumns(underModule(columns))];
  for (const [other, mappings] of [
    [plain, []],
    [wrapped, ['ddp']],
  ] as const) {
    const start = process.cpuUsage();
    const pairing = pairEntries(plain, other);
    expect([pairing.count, pairing.mappings]).toEqual([columns.count, mappings]);
    // Some tenths of a second; a square of it would be minutes.
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(8000);
  }
}, 120_000);
