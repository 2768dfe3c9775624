import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { describeError } from '../base/errors.ts';
import { blobSource } from '../bytes/blob.ts';
import { bufferSource } from '../bytes/buffer.ts';
import { nodeSource, openNodeHandle } from '../bytes/node.ts';
import { openZip } from '../bytes/zip.ts';
import type { Part } from '../formats/format.ts';
import type { StateDict, TensorValue } from '../model/state-dict.ts';
import { countElements } from '../tensor/dtype.ts';
import { blobSink } from './blob-sink.ts';
import type { Document } from './document.ts';
import { type ExportRequest, listExportForms, planExport } from './export.ts';
import { rowOfKey } from './find-key.ts';
import { memorySink } from './memory-sink.fixture.ts';
import { openFiles } from './open.ts';
import type { Sink } from './ports.ts';
import { readBands } from './read-bands.ts';
import { readValues } from './values.ts';
import { writePlan } from './write-plan.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const bytesOf = (path: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(join(FIXTURES, path)));
const golden = (path: string) => JSON.parse(readFileSync(join(FIXTURES, `${path}.json`), 'utf8'));
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function open(...paths: readonly string[]): Promise<Document> {
  const files = paths.map(async (id) => ({ id: basename(id), source: await nodeSource(join(FIXTURES, id)) }));
  return (await openFiles(await Promise.all(files))).documents[0]!;
}

async function write(document: Document, request: ExportRequest): Promise<Uint8Array<ArrayBuffer>> {
  const plan = await planExport(document, request);
  const sink = memorySink();
  await writePlan(plan, sink, openNodeHandle);
  const bytes = sink.bytes();
  if (plan.size !== undefined) expect(bytes.length).toBe(plan.size);
  return bytes;
}

const rowOf = (document: Document, key: string): number => {
  const row = rowOfKey(document, key);
  if (row === undefined) throw new Error(`no ${key}`);
  return row;
};
const refusal = (document: Document, request: ExportRequest) =>
  planExport(document, request).then(
    () => 'planned',
    (error: Error) => error.message,
  );

describe('safetensors', () => {
  it.each(['tiny', 'dtypes', 'every-tag', 'special-values', 'many', 'odd-keys', 'integer-keys', 'keystr', 'lora'])(
    '%s, written by the library, is written again byte for byte',
    async (name) => {
      const path = `safetensors/${name}.safetensors`;
      expect(sha(await write(await open(path), { format: 'safetensors' }))).toBe(sha(bytesOf(path)));
    },
  );

  it('writes views, signs and every type of a PyTorch file as the library does', async () => {
    const document = await open('slices/tensors.pt');
    const rows = Array.from({ length: document.state.entries.length }, (_, row) => row);
    const without = rows.filter((row) => document.state.entries.at(row).key !== 'complex128');
    const bytes = await write(document, { format: 'safetensors', rows: without.reverse() });
    expect(sha(bytes)).toBe(sha(bytesOf('export/tensors.safetensors')));
    expect(await refusal(document, { format: 'safetensors' })).toContain(
      'complex128: safetensors: no element type c128',
    );
  });

  it('makes one file of shards', async () => {
    const names = [1, 2, 3, 4].map((n) => `safetensors/sharded/model-0000${n}-of-00004.safetensors`);
    const document = await open('safetensors/sharded/model.safetensors.index.json', ...names);
    const bytes = await write(document, { format: 'safetensors' });
    const { documents } = await openFiles([{ id: 'a.safetensors', source: bufferSource(bytes, 'a.safetensors') }]);
    const again = documents[0]!;
    expect(again.state.problems).toEqual([]);
    expect(again.state.entries.length).toBe(document.state.entries.length);
    for (let row = 0; row < document.state.entries.length; row++) {
      const { key, id } = document.state.entries.at(row);
      const [before, after] = [await readValues(document, id), await readValues(again, rowOf(again, key))];
      expect([after.dtype, after.tensorShape, after.values]).toEqual([before.dtype, before.tensorShape, before.values]);
    }
  });
});

