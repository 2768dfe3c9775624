import { expect, test } from 'vitest';
import { countingSource } from '../../bytes/counting.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { readMetaList } from '../../model/meta-list.ts';
import type { MetaItem } from '../../model/state-dict.ts';
import { gguf } from './index.ts';
import { makeFile, sparseSource, textItem, textList } from './make-file.fixture.ts';

async function open(source: ByteSource) {
  const { read } = await gguf.load();
  const result = await read({ id: 'x.gguf', source, files: new Map([['x.gguf', source]]), set: ['x.gguf'] });
  if ('decline' in result) throw new Error(result.decline);
  return result.state;
}

const listOf = (items: readonly MetaItem[], key: string) => items.find((item) => item.key === key)!.list!;

test('a model of 40 GB costs its header, and a window more at most', async () => {
  const tokens = Array.from({ length: 150_000 }, (_, i) => `token-${i}`);
  const header = makeFile({
    items: [textItem('general.architecture', 'llama'), textList('tokenizer.ggml.tokens', tokens)],
    tensors: Array.from({ length: 700 }, (_, i) => ({
      name: `blk.${i}.weight`,
      dims: [8192, 1744],
      type: 1,
      offset: i * 28_573_696,
    })),
  });
  const source = countingSource(sparseSource(header, 40_000_000_000));
  const state = await open(source);
  expect(state.entries.length).toBe(700);
  expect(source.bytesRead).toBeLessThan(header.length + 4 * 2 ** 20);
  expect(state.metadata[1]!.value).toMatchObject({
    kind: 'literal',
    lexeme: expect.stringMatching(/^150000 texts, CRC-32 [0-9a-f]{8}$/),
  });
});

test('a page of a long list is read without the rest of it', async () => {
  const tokens = Array.from({ length: 5000 }, (_, i) => `${'é'.repeat(i % 7)}${i}`);
  const file = makeFile({ items: [textList('tokens', tokens)], tensors: [] });
  const source = countingSource(sparseSource(file, file.length));
  const list = listOf((await open(source)).metadata, 'tokens');
  const before = source.bytesRead;
  const page = await readMetaList(list, (start, end) => source.read(start, end), 1000, 100);
  expect(page).toEqual(tokens.slice(1000, 1100).map((value) => ({ kind: 'string', value })));
  expect(source.bytesRead - before).toBeLessThan(2 * 256 * 24);
  const all = await readMetaList(list, (start, end) => source.read(start, end), 0, 5000);
  expect(all.map((node) => node.kind === 'string' && node.value)).toEqual(tokens);
  expect(await readMetaList(list, (start, end) => source.read(start, end), 4990, 100)).toHaveLength(10);
  expect(await readMetaList(list, (start, end) => source.read(start, end), 6000, 100)).toEqual([]);
});

test('texts that go over the edges of windows are walked over whole', async () => {
  const tokens = Array.from({ length: 3000 }, (_, i) => String(i).padEnd(1000 + (i % 97), 'x'));
  const file = makeFile({ items: [textList('tokens', tokens), textItem('after', 'here')], tensors: [] });
  const { metadata } = await open(sparseSource(file, file.length));
  expect(metadata[1]).toMatchObject({ key: 'after', value: { kind: 'string', value: 'here' } });
  const source = sparseSource(file, file.length);
  const [last] = await readMetaList(listOf(metadata, 'tokens'), (start, end) => source.read(start, end), 2999, 1);
  expect(last).toEqual({ kind: 'string', value: tokens[2999] });
});

test('lists that differ in one text do not look alike', async () => {
  const told = async (last: string) => {
    const tokens = Array.from({ length: 300 }, (_, i) => (i === 299 ? last : `t${i}`));
    const file = makeFile({ items: [textList('tokens', tokens)], tensors: [] });
    return (await open(sparseSource(file, file.length))).metadata[0]!.value;
  };
  expect(await told('a')).not.toEqual(await told('b'));
  expect(await told('a')).toEqual(await told('a'));
});

test('a type that forks use otherwise is told by the bytes it has', async () => {
  const at = async (room: number) => {
    const tensors = [
      { name: 'a', dims: [128], type: 41, offset: 0 },
      { name: 'b', dims: [4], type: 0, offset: room },
    ];
    const file = makeFile({ items: [], tensors });
    const state = await open(sparseSource(file, file.length + room + 32));
    const { value } = state.entries.at(0);
    return [value.type === 'tensor' && value.dtype, state.problems.map(({ code }) => code)];
  };
  expect(await at(32)).toEqual(['q1_0', []]);
  expect(await at(96)).toEqual(['other:type 41', ['fork-type']]);
});
