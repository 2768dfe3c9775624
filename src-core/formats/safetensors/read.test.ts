import { describe, expect, it } from 'vitest';
import { type ErrorInfo, StateglassError } from '../../base/errors.ts';
import { NO_SHAPE, ROW_FLAG } from '../../model/state-dict.ts';
import { safetensors } from './index.ts';
import { codesOf, f32, fileOf, headerOf, keysOf, openAll, openOne } from './make-file.fixture.ts';

async function infoOf(promise: Promise<unknown>): Promise<ErrorInfo> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof StateglassError)) throw new Error(`no StateglassError but ${error}`);
  return error.info;
}

const flagsOf = (state: Awaited<ReturnType<typeof openOne>>['state']) => [...state.entries.columns().flags];
const GUESS = ROW_FLAG.guessedRole;

describe('a good file', () => {
  it('gives entries, storages and columns that agree', async () => {
    const header = headerOf({ __metadata__: { format: 'pt' }, 'a.weight': f32(0, 8), 'a.running_mean': f32(8, 12) });
    const { state } = await openOne(header, 12);
    const start = 8 + header.length;
    expect(state.entries.at(0)).toMatchObject({
      id: 0,
      key: 'a.weight',
      path: { parts: ['a', 'weight'], raw: 'a.weight' },
      value: { type: 'tensor', dtype: 'f32', shape: [2], offset: 0, storage: 0 },
      role: { role: 'parameter' },
      roleSource: 'heuristic',
    });
    expect(state.entries.at(1).role).toEqual({ role: 'buffer' });
    expect(state.storages.get(1)).toEqual({
      id: 1,
      byteLength: 4,
      endian: 'little',
      data: { kind: 'slices', slices: [{ file: 'm.safetensors', offset: start + 8, length: 4 }] },
    });
    const columns = state.entries.columns();
    expect(new TextDecoder('latin1').decode(columns.paths)).toBe('\xffa\xffweight\xffa\xffrunning_mean');
    expect([...columns.pathStart]).toEqual([0, 9, 24]);
    expect([[...columns.params], [...columns.bytes], [...columns.roles], [...columns.flags]]).toEqual([
      [2, 1],
      [8, 4],
      [1, 2],
      [GUESS, GUESS],
    ]);
    expect([state.dialect, state.header, state.problems]).toEqual([
      'torch',
      { file: 'm.safetensors', offset: 8, length: header.length },
      [],
    ]);
  });

  it('may have white space anywhere and its members in any order', async () => {
    const { state } = await openOne(
      ' {\n "a" : { "data_offsets" : [ 0 , 8 ] , "shape" : [ 2 , 1 ] ,\t"dtype" : "F32" } , "b":{"shape":[],"dtype":"I64","data_offsets":[8,16]}\r\n}  ',
      16,
    );
    expect(keysOf(state)).toEqual(['a', 'b']);
    expect([0, 1].map((row) => state.entries.at(row).value)).toMatchObject([
      { dtype: 'f32', shape: [2, 1] },
      { dtype: 'i64', shape: [] },
    ]);
  });

  it('keeps integer-like keys and __proto__ in their place', async () => {
    const { state } = await openOne(
      '{"10":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"0":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}',
      3,
    );
    expect(keysOf(state)).toEqual(['10', '__proto__', '0']);
  });

  it('reads escapes, surrogate pairs and a dot written as an escape', async () => {
    const { state } = await openOne(
      '{"\\u0061\\u002eb\\n\\/\\"\\ud83d\\ude00":{"dt\\u0079pe":"F3\\u0032","shape":[1],"data_offsets":[0,4]}}',
      4,
    );
    expect(state.entries.at(0)).toMatchObject({ key: 'a.b\n/"😀', value: { dtype: 'f32' } });
    expect(state.entries.at(0).path.parts).toEqual(['a', 'b\n/"😀']);
    expect([...state.entries.columns().paths].filter((byte) => byte === 0xff).length).toBe(2);
  });

  it('keeps a lone surrogate, and says so', async () => {
    const { state } = await openOne('{"a\\ud800\\u0041":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1);
    expect(keysOf(state)).toEqual(['a\ud800A']);
    expect(codesOf(state)).toContain('lone-surrogate');
  });

  it('keeps metadata in order, texts as texts', async () => {
    const { state } = await openOne('{"__metadata__":{"2":"{\\"a\\": 1}","1":"x"}}        ', 0);
    expect(state.metadata).toEqual([
      { section: '__metadata__', key: '2', value: { kind: 'string', value: '{"a": 1}' } },
      { section: '__metadata__', key: '1', value: { kind: 'string', value: 'x' } },
    ]);
  });

  it('cuts keys as jax writes them', async () => {
    const { state } = await openOne(headerOf({ ".layers[0]['b']": f32(0, 4), ".layers[1]['b']": f32(4, 8) }), 8);
    expect(state.dialect).toBe('inox');
    expect(state.entries.at(1).path).toMatchObject({ parts: ['layers', 1, 'b'], raw: ".layers[1]['b']" });
    const { paths, pathStart } = state.entries.columns();
    expect([...paths.subarray(pathStart[1], pathStart[2])]).toEqual([
      0xff,
      ...Buffer.from('layers'),
      0xfe,
      0x31,
      0xff,
      0x62,
    ]);
  });

  it('keeps a key of very many parts whole', async () => {
    const key = 'a.'.repeat(300);
    const { state } = await openOne(headerOf({ [key]: f32(0, 4), 'b.c': f32(4, 8) }), 8);
    expect(state.entries.at(0).path.parts).toEqual([key]);
    const { paths, pathStart } = state.entries.columns();
    expect(new TextDecoder().decode(paths.subarray(1, pathStart[1]))).toBe(key);
    expect(state.entries.at(1).path.parts).toEqual(['b', 'c']);
  });

  it('is read with no more than its header and 1 MiB', async () => {
    const tensors = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [`model.layers.${i}.a.long.enough.name.weight`, f32(i * 4, i * 4 + 4)]),
    );
    const header = headerOf(tensors);
    expect(header.length).toBeGreaterThan(2 ** 20);
    const { state, sources } = await openOne(header, 80_000 + 3 * 2 ** 20);
    expect(state.entries.length).toBe(20_000);
    expect(sources.get('m.safetensors')!.bytesRead).toBe(8 + header.length);
    const small = await openOne(headerOf({ a: f32(0, 2 ** 22) }), 2 ** 22);
    expect(small.sources.get('m.safetensors')!.bytesRead).toBe(2 ** 20);
  });

  it('gives every caller columns of its own', async () => {
    const { state } = await openOne(headerOf({ a: f32(0, 4) }), 4);
    const columns = state.entries.columns();
    structuredClone(columns, { transfer: [columns.paths.buffer, columns.dtype.buffer, columns.flags.buffer] });
    expect(state.entries.columns().paths.length).toBe(2);
    expect(state.entries.at(0).key).toBe('a');
    expect(() => state.entries.at(1)).toThrow(StateglassError);
  });
});