describe('GGUF', () => {
  it.each(['tiny', 'chat', 'aligned'])('%s, written by gguf-py, is written again byte for byte', async (name) => {
    const path = `gguf/${name}.gguf`;
    const plan = await planExport(await open(path), { format: 'gguf' });
    expect(plan.losses).toEqual([]);
    expect(sha(await write(await open(path), { format: 'gguf' }))).toBe(sha(bytesOf(path)));
  });

  it('makes one file of a split model, without what was said of the split', async () => {
    const document = await open(...[1, 2, 3].map((n) => `gguf/split/model-0000${n}-of-00003.gguf`));
    const bytes = await write(document, { format: 'gguf' });
    const { documents } = await openFiles([{ id: 'a.gguf', source: bufferSource(bytes, 'a.gguf') }]);
    const { state } = documents[0]!;
    expect(state.problems).toEqual([]);
    expect(state.metadata.map(({ key }) => key)).toEqual(['general.architecture', 'llama.block_count']);
    const { id, key } = state.entries.at(3);
    expect((await readValues(documents[0]!, id)).values).toEqual(
      (await readValues(document, rowOf(document, key))).values,
    );
  });

  it('turns what is big-endian, and tells of long lists that it does not turn', async () => {
    const document = await open('gguf/big-endian.gguf');
    const { losses } = await planExport(document, { format: 'gguf' });
    expect(losses.map(({ message }) => message)).toEqual(['2 items of the metadata cannot be kept.']);
    const bytes = await write(document, { format: 'gguf' });
    const { documents } = await openFiles([{ id: 'a.gguf', source: bufferSource(bytes, 'a.gguf') }]);
    const row = rowOf(document, 'blk.0.int64');
    expect((await readValues(documents[0]!, row)).values).toEqual((await readValues(document, row)).values);
  });

  it('refuses what ggml has no type or no dimensions for', async () => {
    const document = await open('slices/tensors.pt');
    expect(await refusal(document, { format: 'gguf' })).toMatch(/GGUF: no element type/);
  });
});

describe('PyTorch', () => {
  /** The archive's bytes without torch's hash of the members' names, which is its C++ library's own, and what follows from it. */
  const known = (bytes: Uint8Array<ArrayBuffer>) => {
    const at = Buffer.from(bytes).indexOf('.data/serialization_id');
    const start = Math.ceil((at + 22) / 64) * 64;
    const directory = Buffer.from(bytes).lastIndexOf('PK\x01\x02');
    const kept = bytes.slice();
    for (const [from, to] of [
      [start, start + 20],
      [start + 44, start + 48],
      [directory + 16, directory + 20],
    ] as const)
      kept.fill(0, from, to);
    return Buffer.from(kept).toString('hex');
  };

  it.each(['dtypes', 'module', 'nested'])('%s, written by torch, is written again byte for byte', async (name) => {
    const path = `export/${name}.pt`;
    const plan = await planExport(await open(path), { format: 'pytorch' });
    expect(plan.losses).toEqual([]);
    expect(known(await write(await open(path), { format: 'pytorch' }))).toBe(known(bytesOf(path)));
  });
});

