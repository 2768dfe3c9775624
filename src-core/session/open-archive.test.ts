import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { openFiles } from './open.ts';
import { readValues } from './values.ts';

const FOLDER = new URL('../fixtures/archives/', import.meta.url);

interface Golden {
  /** Keys of each, by its path in the archive. */
  readonly documents: Readonly<Record<string, readonly string[]>>;
  /** Values of `fc.weight` of some. */
  readonly first: Readonly<Record<string, readonly number[]>>;
}

const names = readdirSync(FOLDER).filter((name) => !name.endsWith('.json'));
const load = (name: string) => Uint8Array.from(readFileSync(new URL(name, FOLDER)));
const openOne = (name: string, bytes = load(name)) => openFiles([{ id: name, source: bufferSource(bytes, name) }]);

describe.each(names)('%s', (name) => {
  const golden: Golden = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));

  it('opens as the folder that was packed', async () => {
    const { documents, failures } = await openOne(name);
    expect(failures).toEqual([]);
    const found = documents.map(({ state }) => {
      const keys = Array.from({ length: state.entries.length }, (_, row) => state.entries.at(row).key);
      return [state.files[0]!.id, keys.sort()] as const;
    });
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(Object.entries(golden.documents).map(([path, keys]) => [`${name}/${path}`, keys])),
    );
    for (const [path, values] of Object.entries(golden.first)) {
      const document = documents.find(({ state }) => state.files[0]!.id === `${name}/${path}`)!;
      const { entries } = document.state;
      const row = Array.from({ length: entries.length }, (_, i) => i).find((i) => entries.at(i).key === 'fc.weight')!;
      expect([...(await readValues(document, row)).values]).toEqual(values);
    }
  });
});

test('a configuration in an archive lies beside its model', async () => {
  const { documents } = await openOne('stored.zip');
  const unet = documents.find(({ state }) => state.files[0]!.id.includes('/unet/'));
  expect(unet?.state.files.map(({ id, part }) => [id, part])).toContainEqual([
    'stored.zip/unet/config.json',
    'companion',
  ]);
});

test('a stored member is a window, which a worker opens again', async () => {
  const { documents } = await openOne('stored.zip');
  const [id] = [...documents[0]!.files.keys()];
  expect(documents[0]!.files.get(id!)?.handle.kind).toBe('window');
});

test('an archive in an archive stays closed, and one without a model is named', async () => {
  const text = new TextEncoder().encode('nothing');
  const { documents, failures } = await openOne('a.gz', await gzip(await gzip(text)));
  expect(documents).toEqual([]);
  expect(failures).toMatchObject([{ file: 'a.gz', error: { kind: 'not-a-model', what: 'a gzip archive' } }]);
});

test('damage is told', async () => {
  for (const name of ['ustar.tar', 'packed.tar.gz']) {
    const bytes = load(name);
    const cut = await openOne(name, bytes.slice(0, 700));
    expect(cut.failures.length + cut.documents.length, name).toBeGreaterThan(0);
  }
  const broken = load('ustar.tar');
  broken.fill(0x41, 512 + 124, 512 + 130);
  const { failures } = await openOne('broken.tar', broken);
  expect(failures[0]?.error).toMatchObject({ kind: 'malformed', format: 'tar' });
});

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