describe('damage that leaves tensors readable', () => {
  it.each<[string, object, number, readonly string[]]>([
    ['a hole', { a: f32(0, 4), b: f32(8, 12) }, 12, ['hole']],
    ['a hole in front', { a: f32(4, 8) }, 8, ['hole']],
    ['a tail', { a: f32(0, 4) }, 8, ['tail']],
    ['data of nobody', {}, 8, ['tail']],
    ['an overlap', { a: f32(0, 8), b: f32(4, 12) }, 12, ['overlap']],
    ['one inside another', { a: f32(0, 12), b: f32(4, 8) }, 12, ['overlap']],
    [
      'a size that is not dtype times shape',
      { a: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } },
      8,
      ['size-mismatch'],
    ],
    ['half a byte', { a: { dtype: 'F4', shape: [3], data_offsets: [0, 2] } }, 2, ['size-mismatch']],
    ['an unknown dtype', { a: { dtype: 'X', shape: [3], data_offsets: [0, 8] } }, 8, ['unknown-dtype']],
    [
      'a tensor off its alignment',
      { a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] }, b: { dtype: 'U16', shape: [1], data_offsets: [1, 3] } },
      3,
      ['misaligned'],
    ],
    ['metadata that is no text', { __metadata__: { a: 1 }, b: f32(0, 4) }, 4, ['metadata-type']],
    ['metadata that is no object', { __metadata__: 'x', b: f32(0, 4) }, 4, ['metadata-type']],
    ['a value that is no tensor', { a: [1, null], b: f32(0, 4) }, 4, ['not-a-tensor']],
    [
      'too many elements',
      { a: { dtype: 'F32', shape: [2 ** 40, 2 ** 40], data_offsets: [0, 0] }, b: f32(0, 4) },
      4,
      ['shape-overflow'],
    ],
  ])('%s', async (_, header, data, codes) => {
    const { state } = await openOne(headerOf(header as Record<string, unknown>), data);
    expect(codesOf(state)).toEqual(codes);
    for (const problem of state.problems) {
      if (problem.code === 'misaligned' || problem.entry === undefined) continue;
      expect(flagsOf(state)[problem.entry]! & ROW_FLAG.problem).toBe(ROW_FLAG.problem);
    }
  });

  it('is no damage when the offsets are in another order than the names', async () => {
    const { state } = await openOne(headerOf({ b: f32(8, 12), c: f32(4, 8), a: f32(0, 4), e: f32(12, 12) }), 12);
    expect([keysOf(state), codesOf(state)]).toEqual([['b', 'c', 'a', 'e'], []]);
  });

  it('an unpadded header', async () => {
    const { state } = await openOne('{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}', 1);
    expect(codesOf(state)).toEqual(['unaligned-header']);
  });

  it('an unknown dtype keeps its name', async () => {
    const header = headerOf({
      a: { dtype: 'F9', shape: [2], data_offsets: [0, 2] },
      b: { dtype: 'U8', shape: [1], data_offsets: [2, 3] },
    });
    const { state } = await openOne(header, 3);
    const columns = state.entries.columns();
    expect(state.entries.at(0).value).toMatchObject({ dtype: 'other:F9' });
    expect([...columns.dtype].map((code) => columns.dtypes[code - 1])).toEqual(['other:F9', 'u8']);
  });

  it('a cut file: what is not there is absent, what is there stays', async () => {
    const { state } = await openOne(headerOf({ a: f32(0, 8), b: f32(8, 16), c: f32(16, 24) }), 11);
    expect(flagsOf(state)).toEqual([
      GUESS,
      GUESS | ROW_FLAG.problem | ROW_FLAG.absent,
      GUESS | ROW_FLAG.problem | ROW_FLAG.absent,
    ]);
    expect([0, 1, 2].map((id) => state.storages.get(id)!.data.kind)).toEqual(['slices', 'absent', 'absent']);
    expect([...state.entries.columns().bytes]).toEqual([8, 0, 0]);
    expect(new Set(codesOf(state))).toEqual(new Set(['truncated']));
    expect(state.problems[0]!.message).toMatch(/2 of its tensors/);
  });

  it('two tensors on the same bytes are one storage', async () => {
    const { state } = await openOne(headerOf({ a: f32(0, 8), b: f32(0, 8), c: f32(0, 8), d: f32(8, 12) }), 12);
    expect(state.shares).toEqual([{ kind: 'same-storage', owner: 0, aliases: [1, 2] }]);
    expect([0, 1, 2, 3].map((row) => state.entries.at(row).value)).toMatchObject([
      { storage: 0 },
      { storage: 0 },
      { storage: 0 },
      { storage: 3 },
    ]);
    expect(flagsOf(state)[1]! & ROW_FLAG.alias).toBe(ROW_FLAG.alias);
    expect(flagsOf(state)[0]! & (ROW_FLAG.alias | ROW_FLAG.tied)).toBe(ROW_FLAG.tied);
  });

  it('a name twice: both stay, the second is marked', async () => {
    const { state } = await openOne(
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"\\u0061":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}  ',
      4,
    );
    expect(keysOf(state)).toEqual(['a', 'b', 'a']);
    expect(state.problems.at(-1)).toMatchObject({ code: 'duplicate-key', entry: 2 });
  });

  it('a value that is no tensor is shown as it stands', async () => {
    const { state } = await openOne(headerOf({ a: { dtype: 'F32' }, b: f32(0, 4) }), 4);
    expect(state.entries.at(0).value).toMatchObject({
      type: 'json',
      json: { kind: 'object', members: [['dtype', { kind: 'string', value: 'F32' }]] },
    });
    const columns = state.entries.columns();
    expect([columns.shape[0], columns.dtype[0], columns.params[0]]).toEqual([NO_SHAPE, 0, 0]);
    expect(state.storages.get(0)).toBeUndefined();
  });

  it('tells the first hundred of a kind and counts the rest', async () => {
    const tensors = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`t${i}`, f32(i * 8 + 4, i * 8 + 8)]));
    const { state } = await openOne(headerOf(tensors), 2000);
    expect(state.problems.length).toBe(101);
    expect(state.problems.at(-1)!.message).toMatch(/^150 more/);
  });
});