describe('NumPy', () => {
  const { slices, npz } = golden('export/npy-of-tensors');
  const NARROW = /^(bfloat16|float8)/;

  it.each(Object.keys(slices))('every slice of %s is what np.save writes', async (key) => {
    const document = await open('slices/tensors.pt');
    for (const [slice, digest] of Object.entries(slices[key])) {
      const as = NARROW.test(key) ? 'f32' : undefined;
      const bytes = await write(document, { format: 'npy', rows: [rowOf(document, key)], slice, as });
      expect(sha(bytes), slice).toBe(digest);
    }
  });

  it('every member of an npz has the name, size and check sum that np.savez gives it', async () => {
    const document = await open('slices/tensors.pt');
    const wanted = npz.filter(([name]: [string]) => name !== 'float16.npy' && name !== 'matrix_half.npy');
    const rows = wanted.map(([name]: [string]) => rowOf(document, name.replace('.npy', '')));
    const bytes = await write(document, { format: 'npz', rows, as: 'f32' });
    const zip = await openZip(bufferSource(bytes, 'a.npz'));
    expect(zip.problems).toEqual([]);
    expect(zip.members.map(({ name, size }) => [name, size])).toEqual(
      wanted.map(([name, size]: [string, number]) => [name, size]),
    );
    const view = new DataView(bytes.buffer);
    // The check sum stands in the local header too, for readers that go from the front.
    expect(zip.members.map(({ local }) => view.getUint32(local + 14, true))).toEqual(
      wanted.map(([, , crc]: [string, number, number]) => crc),
    );
  });

  it('refuses what it has no type for, saying what to do', async () => {
    const document = await open('slices/tensors.pt');
    const bfloat = { format: 'npy', rows: [rowOf(document, 'bfloat16')] };
    expect(await refusal(document, bfloat)).toBe('bfloat16: NumPy: no element type bf16; as f32 it keeps every value');
    expect(await refusal(document, { format: 'npz' })).toContain('; 4 more cannot be written either');
  });
});

/** Numbers of a text that has one a line or several with commas. */
const numbersOf = (text: string): number[] =>
  text.split(/[\n,]/).flatMap((word) => (word === '' ? [] : [Number(word.replace('inf', 'Infinity'))]));

describe('CSV', () => {
  it('has the exact value of every number, a row a line', async () => {
    const document = await open('slices/tensors.pt');
    for (const [key, columns] of Object.entries({ matrix: 60, wide_range: 9, special: 1, transposed: 4, tall: 3 })) {
      const row = rowOf(document, key);
      const text = new TextDecoder().decode(await write(document, { format: 'csv', rows: [row] }));
      const lines = text.trimEnd().split('\n');
      expect(lines.every((line) => line.split(',').length === columns)).toBe(true);
      expect(numbersOf(text)).toEqual([...(await readValues(document, row)).values].map(Number));
    }
  });

  it('keeps integers past 2^53, signs of zeros and complex numbers', async () => {
    const document = await open('slices/tensors.pt');
    const textOf = async (key: string, slice: string) =>
      new TextDecoder().decode(await write(document, { format: 'csv', rows: [rowOf(document, key)], slice }));
    expect(await textOf('wide', ':3')).toBe('9223372036854775807\n-9223372036854775808\n9007199254740993\n');
    expect(await textOf('special', ':')).toBe('0\n-0\ninf\n-inf\nnan\n1.401298464324817e-45\n');
    expect(await textOf('conj', ':2,:2')).toBe('-7-4.5j,-6.875-4.375j\n-6.375-3.875j,-6.25-3.75j\n');
    expect(await textOf('bool', '0,0')).toBe('1\n0\n0\n1\n');
    expect(await textOf('empty', ':')).toBe('');
  });

  it('is a table of two dimensions', async () => {
    const document = await open('slices/tensors.pt');
    const four = [rowOf(document, 'four')];
    expect(await refusal(document, { format: 'csv', rows: four })).toContain('take a slice such as "0,0,:,:"');
    const two = [rowOf(document, 'matrix'), rowOf(document, 'row')];
    expect(await refusal(document, { format: 'csv', rows: two })).toBe(
      'CSV holds one tensor, and there are 2 to write: matrix, row',
    );
  });
});

test('slices of a ramp take the positions that NumPy takes', async () => {
  const rows = readFileSync(join(FIXTURES, 'slices/texts.txt'), 'utf8').trimEnd().split('\n');
  let taken = 0;
  for (const row of rows.map((line) => JSON.parse(line))) {
    const document = ramp(row.shape);
    const request = { format: 'csv', slice: row.text };
    if (row.taken === null) {
      await expect(planExport(document, request), row.text).rejects.toMatchObject({ info: { kind: 'bad-input' } });
      continue;
    }
    const [shape, values] = row.taken;
    const bytes = await write(document, { format: 'npy', slice: row.text });
    const start = 10 + bytes[8]! + 256 * bytes[9]!;
    const header = new TextDecoder().decode(bytes.subarray(10, start));
    expect(header).toContain(`'shape': (${shape.length === 1 ? `${shape[0]},` : shape.join(', ')})`);
    expect([...new BigInt64Array(bytes.slice(start).buffer)].map(Number), row.text).toEqual(values);
    taken++;
  }
  expect(taken).toBeGreaterThan(300);
});

