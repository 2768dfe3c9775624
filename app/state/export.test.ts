import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { createEngine } from '../engine/engine.ts';
import { engine, replaceEngine } from './engine.ts';
import { addExplorer, explorerOf, selectEntry, selectNode, setFilter } from './explorer.ts';
import {
  chooseFormat,
  choosePart,
  chooseWiden,
  chosenForm,
  openExport,
  stemOf,
  typeName,
  useExport,
} from './export.ts';

/** A machine may have other things to do meanwhile. */
const WAIT = { timeout: 20_000 };

const FIXTURES = join(import.meta.dirname, '../../src-core/fixtures');

async function open(path: string) {
  replaceEngine(createEngine());
  const bytes = new Uint8Array(readFileSync(join(FIXTURES, path)));
  const name = path.split('/').at(-1)!;
  const { documents } = await engine().open({ files: [{ path: name, handle: { kind: 'buffer', name, bytes } }] });
  addExplorer(documents[0]!);
  return documents[0]!;
}

const partIds = () => useExport.getState().parts.map(({ id, tensors }) => `${id} ${tensors}`);
const known = () => vi.waitFor(() => expect(useExport.getState().asking).toBe(false), WAIT);

beforeEach(() => useExport.setState({ wanted: 'safetensors' }));

test('what can be exported goes from the nearest to the whole', async () => {
  const document = await open('safetensors/tiny.safetensors');
  openExport(document);
  expect(partIds()).toEqual(['document 29']);
  const [row] = await engine().filter(document.id, 'h.3.weight');
  selectEntry(document.id, row!);
  openExport(document);
  expect(partIds()).toEqual(['tensor 1', 'module 2', 'document 29']);
  expect(useExport.getState().parts.map(({ about }) => about)).toEqual(['h.3.weight', 'h.3', 'tiny.safetensors']);
  setFilter(document.id, 'bias');
  await vi.waitFor(() => expect(explorerOf(document.id)?.matches).toHaveLength(12), WAIT);
  selectNode(document.id, document.tree.parent[document.tree.nodeOfEntry[row!]!]!);
  openExport(document);
  expect(partIds()).toEqual(['module 2', 'filter 12', 'document 29']);
});

test('a format that is not possible gives way to one that is, and comes back', async () => {
  const document = await open('safetensors/tiny.safetensors');
  openExport(document);
  await known();
  chooseFormat('npz');
  expect(chosenForm(useExport.getState())?.id).toBe('safetensors');
  chooseWiden(true);
  await known();
  expect(chosenForm(useExport.getState())?.id).toBe('npz');
});

test('the file is named for what it holds until a person names it', async () => {
  const document = await open('slices/tensors.pt');
  const [row] = await engine().filter(document.id, 'four');
  selectEntry(document.id, row!);
  openExport(document);
  await known();
  expect(partIds()).toEqual(['tensor 1', 'slice 1', 'document 43']);
  expect(stemOf(useExport.getState())).toBe('four');
  choosePart('slice');
  expect(stemOf(useExport.getState())).toBe('four-slice');
  typeName('mine');
  choosePart('document');
  expect(stemOf(useExport.getState())).toBe('mine');
  await known();
  openExport(document);
  expect(stemOf(useExport.getState())).toBe('four');
  await known();
});