describe('what cannot be read at all', () => {
  it.each<[string, string | Uint8Array, string, number | undefined]>([
    ['a comma too many', '{"a":1,}', 'malformed', 8 + 7],
    ['a missing colon', '{"a" 1}', 'malformed', 8 + 5],
    ['a bare word', '{"a":nul}', 'malformed', 8 + 5],
    ['a leading zero', '{"a":01}', 'malformed', 8 + 5],
    ['a newline in a name', '{"a\n":1}', 'malformed', 8 + 3],
    ['a bad escape', '{"\\x":1}', 'malformed', 8 + 2],
    ['a short \\u', '{"\\u12":1}', 'malformed', undefined],
    ['an open text', '{"a', 'malformed', 8 + 3],
    ['an open object', '{"a":{}', 'malformed', 8 + 7],
    ['something behind', '{}x', 'malformed', 8 + 2],
    ['zeros behind', '{}\0', 'malformed', 8 + 2],
    ['an overlong UTF-8 sequence', Uint8Array.of(0x7b, 0x22, 0xc0, 0x80, 0x22), 'malformed', 8 + 2],
    ['UTF-8 of a surrogate', Uint8Array.of(0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22), 'malformed', 8 + 2],
    ['no tensor that makes sense', '{"a":5}', 'malformed', 8],
    ['an offset past 2^53', '{"a":{"dtype":"U8","shape":[],"data_offsets":[0,9007199254740992]}}', 'limit', undefined],
  ])('%s', async (_, header, kind, at) => {
    const info = await infoOf(openOne(header, 0));
    expect(info.kind).toBe(kind);
    if (at !== undefined) expect((info as { at?: number }).at).toBe(at);
  });

  it('deep nesting ends without a stack overflow', async () => {
    expect((await infoOf(openOne(`{"a":${'['.repeat(100_000)}`, 0))).kind).toBe('limit');
  });

  it('very many values that are no tensors end before memory does', async () => {
    const header = `{"__metadata__":[${'[],'.repeat(1_000_001)}[]]}`;
    expect(await infoOf(openOne(header, 0))).toMatchObject({ kind: 'limit', limit: 'headerNodes' });
  });

  it('stops for a signal', async () => {
    const { read } = await safetensors.load();
    const { sources } = await openAll({ m: fileOf('{}', 0) });
    const source = sources.get('m')!;
    const reading = read({ id: 'm', source, files: sources, set: ['m'], signal: AbortSignal.abort() });
    expect((await infoOf(reading)).kind).toBe('cancelled');
  });
});

describe('recognition', () => {
  const probe = (text: string | Uint8Array, name: string) =>
    safetensors.probe(typeof text === 'string' ? new TextEncoder().encode(text) : text, name);

  it('goes by content, and by name where the content is damaged', () => {
    const good = fileOf('{"a":{}}', 0);
    expect([probe(good, 'unknown'), probe(good, 'x.pt')]).toEqual(['yes', 'yes']);
    expect(probe('PK\x03\x04aaaaaaaa', 'x.safetensors')).toBe('maybe');
    expect(probe('PK\x03\x04aaaaaaaa', 'unknown')).toBe('no');
    expect(probe('', 'unknown')).toBe('no');
    expect(probe('{"a": 1, "b": 2}', 'unknown')).toBe('no');
  });

  it('knows an index by its map, and leaves that of .bin shards alone', () => {
    expect(probe('{"weight_map":{"a":"model-1.safetensors"', 'unknown')).toBe('yes');
    expect(probe('{"weight_map":{"a":"pytorch_model-1.bin"', 'unknown')).toBe('no');
    expect(probe('{}', 'model.safetensors.index.json')).toBe('yes');
  });
});