/** Whole numbers from 0, in big-endian 64 bits, two of them before the tensor. */
function ramp(shape: readonly number[]): Document {
  const count = shape.reduce((n, dim) => n * dim, 1);
  const bytes = new Uint8Array(8 * (count + 2));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) view.setBigInt64(8 * (i + 2), BigInt(i));
  const value: TensorValue = { type: 'tensor', dtype: 'i64', shape, offset: 2, storage: 0 };
  const entry = { id: 0, path: { parts: ['r'] }, key: 'r', value, role: { role: 'unknown' }, roleSource: 'file' };
  const storage = { id: 0, byteLength: bytes.length, endian: 'big', data: { kind: 'inline', bytes } };
  const state = {
    entries: { length: 1, at: () => entry },
    storages: { size: 1, get: () => storage },
    shares: [],
    metadata: [],
  } as unknown as StateDict;
  return { name: 'ramp', state, files: new Map(), bytesRead: 0 };
}

describe('quantised tensors', () => {
  const { quantised } = golden('slices/quantised.pt');

  it.each(Object.keys(quantised))('%s is written as values or as stored integers, as asked', async (key) => {
    const document = await open('slices/quantised.pt');
    const rows = [rowOf(document, key)];
    expect(await refusal(document, { format: 'npy', rows })).toContain('it is quantised');
    const text = async (request: Partial<ExportRequest>) =>
      numbersOf(new TextDecoder().decode(await write(document, { format: 'csv', rows, ...request })));
    expect(await text({ as: 'f32' })).toEqual(quantised[key].values);
    expect(await text({ raw: true })).toEqual(quantised[key].codes);
    const [first, second] = [
      await readValues(document, rows[0]!, '::-2, 1'),
      await readValues(document, rows[0]!, '1'),
    ];
    expect(await text({ as: 'f32', slice: '::-2, 1' })).toEqual([...first.values]);
    expect(await text({ as: 'f32', slice: '1' })).toEqual([...second.values]);
  });

  it('says what became of them', async () => {
    const document = await open('slices/quantised.pt');
    const losses = async (request: Partial<ExportRequest>) =>
      (await planExport(document, { format: 'npz', ...request })).losses.map(({ code }) => code);
    expect(await losses({ as: 'f32' })).toEqual(['dequantised']);
    expect(await losses({ raw: true })).toEqual(['scales-lost']);
  });
});

test('elements of half a byte are taken from the middle of one', async () => {
  const document = await open('pytorch/dtypes.pt');
  const row = Array.from({ length: document.state.entries.length }, (_, at) => at).find((at) => {
    const { value } = document.state.entries.at(at);
    return value.type === 'tensor' && value.dtype === 'f4';
  }) as number;
  const rows = [row];
  for (const slice of ['..., 1:', '..., 3', '..., ::-1', '..., 1::2']) {
    const { values } = await readValues(document, row, slice);
    const text = await write(document, { format: 'csv', rows, slice });
    expect(numbersOf(new TextDecoder().decode(text)), slice).toEqual([...values].map(Number));
    const bytes = await write(document, { format: 'npy', rows, slice, as: 'f32' });
    const numbers = new Float32Array(bytes.slice(bytes.length - 4 * values.length).buffer);
    expect([...numbers], slice).toEqual([...values].map(Number));
  }
});

