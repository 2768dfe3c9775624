import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type EntryStats, StatsTable } from '../../src-core/index.ts';
import { createEngine } from './engine.ts';
import { warmUp } from './warm-up.ts';
import { detach } from './wire.ts';

const ROOT = join(import.meta.dirname, '../..');
const offer = (...paths: string[]) => ({
  files: paths.map((path) => {
    const name = path.split('/').at(-1) ?? path;
    return {
      path: name,
      handle: { kind: 'buffer' as const, name, bytes: new Uint8Array(readFileSync(join(ROOT, path))) },
    };
  }),
});

test('answers everything about a document until it is closed', async () => {
  const engine = createEngine();
  const { documents, failures } = await engine.open(offer('public/examples/digits-final.pt'));
  expect(failures).toEqual([]);
  const document = documents[0]!;
  expect(document).toMatchObject({ name: 'digits-final.pt', format: 'pytorch', hasPickle: true, problems: 0 });
  expect(document.summary).toMatchObject({ entries: 18, params: 118_572 });
  const rows = await engine.filter(document.id, 'kind:Conv2d weight');
  expect(await engine.keys(document.id, rows)).toEqual(['features.0.weight', 'features.3.weight']);
  const sorted = await engine.sort({ document: document.id, column: 'params', descending: true });
  expect((await engine.keys(document.id, sorted.slice(0, 1)))[0]).toBe('classifier.1.weight');
  expect((await engine.entry(document.id, rows[0]!)).entry).toMatchObject({
    key: 'features.0.weight',
    value: { dtype: 'f32', shape: [32, 1, 3, 3] },
  });
  expect((await engine.search(document.id, 'cl3b', 5))[0]?.key).toBe('classifier.3.bias');
  await engine.close(document.id);
  await expect(engine.metadata(document.id)).rejects.toThrow('it was closed');
});

test('a query that cannot be read says where', async () => {
  const engine = createEngine();
  const { documents } = await engine.open(offer('public/examples/digits-final.pt'));
  await expect(engine.filter(documents[0]!.id, 'conv /(/')).rejects.toMatchObject({
    info: { kind: 'bad-input', at: expect.any(Number) },
  });
});

test('a search that is no longer wanted stops', async () => {
  const engine = createEngine();
  const { documents } = await engine.open(offer('public/examples/digits-final.pt'));
  const controller = new AbortController();
  controller.abort();
  const late = engine.open(offer('public/examples/digits-final.pt'), { signal: controller.signal });
  await expect(late).rejects.toMatchObject({ info: { kind: 'cancelled' } });
  expect(documents).toHaveLength(1);
});

test('what crosses to the page is a copy: the engine goes on with its own', async () => {
  const engine = createEngine();
  const reply = await engine.open(offer('public/examples/digits-final.pt'));
  const { value, transfer } = detach(reply);
  expect(transfer.length).toBeGreaterThan(15);
  structuredClone(value, { transfer });
  expect(await engine.filter(reply.documents[0]!.id, 'bias')).toHaveLength(6);
});

test('warming up leaves no document behind', async () => {
  const engine = createEngine();
  await warmUp(engine);
  const { documents } = await engine.open(offer('public/examples/digits-final.pt'));
  await expect(engine.metadata(documents[0]!.id - 1)).rejects.toThrow('it was closed');
});

test('numbers, bytes and statistics of an entry', async () => {
  const engine = createEngine();
  const { documents } = await engine.open(offer('public/examples/digits-final.safetensors'));
  const { id } = documents[0]!;
  const [row] = await engine.filter(id, 'features.0.weight');
  const entry = row as number;
  const part = await engine.values({ document: id, entry, slice: '0, 0, :, :2' });
  const whole = await engine.values({ document: id, entry });
  expect(part.shape).toEqual([3, 2]);
  expect([...part.values]).toEqual([0, 1, 3, 4, 6, 7].map((at) => whole.values[at]));
  const bytes = await engine.storedBytes({ document: id, entry, start: 4, end: 8 });
  expect(new DataView(bytes.buffer).getFloat32(0, true)).toBe(whole.values[1]);
  const items: EntryStats[] = [];
  await engine.stats(id, new Uint32Array([entry]), { onItem: (item) => items.push(item) });
  // Where the machine is slow, some are told on the way.
  const told = items.filter(({ interim }) => !interim);
  expect(told).toHaveLength(1);
  expect(told[0]?.stats).toMatchObject({ count: 288, max: Math.max(...(whole.values as Float64Array)) });
  const rows = await engine.rowStats({ document: id, entry });
  expect(rows.stats.max[0]).toBe(Math.max(...(whole.values as Float64Array).subarray(0, 9)));
});

