import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateglassError } from '../base/errors.ts';
import type { TensorStats } from '../tensor/stats.ts';
import { columnsOf, llamaRows, mixtureRows, type Row, tensors } from './columns.fixture.ts';
import { keyOfRow } from './key-text.ts';
import { DeltaTable, type PairFacts } from './pair-table.ts';
import { asksStatistics, parseQuery } from './query.ts';
import { completions } from './query-complete.ts';
import { runQuery } from './query-run.ts';
import { ROW_FLAG } from './state-dict.ts';
import { StatsTable } from './stats-table.ts';
import { buildTree } from './tree.ts';

function filter(rows: readonly Row[], text: string): string[] {
  const columns = columnsOf(rows);
  const found = runQuery(parseQuery(text), columns, buildTree(columns));
  return [...found].map((row) => keyOfRow(columns, row));
}

function refusal(text: string): { detail: string; at: number | undefined } {
  try {
    parseQuery(text);
  } catch (error) {
    if (error instanceof StateglassError && error.info.kind === 'bad-input') {
      return { detail: error.info.detail, at: error.info.at };
    }
    throw error;
  }
  throw new Error(`${text} was taken`);
}

const model: Row[] = [
  { key: 'h.0.attn.q_proj.weight', shape: [64, 64], dtype: 'bf16', role: 'parameter' },
  { key: 'h.0.attn.q_proj.bias', shape: [64], dtype: 'f32', role: 'parameter' },
  { key: 'h.10.mlp.up.weight', shape: [4096, 64], dtype: 'f8_e4m3fn', role: 'parameter' },
  { key: 'h.2.Mlp.up.weight', shape: [4096, 64], dtype: 'f16', flags: ROW_FLAG.tied },
  { key: 'conv.weight', shape: [32, 1, 3, 3], dtype: 'f32', flags: ROW_FLAG.problem },
  { key: 'bn.num_batches_tracked', shape: [], dtype: 'i64', role: 'buffer' },
  { key: ['agent', 'system prompt'], type: 'text', bytes: 2000, flags: ROW_FLAG.secret },
  { key: ['agent', 'steps', 3], type: 'int', bytes: 1 },
];