describe('what is lost', () => {
  const lossesOf = async (path: string, format = 'npz') => (await planExport(await open(path), { format })).losses;

  it('names ties, what is no tensor, and metadata', async () => {
    expect((await lossesOf('pytorch/tied.bin')).map(({ code }) => code)).toContain('tie-lost');
    const optimizer = await lossesOf('pytorch/optimizer.pt');
    expect(optimizer.find(({ code }) => code === 'left-out')).toMatchObject({ severity: 'warning' });
    expect((await lossesOf('safetensors/lora.safetensors')).map(({ code }) => code)).toEqual(['metadata-lost']);
    expect(await lossesOf('safetensors/lora.safetensors', 'safetensors')).toEqual([]);
  });

  it('refuses what has no bytes', async () => {
    expect(await refusal(await open('pytorch/meta.pt'), { format: 'npz' })).toContain('declared without data');
    const alone = await open('safetensors/sharded/model.safetensors.index.json');
    expect(await refusal(alone, { format: 'safetensors' })).toContain('is not open');
    expect(await refusal(await open('pytorch/sparse.pt'), { format: 'npz' })).toContain('sparse');
    expect(await refusal(await open('text/agent-before.toml'), { format: 'npz' })).toContain('there is none');
  });

  it('does not write out a giant that is one number shown again and again', async () => {
    const giant = await open('hostile/stride-0-huge.pt');
    await expect(planExport(giant, { format: 'npy' })).rejects.toMatchObject({ info: { limit: 'expandedBytes' } });
  });
});

test('every format says how large it would be, or why it is not possible', async () => {
  const document = await open('slices/tensors.pt');
  const forms = await listExportForms(document, { rows: [rowOf(document, 'bfloat16')], slice: '0' });
  expect(
    forms.map(({ id, error, ...form }) => [id, error ? describeError(error) : 'size' in form && form.size]),
  ).toEqual([
    ['safetensors', 128],
    ['pytorch', 1577],
    ['gguf', 128],
    ['npz', 'bfloat16: NumPy: no element type bf16; as f32 it keeps every value'],
    ['npy', 'bfloat16: NumPy: no element type bf16; as f32 it keeps every value'],
    ['flax', 52],
    ['csv', false],
  ]);
  await expect(listExportForms(document, { slice: '0' })).rejects.toMatchObject({ info: { kind: 'bad-input' } });
});

