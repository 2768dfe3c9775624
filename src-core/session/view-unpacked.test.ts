import { describe, expect, it, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { countingSource } from '../bytes/counting.ts';
import { openHandle } from '../bytes/open-handle.ts';
import { findRow } from '../model/find-row.ts';
import { findPacked } from '../model/packed/find-packed.ts';
import type { TensorValue } from '../model/state-dict.ts';
import { countElements } from '../tensor/dtype.ts';
import type { Document } from './document.ts';
import { checkHealth } from './health/check-health.ts';
import { localPool } from './local-pool.ts';
import { openFiles } from './open.ts';
import { openPacked, PACKED_NAMES, packedBytesOf, packedGolden, unsign } from './packed.fixture.ts';
import { type EntryStats, scanStats } from './scan.ts';
import { scanRows } from './scan-rows.ts';
import { packedConfigOf } from './unpack.ts';
import { readValues } from './values.ts';
import { describePacked, viewPaired, viewUnpacked } from './view-unpacked.ts';

const pool = localPool(openHandle);

describe.each(PACKED_NAMES)('%s', (name) => {
  const { weights, config } = packedGolden(name);

  it('is looked at as what the library makes of it, where it is and as it is called', async () => {
    const document = await openPacked(`${name}.safetensors`, config);
    const [view, decoded] = [await viewUnpacked(document), await openPacked(`decoded/${name}.safetensors`)];
    expect(view.state.entries.length).toBe(document.state.entries.length);
    for (const { key, row } of findPacked(document.state, packedConfigOf(config))) {
      const [was, is] = [document.state.entries.at(row), view.state.entries.at(row)];
      const { dtype, shape } = weights[key]!;
      expect([is.id, is.key, is.value]).toEqual([was.id, was.key, expect.objectContaining({ dtype, shape })]);
      const alone = await viewUnpacked(document, [row]);
      const right = await readValues(decoded, findRow(decoded.state, key)!);
      for (const seen of [view, alone])
        expect(unsign((await readValues(seen, row)).values)).toEqual(unsign(right.values));
    }
  });

  it('has the statistics of what the library makes of it', async () => {
    const document = await openPacked(`${name}.safetensors`, config);
    const [view, decoded] = [await viewUnpacked(document), await openPacked(`decoded/${name}.safetensors`)];
    for (const { key, row } of findPacked(document.state, packedConfigOf(config))) {
      const wanted = findRow(decoded.state, key)!;
      const [found, right] = [await statsOf(view, row), await statsOf(decoded, wanted)];
      const { min, max, mean, std, zeros, count } = right.stats!;
      expect(found.stats).toMatchObject({ min, max, zeros, count });
      expect([found.stats!.mean, found.stats!.std]).toEqual([expect.closeTo(mean!, 12), expect.closeTo(std!, 12)]);
    }
  });

  it('names what belongs together', async () => {
    const document = await openPacked(`${name}.safetensors`, config);
    for (const weight of findPacked(document.state, packedConfigOf(config))) {
      const { key, row, parts } = weight;
      const codes = { id: row, key: document.state.entries.at(row).key };
      const { dtype, shape } = weights[key]!;
      const main = await describePacked(document, row);
      expect(main).toMatchObject({ key, codes, unpacked: { value: { dtype, shape } } });
      expect(main!.parts.map(({ id }) => id)).toEqual(parts);
      for (const part of parts) {
        const told = await describePacked(document, part);
        expect(told).toMatchObject({ key, codes });
        expect(told).not.toHaveProperty('unpacked');
      }
    }
  });
});

test('a window of a weight costs the codes and scales of that window, and no more', async () => {
  const source = countingSource(bufferSource(packedBytesOf('fp8-blocks.safetensors'), 'model.safetensors'));
  const { documents } = await openFiles([{ id: source.name, source }]);
  const { row, parts } = findPacked(documents[0]!.state)[0]!;
  const view = await viewUnpacked(documents[0]!, [row]);
  const before = source.bytesRead;
  const { values } = await readValues(view, row, '0:2, :');
  const scales = view.state.entries.at(parts[0]!).value as TensorValue;
  const cost = source.bytesRead - before;
  expect(cost).toBeGreaterThanOrEqual(values.length);
  expect(cost).toBeLessThanOrEqual(values.length + 4 * countElements(scales.shape));
});

test('rows of a weight are its output channels, whatever the order of its codes', async () => {
  const document = await openPacked('gptq.safetensors');
  const { row, key } = findPacked(document.state)[0]!;
  const rows = await scanRows(await viewUnpacked(document, [row]), row, pool);
  const decoded = await openPacked('decoded/gptq.safetensors');
  const right = await scanRows(decoded, findRow(decoded.state, key)!, pool);
  expect(rows.rowLength).toBe(right.rowLength);
  expect([rows.stats.min, rows.stats.max]).toEqual([right.stats.min, right.stats.max]);
});

test('a packed weight goes by the name of its partner, and by its own beside codes of the same name', async () => {
  const [packed, plain] = [await openPacked('gptq.safetensors'), await openPacked('decoded/gptq.safetensors')];
  const { row, key } = findPacked(packed.state)[0]!;
  const [a, b] = await viewPaired(packed, plain);
  expect([a.state.entries.at(row).key, b]).toEqual([key, plain]);
  expect(a.state.entries.length).toBe(packed.state.entries.length);
  const [alike] = await viewPaired(packed, packed);
  expect(alike.state.entries.at(row).key).toBe(packed.state.entries.at(row).key);
});

test('a health check goes by the numbers that codes stand for', async () => {
  const document = await openPacked('gptq.safetensors');
  const [{ row, key }, told] = [findPacked(document.state)[2]!, new Map<number, EntryStats>()];
  await checkHealth(document, pool, { onStats: (stats) => told.set(stats.id, stats) });
  const decoded = await openPacked('decoded/gptq.safetensors');
  const right = await statsOf(decoded, findRow(decoded.state, key)!);
  expect(told.get(row)!.stats).toMatchObject({ min: right.stats!.min, max: right.stats!.max, count: 2048 });
});

test('a document in which nothing is packed is looked at as it is', async () => {
  const document = await openPacked('decoded/gptq.safetensors');
  expect(await viewUnpacked(document)).toBe(document);
  expect(await describePacked(document, 0)).toBeUndefined();
});

test('a weight that cannot be made says why, and stops no other', async () => {
  const NAME = 'bitsandbytes-4bit.safetensors';
  const bytes = packedBytesOf(NAME);
  const sound = await openPacked(NAME);
  const [first, second] = findPacked(sound.state);
  const state = sound.state.entries.at(first!.state!).value as TensorValue;
  const { data } = sound.state.storages.get(state.storage!)!;
  if (data.kind !== 'slices') throw new Error('it lies in the file');
  bytes[data.slices[0]!.offset + state.offset] = 0x21;
  const document = await openPacked(NAME, undefined, bytes);
  const view = await viewUnpacked(document);
  const why = `the quant_state of ${first!.key} is no JSON`;
  await expect(readValues(view, first!.row)).rejects.toThrow(why);
  expect((await statsOf(view, first!.row)).error).toMatchObject({ kind: 'not-found' });
  expect((await describePacked(document, first!.row))?.why).toContain(why);
  const right = await readValues(await viewUnpacked(sound), second!.row);
  expect((await readValues(view, second!.row)).values).toEqual(right.values);
});

async function statsOf(document: Document, row: number): Promise<EntryStats> {
  const told: EntryStats[] = [];
  await scanStats(document, [row], pool, (stats) => told.push(stats));
  return told[0]!;
}