describe('words', () => {
  it.each([
    ['weight', ['conv.weight', 'h.0.attn.q_proj.weight', 'h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['MLP', ['h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['mlp 10', ['h.10.mlp.up.weight']],
    ['attn.q', ['h.0.attn.q_proj.bias', 'h.0.attn.q_proj.weight']],
    ['p.up', ['h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['up.p', []],
    ['lp.UP.w', ['h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['weight -h.', ['conv.weight']],
    ['!weight !bias !agent', ['bn.num_batches_tracked']],
    ['"system prompt"', ['agent.system prompt']],
    ['steps.3', ['agent.steps.3']],
    [
      '',
      [
        'agent.steps.3',
        'agent.system prompt',
        'bn.num_batches_tracked',
        'conv.weight',
        'h.0.attn.q_proj.bias',
        'h.0.attn.q_proj.weight',
        'h.2.Mlp.up.weight',
        'h.10.mlp.up.weight',
      ],
    ],
  ])('%s', (text, keys) => {
    expect(filter(model, text)).toEqual(keys);
  });

  it('looks loosely for what occurs nowhere, within parts and in their order', () => {
    expect(filter(model, 'qproj')).toEqual(['h.0.attn.q_proj.bias', 'h.0.attn.q_proj.weight']);
    expect(filter(model, 'atn.qprj.wt')).toEqual(['h.0.attn.q_proj.weight']);
    expect(filter(model, 'wt.atn')).toEqual([]);
    // "upw" would have to reach from one part into the next.
    expect(filter(model, 'upw')).toEqual([]);
    // What is to be left out is meant as written.
    expect(filter(model, 'weight -qproj')).toHaveLength(4);
  });
});

describe('patterns', () => {
  it.each([
    ['*.attn.*', ['h.0.attn.q_proj.bias', 'h.0.attn.q_proj.weight']],
    ['h.?.*.weight', ['h.0.attn.q_proj.weight', 'h.2.Mlp.up.weight']],
    ['h.[0-1]*', ['h.0.attn.q_proj.bias', 'h.0.attn.q_proj.weight', 'h.10.mlp.up.weight']],
    ['h.[!0-1]*', ['h.2.Mlp.up.weight']],
    ['{conv,bn}.**', ['bn.num_batches_tracked', 'conv.weight']],
    ['*weigh', []],
    ['-*.weight', ['agent.steps.3', 'agent.system prompt', 'bn.num_batches_tracked', 'h.0.attn.q_proj.bias']],
    ['/^h\\.\\d\\./', ['h.0.attn.q_proj.bias', 'h.0.attn.q_proj.weight', 'h.2.Mlp.up.weight']],
    ['/MLP/', []],
    ['/MLP/i', ['h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['/system [a-z]/ agent', ['agent.system prompt']],
    ['name:bias', ['h.0.attn.q_proj.bias']],
    [
      'name:w*t,3',
      ['agent.steps.3', 'conv.weight', 'h.0.attn.q_proj.weight', 'h.2.Mlp.up.weight', 'h.10.mlp.up.weight'],
    ],
  ])('%s', (text, keys) => {
    expect(filter(model, text)).toEqual(keys);
  });
});

describe('fields', () => {
  it.each([
    ['dtype:bf16', ['h.0.attn.q_proj.weight']],
    ['dtype:BFloat16,i64', ['bn.num_batches_tracked', 'h.0.attn.q_proj.weight']],
    ['dtype:float -dtype:f32', ['h.0.attn.q_proj.weight', 'h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['dtype:half', ['h.0.attn.q_proj.weight', 'h.2.Mlp.up.weight']],
    ['dtype:fp8', ['h.10.mlp.up.weight']],
    ['dtype:int', ['bn.num_batches_tracked']],
    ['shape:[4096,*]', ['h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['shape:4096x*', ['h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['shape:[*, 1..2, 3, 3]', ['conv.weight']],
    ['shape:[*,3,3]', []],
    ['shape:[**,3,3]', ['conv.weight']],
    ['shape:[...,64]', ['h.0.attn.q_proj.bias', 'h.0.attn.q_proj.weight', 'h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['shape:[64],[]', ['bn.num_batches_tracked', 'h.0.attn.q_proj.bias']],
    ['shape:[>64,*]', ['h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['rank:0', ['bn.num_batches_tracked']],
    ['rank:>=2', ['conv.weight', 'h.0.attn.q_proj.weight', 'h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['params:>1k', ['h.0.attn.q_proj.weight', 'h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['params:64', ['h.0.attn.q_proj.bias']],
    ['params:<64', ['bn.num_batches_tracked']],
    ['params:64..4.096K', ['conv.weight', 'h.0.attn.q_proj.bias', 'h.0.attn.q_proj.weight']],
    ['params:..1,64', ['bn.num_batches_tracked', 'h.0.attn.q_proj.bias']],
    ['bytes:2kB', ['agent.system prompt']],
    ['bytes:>=0.25MiB', ['h.2.Mlp.up.weight', 'h.10.mlp.up.weight']],
    ['role:buffer', ['bn.num_batches_tracked']],
    ['type:text,int', ['agent.steps.3', 'agent.system prompt']],
    ['tied:true', ['h.2.Mlp.up.weight']],
    ['is:problem', ['conv.weight']],
    ['secret:true', ['agent.system prompt']],
    ['tied:false mlp', ['h.10.mlp.up.weight']],
    ['-dtype:float -type:text,int', ['bn.num_batches_tracked']],
    ['kind:conv2d', ['conv.weight']],
    ['kind:Linear bias', ['h.0.attn.q_proj.bias']],
  ])('%s', (text, keys) => {
    expect(filter(model, text)).toEqual(keys);
  });

  it('takes a kind for all that lies in such modules, by its own spelling where two differ by case only', () => {
    const rows = [...llamaRows(1, 8), ...tensors({ 'a.weight': [8, 4, 3], 'b.weight': [4, 12], 'b.bias': [12] })];
    expect(filter(rows, 'kind:Attention')).toHaveLength(4);
    expect(filter(rows, 'kind:block')).toHaveLength(9);
    expect(filter(rows, 'kind:norm')).toEqual([
      'model.layers.0.input_layernorm.weight',
      'model.layers.0.post_attention_layernorm.weight',
      'model.norm.weight',
    ]);
    expect(filter(rows, 'kind:Conv1d')).toEqual(['a.weight']);
    expect(filter(rows, 'kind:Conv1D')).toEqual(['b.bias', 'b.weight']);
  });
});

describe('what cannot be read', () => {
  it.each([
    ['attn foo:1', 5, 'there is no field "foo"'],
    ['params:many', 7, 'params: needs a number'],
    ['a params:>1MB', 9, 'params: needs a number'],
    ['shape:[a]', 6, 'shape: needs a number'],
    ['dtype:', 6, 'dtype: needs a value'],
    ['role:boss', 5, 'role: is one of'],
    ['tied:maybe', 5, 'tied: is true or false'],
    ['/(/', 0, 'the regular expression cannot be read'],
    ['x /abc', 2, 'the regular expression has no closing /'],
    ['/a/gx', 3, 'the flags of a regular expression'],
    ['h.[z-a]*', 0, 'the pattern h.[z-a]* cannot be read'],
  ])('%s', (text, at, detail) => {
    const said = refusal(text);
    expect(said.at).toBe(at);
    expect(said.detail).toContain(detail);
  });

  it('takes half-typed quotes and brackets as they are', () => {
    expect(parseQuery('"two wor').terms).toMatchObject([{ test: 'word', word: 'two wor' }]);
    expect(parseQuery('"a:b" -').terms).toMatchObject([{ word: 'a:b' }, { word: '-', not: false }]);
    expect(parseQuery("x['b']").terms).toMatchObject([{ test: 'word', word: "x['b']" }]);
    expect(parseQuery('a[0 dtype:f32').terms).toMatchObject([{ word: 'a[0' }, { test: 'dtype' }]);
  });

  it('knows where each term stands', () => {
    const text = ' attn  -dtype:"bf16" /a b/i';
    expect(parseQuery(text).terms.map((t) => text.slice(t.from, t.to))).toEqual(['attn', '-dtype:"bf16"', '/a b/i']);
  });

  it('never fails in another way', () => {
    const piece = fc.constantFrom(
      'a',
      '-',
      '!',
      '/',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      ' ',
      ':',
      'dtype:',
      'shape:',
      'params:',
      '>',
      '1',
      'k',
      '..',
      '*',
      '?',
      ',',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        try {
          const query = parseQuery(text);
          const columns = columnsOf(model);
          runQuery(query, columns, buildTree(columns));
          for (const term of query.terms) expect(text.slice(term.from, term.to).trim()).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(StateglassError);
          const info = (error as StateglassError).info;
          expect(info.kind).toBe('bad-input');
          if (info.kind === 'bad-input') expect(info.at).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('against the plainest way of doing it', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'B', '0', '.', 'é', 'İ', '\n'), maxLength: 4 });
  const rows = fc.array(
    fc.record({ key: fc.array(part, { maxLength: 3 }), shape: fc.array(fc.nat(3), { maxLength: 2 }) }),
    { maxLength: 20 },
  );
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '0', '.', 'é', 'i'), minLength: 1, maxLength: 3 });

  it('finds a word where the key contains it', () => {
    fc.assert(
      fc.property(rows, word, fc.boolean(), (list, text, not) => {
        const columns = columnsOf(list);
        const tree = buildTree(columns);
        const found = [...runQuery(parseQuery(`${not ? '-' : ''}"${text}"`), columns, tree)].sort((a, b) => a - b);
        const has = list.map((r) => r.key.join('.').toLowerCase().includes(text.toLowerCase()));
        // Loosely only when no key has it; that way is tested by example.
        if (!not && !has.includes(true)) return;
        expect(found).toEqual([...has.keys()].filter((i) => has[i] !== not));
      }),
      { numRuns: 500 },
    );
  });

  it('matches shapes and numbers, and answers in tree order', () => {
    fc.assert(
      fc.property(rows, fc.nat(3), fc.nat(3), (list, a, b) => {
        const columns = columnsOf(list);
        const tree = buildTree(columns);
        const found = [...runQuery(parseQuery(`shape:[${a},*] params:<=${b}`), columns, tree)];
        const wanted = list.flatMap(({ shape }, i) =>
          shape.length === 2 && shape[0] === a && shape[0]! * shape[1]! <= b ? [i] : [],
        );
        expect(found.toSorted((x, y) => x - y)).toEqual(wanted);
        expect(found.map((r) => tree.nodeOfEntry[r]!)).toEqual(
          found.map((r) => tree.nodeOfEntry[r]!).toSorted((x, y) => x - y),
        );
      }),
    );
  });
});

describe('many entries', () => {
  const columns = columnsOf(mixtureRows(70_000));
  const tree = buildTree(columns);
  it('searches past the first chunk of keys', () => {
    const naive = (test: (key: string) => boolean) =>
      Array.from({ length: columns.count }, (_, row) => row).filter((row) => test(keyOfRow(columns, row)));
    expect([...runQuery(parseQuery('44.mlp.experts.3'), columns, tree)].sort((a, b) => a - b)).toEqual(
      naive((key) => key.includes('44.mlp.experts.3')),
    );
    expect(runQuery(parseQuery('/layers\\.4.*gate\\./'), columns, tree)).toHaveLength(
      naive((key) => /layers\.4.*gate\./.test(key)).length,
    );
  });
  it('stops when asked to', () => {
    let asked = 0;
    const stop = () => ++asked === 3;
    expect(() => runQuery(parseQuery('a.b'), columns, tree, stop)).toThrowError(
      expect.objectContaining({ info: { kind: 'cancelled' } }),
    );
    expect(asked).toBe(3);
  });
});

describe('pairs', () => {
  const deltas = new DeltaTable();
  deltas.setNumbers(0, [0.5, 0.1, 0.1, 0.02, 0.99, 3, 1]);
  deltas.setNumbers(1, [0, 0, 0, 0, 1, 0, 0]);
  const verdicts = ['changed', 'same', 'added', 'unknown'] as const;
  const pairs: PairFacts = {
    verdictOf: (pair) => verdicts[pair] ?? 'removed',
    isRenamed: (pair) => pair === 1,
    deltas,
  };
  const columns = columnsOf(['a', 'b', 'c', 'd', 'e'].map((key) => ({ key })));
  const tree = buildTree(columns);
  const find = (text: string) => [...runQuery(parseQuery(text), columns, tree, undefined, undefined, pairs)];

  it('finds pairs by what is known of them', () => {
    expect(find('status:changed')).toEqual([0]);
    expect(find('status:added,removed')).toEqual([2, 4]);
    expect(find('changed:true')).toEqual([0, 2, 4]);
    expect(find('changed:false')).toEqual([1]);
    expect(find('renamed:true')).toEqual([1]);
    expect(find('-status:unknown')).toEqual([0, 1, 2, 4]);
  });

  it('finds pairs by how far apart they are; those nobody compared match nothing', () => {
    expect(find('delta:>1e-3')).toEqual([0]);
    expect(find('delta:0')).toEqual([1]);
    expect(find('rel:>1%')).toEqual([0]);
    expect(find('cosine:<0.999 flips:>2')).toEqual([0]);
  });

  it('finds pairs by what their sides made of a base; where that is not known nothing is found', () => {
    const statuses = ['conflict', 'a', undefined, 'both', 'unchanged'] as const;
    const based: PairFacts = { ...pairs, mergeOf: (pair) => statuses[pair] };
    const ask = (text: string) => [...runQuery(parseQuery(text), columns, tree, undefined, undefined, based)];
    expect(ask('conflict:true')).toEqual([0]);
    expect(ask('conflict:false')).toEqual([1, 3, 4]);
    expect(ask('-conflict:true')).toEqual([1, 3, 4]);
    expect(ask('by:a,both')).toEqual([1, 3]);
    expect(() => parseQuery('by:c')).toThrow('unchanged, a, b, both, merged, conflict');
    expect(() => find('conflict:true')).toThrow('no base is chosen');
  });

  it('says that a single document has no pairs', () => {
    expect(() => runQuery(parseQuery('x changed:true'), columns, tree)).toThrow('only a comparison');
  });
});

describe('statistics', () => {
  /** q_proj.weight is known and has NaN, q_proj.bias is known and has none; nobody looked at the others. */
  const table = new StatsTable();
  const known = { count: 10, posInf: 0, negInf: 0, l1: 1, distribution: {} } as unknown as TensorStats;
  table.set(0, { ...known, nan: 1, zeros: 6, min: -2, max: 3, mean: 1e-3, std: 0.25, absmax: 3, l2: 4 });
  table.set(1, { ...known, nan: 0, zeros: 0, min: 0.5, max: 0.5, mean: 0.5, std: 0, absmax: 0.5, l2: 2 });
  const find = (text: string) => {
    const columns = columnsOf(model);
    return [...runQuery(parseQuery(text), columns, buildTree(columns), undefined, table)].sort();
  };
  it('finds by what was computed', () => {
    expect(find('nan:true')).toEqual([0]);
    expect(find('nan:false')).toEqual([1]);
    expect(find('std:>0.1')).toEqual([0]);
    expect(find('min:<-1')).toEqual([0]);
    expect(find('min:-3..0.5')).toEqual([0, 1]);
    expect(find('mean:1e-3')).toEqual([0]);
    expect(find('zeros:>50%')).toEqual([0]);
    expect(find('zeros:<=0.6')).toEqual([0, 1]);
  });
  it('takes what nobody looked at for neither in nor out', () => {
    expect(find('-nan:true')).toEqual([1]);
    expect(find('std:>=0')).toEqual([0, 1]);
    expect(filter(model, 'nan:true')).toEqual([]);
    expect(asksStatistics(parseQuery('conv -std:>1'))).toBe(true);
    expect(asksStatistics(parseQuery('conv params:>1'))).toBe(false);
  });
  it('refuses what is no number', () => {
    expect(refusal('std:50%').detail).toContain('std: needs a number');
    expect(refusal('x zeros:many')).toMatchObject({ at: 8 });
  });
});

describe('completions', () => {
  const tree = buildTree(columnsOf(model));
  const texts = (text: string, at = text.length) => completions(text, at, tree).options.map((o) => o.text);
  it('suggests fields, names of parts, and values that occur', () => {
    expect(texts('d')).toEqual(['dtype:', 'delta:']);
    expect(texts('x -s')).toEqual(['shape:', 'secret:', 'std:', 'status:', '"system prompt"', 'steps']);
    expect(texts('dtype:f')).toEqual(['f32', 'f8_e4m3fn', 'f16', 'float', 'float8']);
    expect(texts('dtype:f32,b')).toEqual(['bf16', 'block']);
    expect(texts('shape:[4')).toEqual(['[4096,64]']);
    expect(texts('kind:')).toContain('Conv2d');
    expect(texts('tied:')).toEqual(['true', 'false']);
    expect(texts('role:p')).toEqual(['parameter']);
  });
  it('says what a suggestion replaces', () => {
    expect(completions('attn dty more', 8, tree)).toMatchObject({ from: 5, to: 8 });
    expect(completions('dtype:f32,bf', 12, tree)).toMatchObject({ from: 10, to: 12 });
  });
});