describe('carrying out', () => {
  it('composes a Blob of ranges of a dropped file without reading them', async () => {
    const path = 'safetensors/many.safetensors';
    const blob = new Blob([bytesOf(path)]);
    const { documents } = await openFiles([{ id: 'many.safetensors', source: blobSource(blob, 'many.safetensors') }]);
    const plan = await planExport(documents[0]!, { format: 'safetensors' });
    const sink = blobSink();
    await writePlan(plan, sink, () => Promise.reject(new Error('it was read')));
    const written = new Uint8Array(await sink.finish('application/octet-stream').arrayBuffer());
    expect(sha(written)).toBe(sha(bytesOf(path)));
  });

  it('composes the same Blob of an npz, whose members are read for their check sums', async () => {
    const blob = new Blob([bytesOf('pytorch/dtypes.pt')]);
    const { documents } = await openFiles([{ id: 'dtypes.pt', source: blobSource(blob, 'dtypes.pt') }]);
    const request = { format: 'npz', as: 'f32', raw: true } as const;
    const rows = await npzRows(documents[0]!, request);
    const plan = await planExport(documents[0]!, { ...request, rows });
    const sink = blobSink();
    await writePlan(plan, sink, openNodeHandle);
    const written = new Uint8Array(await sink.finish('').arrayBuffer());
    expect(sha(written)).toBe(sha(await write(await open('pytorch/dtypes.pt'), { ...request, rows })));
  });

  async function npzRows(document: Document, request: ExportRequest): Promise<number[]> {
    const rows: number[] = [];
    for (let row = 0; row < document.state.entries.length; row++)
      if ((await refusal(document, { ...request, rows: [row] })) === 'planned') rows.push(row);
    expect(rows.length).toBeGreaterThan(10);
    return rows;
  }

  it('gives the same bytes for stored and deflated, little- and big-endian, zip and legacy files', async () => {
    for (const pair of [
      ['pytorch/repacked-deflated.pt', 'pytorch/repacked-stored.pt'],
      ['pytorch/views.pt', 'pytorch/views-legacy.pt'],
    ]) {
      const [a, b] = await Promise.all(pair.map(async (path) => write(await open(path), { format: 'safetensors' })));
      expect(sha(a!), pair[0]).toBe(sha(b!));
    }
  });

  it('gathers views in bands as it reads them in one go', async () => {
    let compared = 0;
    for (const path of ['slices/tensors.pt', 'pytorch/big-endian.pt', 'pytorch/repacked-deflated.pt']) {
      const document = await open(path);
      for (let row = 0; row < document.state.entries.length; row++) {
        const { key, value } = document.state.entries.at(row);
        if (value.type !== 'tensor' || value.negative || value.conjugate) continue;
        if ((await refusal(document, { format: 'npy', rows: [row] })) !== 'planned') continue;
        compared++;
        const whole = await write(document, { format: 'npy', rows: [row] });
        const storage = document.state.storages.get(value.storage!);
        const bands: Buffer[] = [];
        let count = 0;
        for await (const piece of readBands(value, storage, document.files, { name: key }, 7)) {
          bands.push(Buffer.from(piece.bytes));
          count += piece.count;
        }
        const bytes = Buffer.concat(bands);
        expect(count, key).toBe(countElements(value.shape));
        expect(Buffer.compare(bytes, Buffer.from(whole.subarray(whole.length - bytes.length))), key).toBe(0);
      }
    }
    expect(compared).toBeGreaterThan(40);
  });

  it('copies ranges of the files as they are', async () => {
    const path = 'safetensors/tiny.safetensors';
    const document = await open(path);
    const plan = await planExport(document, { format: 'safetensors' });
    const seen: number[] = [];
    const parts: Part[] = [
      { kind: 'late', length: 2, make: () => Uint8Array.of(seen.length, 7) },
      { kind: 'copy', file: 'tiny.safetensors', offset: 100, length: 50, see: (bytes) => seen.push(...bytes) },
      { kind: 'copy', file: 'tiny.safetensors', offset: 8, length: 3 },
    ];
    const sink = memorySink();
    await writePlan({ ...plan, parts: () => parts }, sink, openNodeHandle);
    const original = bytesOf(path);
    expect([...sink.bytes()]).toEqual([50, 7, ...original.subarray(100, 150), ...original.subarray(8, 11)]);
    expect(seen).toEqual([...original.subarray(100, 150)]);
  });

  it('tells its progress in bytes of the file, and of elements where that is not known', async () => {
    const document = await open('slices/tensors.pt');
    const rows = [rowOf(document, 'cube')];
    for (const [format, total] of [
      ['npz', 128 + 32_000 + (30 + 8) + (46 + 8) + 22],
      ['csv', 32_000],
    ] as const) {
      const told: [number, number][] = [];
      const plan = await planExport(document, { format, rows, ...(format === 'csv' && { slice: '0' }) });
      await writePlan(plan, memorySink(), openNodeHandle, { onProgress: (...bytes) => told.push(bytes) });
      const all = format === 'csv' ? total / 20 : total;
      expect([told[0], told.at(-1)]).toEqual([
        [0, all],
        [all, all],
      ]);
    }
  });

  it('carries out a plan as often as it is asked to', async () => {
    const document = await open('slices/quantised.pt');
    const plan = await planExport(document, { format: 'npz', as: 'f32' });
    const files = [memorySink(), memorySink()];
    for (const sink of files) await writePlan(plan, sink, openNodeHandle);
    expect(sha(files[1]!.bytes())).toBe(sha(files[0]!.bytes()));
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const plan = await planExport(await open('safetensors/many.safetensors'), { format: 'npz' });
    let writes = 0;
    const sink: Sink = {
      async write() {
        if (++writes === 5) stop.abort();
      },
    };
    const work = writePlan(plan, sink, openNodeHandle, { signal: stop.signal });
    await expect(work).rejects.toMatchObject({ info: { kind: 'cancelled' } });
    expect(writes).toBeLessThan(8);
  });
});