test('a scan computes each tensor once, and tells what it knew', async () => {
  const engine = createEngine();
  const { documents } = await engine.open(offer('public/examples/digits-final.safetensors'));
  const { id, tree } = documents[0]!;
  const rows = Uint32Array.from({ length: tree.entryCount }, (_, row) => row);
  const read: number[] = [];
  const scan = async () => {
    const table = new StatsTable();
    await engine.scan(id, rows, {
      onItem: (batch) => table.add(batch),
      onProgress: ({ total }) => read.push(total),
    });
    return table;
  };
  const first = await scan();
  const before = read.at(-1);
  const again = await scan();
  expect(before).toBe(documents[0]?.summary.bytes);
  expect(read.at(-1)).toBe(0);
  expect(first.size).toBe(18);
  const items: EntryStats[] = [];
  await engine.stats(id, rows, { onItem: (item) => items.push(item) });
  for (const { id: row, stats } of items) {
    expect([first.numberOf(row, 'mean'), first.numberOf(row, 'l2')]).toEqual([stats?.mean, stats?.l2]);
    expect(again.numberOf(row, 'absmax')).toBe(stats?.absmax);
  }
});

test('offsets are where the values lie in the file', async () => {
  const engine = createEngine();
  const { documents } = await engine.open(offer('public/examples/digits-final.safetensors'));
  const { id } = documents[0]!;
  const [row] = await engine.filter(id, 'features.0.weight');
  const bytes = readFileSync(join(ROOT, 'public/examples/digits-final.safetensors'));
  const [offset] = await engine.fileOffsets(id, Uint32Array.of(row as number));
  const { values } = await engine.values({ document: id, entry: row as number });
  expect(bytes.readFloatLE(offset as number)).toBe(values[0]);
});

test('a file of some tensors is as large as was said, and opens with the same values', async () => {
  const engine = createEngine();
  const path = 'public/examples/digits-final.safetensors';
  const blob = new Blob([readFileSync(join(ROOT, path))]);
  const { documents } = await engine.open({ files: [{ path, handle: { kind: 'blob', blob, name: 'a' } }] });
  const { id } = documents[0]!;
  const rows = await engine.filter(id, 'features');
  const choice = { document: id, rows };
  const forms = await engine.exportForms(choice);
  expect(forms.map(({ id: format, error }) => [format, error?.kind])).toEqual([
    ['safetensors', undefined],
    ['pytorch', undefined],
    ['gguf', undefined],
    ['npz', undefined],
    ['npy', 'bad-input'],
    ['flax', undefined],
    ['csv', 'bad-input'],
  ]);
  for (const form of forms.slice(0, 4)) {
    const written = await engine.exportFile(choice, form.id);
    expect('size' in form && form.size, form.id).toBe(written.size);
  }
  const again = await engine.open({
    files: [{ path: 'b', handle: { kind: 'blob', blob: await engine.exportFile(choice, 'safetensors'), name: 'b' } }],
  });
  const other = again.documents[0]!;
  const keys = await engine.keys(id, rows);
  expect(new Set(await engine.keys(other.id, await engine.filter(other.id, '')))).toEqual(new Set(keys));
  for (const [i, row] of rows.entries()) {
    const [there] = await engine.filter(other.id, keys[i]!);
    const values = await engine.values({ document: other.id, entry: there! });
    expect(values.values).toEqual((await engine.values({ document: id, entry: row })).values);
  }
});

test('an edit takes a tensor of another open document, which may be closed then', async () => {
  const engine = createEngine();
  const { documents } = await engine.open(
    offer('public/examples/digits-final.safetensors', 'src-core/fixtures/pytorch/tied.bin'),
  );
  const [document, donor] = ['safetensors', 'pytorch'].map((format) => documents.find((one) => one.format === format)!);
  const [given] = await engine.filter(donor!.id, 'wte.weight');
  const wanted = (await engine.values({ document: donor!.id, entry: given! })).values;
  const edit = { op: 'take', args: { key: 'embedding.weight', donor: 'tied', from: 'wte.weight' } };
  await expect(engine.edit(document!.id, edit)).rejects.toThrow(/tied: the edit takes values/);
  const { log } = await engine.edit(document!.id, edit, false, { tied: donor!.id });
  expect(log.edits.map(({ title }) => title)).toEqual(['Add embedding.weight from tied: wte.weight']);
  await engine.close(donor!.id);
  const [row] = await engine.filter(document!.id, 'embedding.weight');
  expect((await engine.values({ document: document!.id, entry: row! })).values).toEqual(wanted);
  const [saved] = await engine.saveFiles(document!.id);
  const handle = { kind: 'blob' as const, blob: saved!.blob, name: 'saved.safetensors' };
  const again = (await engine.open({ files: [{ path: 'saved.safetensors', handle }] })).documents[0]!;
  const [there] = await engine.filter(again.id, 'embedding.weight');
  expect((await engine.values({ document: again.id, entry: there! })).values).toEqual(wanted);
});
