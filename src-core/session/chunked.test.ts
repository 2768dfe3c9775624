import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { openNodeHandle } from '../bytes/node.ts';
import { unpackFolder } from '../formats/fixture-files.fixture.ts';
import type { Document } from './document.ts';
import { applyEdit, startEditing } from './edits.ts';
import { localPool } from './local-pool.ts';
import { openFiles } from './open.ts';
import { scanStats } from './scan.ts';
import { readValues } from './values.ts';

/** Arrays that are put together from chunks, through the door of tasks. What they hold is TensorStore's word. */
const GOLDEN = new URL('../fixtures/orbax/zarr.zip.json', import.meta.url);
const entries: readonly { readonly path: readonly string[]; readonly values: readonly (number | string)[] }[] =
  JSON.parse(readFileSync(GOLDEN, 'utf8')).entries;

async function open(): Promise<Document> {
  const packed = [...unpackFolder('orbax/zarr.zip')];
  const { documents } = await openFiles(
    packed.map(([id, bytes]) => ({ id, source: bufferSource(bytes, id.slice(id.lastIndexOf('/') + 1)) })),
  );
  return documents[0]!;
}

const rowOf = ({ state }: Pick<Document, 'state'>, key: string): number =>
  Array.from({ length: state.entries.length }, (_, row) => row).find((row) => state.entries.at(row).key === key)!;

test.each(entries.map(({ path, values }) => [path.join('.'), values] as const))(
  'statistics of %s are those of its elements',
  async (key, wanted) => {
    expect.hasAssertions();
    const document = await open();
    const numbers = wanted.map(Number);
    const finite = numbers.filter((number) => !Number.isNaN(number));
    await scanStats(document, [rowOf(document, key)], localPool(openNodeHandle, 2), ({ stats }) => {
      expect(stats?.count).toBe(numbers.length);
      expect(stats?.nan).toBe(numbers.length - finite.length);
      expect([stats?.min, stats?.max]).toEqual([Math.min(...finite), Math.max(...finite)]);
      expect(stats?.mean).toBeCloseTo(finite.reduce((sum, number) => sum + number, 0) / finite.length, 9);
    });
  },
);

test('an edit of a few elements reads the chunks that are asked for, and keeps the others', async () => {
  const document = startEditing(await open());
  const edited = applyEdit(document, { op: 'set-elements', args: { key: 'shards.packed', slice: '4, 7', values: 9 } });
  const wanted = entries.find(({ path }) => path.join('.') === 'shards.packed')!.values;
  const { values } = await readValues(edited, rowOf(edited, 'shards.packed'));
  expect([...values]).toEqual(wanted.map((value, i) => (i === 4 * 11 + 7 ? 9 : value)));
});
