import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { bufferSource } from '../../bytes/buffer.ts';
import type { ByteSource, FileId } from '../../bytes/source.ts';
import { changeState } from '../../model/change-state.ts';
import type { MetaItem, StateDict } from '../../model/state-dict.ts';
import type { Part } from '../format.ts';
import { gguf } from './index.ts';

const FOLDER = new URL('../../fixtures/gguf/', import.meta.url);
const load = (path: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(new URL(path, FOLDER)));

async function openFiles(files: ReadonlyMap<FileId, ByteSource>): Promise<StateDict> {
  const { read } = await gguf.load();
  const [id, source] = [...files][0]!;
  const result = await read({ id, source, files, set: [...files.keys()] });
  if ('decline' in result) throw new Error(result.decline);
  return result.state;
}

const sourcesOf = (...names: readonly string[]) =>
  new Map(names.map((name) => [name, bufferSource(load(name), name.slice(name.lastIndexOf('/') + 1))]));

/** Bytes of a file whose parts are bytes and copies. */
function carry(parts: Iterable<Part>, files: ReadonlyMap<FileId, Uint8Array<ArrayBuffer>>): Uint8Array<ArrayBuffer> {
  const pieces = [...parts].map((part) => {
    if (part.kind === 'bytes') return part.bytes;
    if (part.kind !== 'copy') throw new Error(`${part.kind} is not copied`);
    return files.get(part.file)!.subarray(part.offset, part.offset + part.length);
  });
  return Uint8Array.from(Buffer.concat(pieces));
}

async function saveAs(names: readonly string[], edit: (state: StateDict) => StateDict) {
  const files = sourcesOf(...names);
  const before = await openFiles(files);
  const { save } = await gguf.load();
  const plans = await save!({ before, after: edit(before), files });
  const bytes = new Map(names.map((name) => [name, load(name)]));
  return plans.map(({ file, size, parts, losses }) => {
    const saved = carry(parts(), bytes);
    expect(saved.length).toBe(size);
    return { file, saved, losses };
  });
}

const withItems = (change: (items: readonly MetaItem[]) => readonly MetaItem[]) => (state: StateDict) =>
  changeState(state, { metadata: change(state.metadata) });
const reopen = (saved: Uint8Array<ArrayBuffer>) => openFiles(new Map([['x.gguf', bufferSource(saved, 'x.gguf')]]));

describe('an item of metadata that is set', () => {
  it('leaves the bytes of all other items and tensors as they were', async () => {
    const set = withItems((items) =>
      items.map((item) => (item.key === 'every.i16' ? { ...item, value: { kind: 'number', lexeme: '-7' } } : item)),
    );
    const [plan] = await saveAs(['tiny.gguf'], set);
    const was = load('tiny.gguf');
    const at = Buffer.from(was).indexOf('every.i16') + 'every.i16'.length + 4;
    const wanted = was.slice();
    new DataView(wanted.buffer).setInt16(at, -7, true);
    expect(Buffer.compare(plan!.saved, wanted)).toBe(0);
  });

  it('keeps long lists without reading them', async () => {
    const set = withItems((items) => items.filter(({ key }) => key !== 'general.name'));
    const [plan] = await saveAs(['chat.gguf'], set);
    const again = await reopen(plan!.saved);
    const before = await openFiles(sourcesOf('chat.gguf'));
    expect(again.metadata.map(({ key, type, value }) => [key, type, value])).toEqual(
      before.metadata.filter(({ key }) => key !== 'general.name').map(({ key, type, value }) => [key, type, value]),
    );
  });

  it('is refused for a value that its type cannot hold', async () => {
    const set = withItems((items) =>
      items.map((item) => (item.key === 'every.u8' ? { ...item, value: { kind: 'number', lexeme: '256' } } : item)),
    );
    await expect(saveAs(['tiny.gguf'], set)).rejects.toMatchObject({ info: { kind: 'unsupported', file: 'every.u8' } });
  });
});

test.each(['v1.gguf', 'big-endian.gguf'])('%s with an edit becomes version 3, little-endian', async (name) => {
  const set = withItems((items) => [
    ...items,
    { section: 'metadata', key: 'added', value: { kind: 'string', value: 'x' }, type: 'str' },
  ]);
  const files = sourcesOf(name);
  const before = await openFiles(files);
  const { save } = await gguf.load();
  const [plan] = await save!({ before, after: set(before), files });
  expect(plan!.losses.map(({ code }) => code)).toEqual(['encoding']);
  const head = [...plan!.parts()].map((part) =>
    part.kind === 'bytes'
      ? part.bytes
      : part.kind === 'copy'
        ? load(name).subarray(part.offset, part.offset + part.length)
        : new Uint8Array(part.kind === 'text' ? 0 : part.length),
  );
  const again = await reopen(Uint8Array.from(Buffer.concat(head)));
  expect(again.formatVersion).toBe('version 3');
  expect(again.metadata.map(({ key, type, value }) => [key, type, value])).toEqual(
    set(before).metadata.map(({ key, type, value }) => [key, type, value]),
  );
});

test('files of a split model say anew how many tensors all of them hold', async () => {
  const names = [1, 2, 3].map((n) => `split/model-0000${n}-of-00003.gguf`);
  const plans = await saveAs(names, (state) => changeState(state, { remove: new Set([0]) }));
  const again = await openFiles(new Map(plans.map(({ file, saved }) => [file, bufferSource(saved, file.slice(6))])));
  expect(again.problems).toEqual([]);
  expect(again.entries.length).toBe(5);
  expect(again.metadata.find(({ key }) => key === 'split.tensors.count')?.value).toEqual({
    kind: 'number',
    lexeme: '5',
  });
});
