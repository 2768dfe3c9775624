import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bufferSource } from '../buffer.ts';
import { openZip } from '../zip.ts';
import { encodePickle } from './encode.ts';
import { runPickle } from './machine.ts';
import type { ListNode, PickleNode } from './nodes.ts';
import { showNode } from './show.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url);
const bytesOf = (path: string) => Uint8Array.from(readFileSync(new URL(path, FIXTURES)));
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const again = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const { root, protocol } = runPickle(bytes, { file: 'x' });
  return encodePickle(root, { file: 'x', protocol });
};

it("writes Python's own bytes in protocol 2", () => {
  const bytes = bytesOf('pickle/protocol-2.pickle');
  expect(sha(again(bytes))).toBe(sha(bytes));
});

it.each([0, 1, 3, 4, 5])('keeps every value of protocol %i', (protocol) => {
  const bytes = bytesOf(`pickle/protocol-${protocol}.pickle`);
  const before = runPickle(bytes, { file: 'x' });
  const after = runPickle(again(bytes), { file: 'x' });
  expect(showNode(after.root, 100_000)).toBe(showNode(before.root, 100_000));
  expect(after.protocol).toBe(Math.max(2, protocol));
  expect(after.globals.map(({ node }) => node)).toEqual(before.globals.map(({ node }) => node));
});

describe('pickles of torch', () => {
  const names = readdirSync(new URL('pytorch/', FIXTURES)).filter((name) =>
    /^(?!.*(?:legacy|before-0)).*\.(pt|pth|bin|ckpt)$/.test(name),
  );

  it.each(names)('%s', async (name) => {
    const zip = await openZip(bufferSource(bytesOf(`pytorch/${name}`), name));
    const data = zip.members.find((member) => member.name.endsWith('data.pkl'));
    if (!data) throw new Error('no data.pkl');
    const bytes = await zip.read(data);
    const { protocol, root } = runPickle(bytes, { file: name });
    // TorchScript has a pickler of its own, and the fixtures of other protocols are written in another way.
    if (protocol === 2 && name !== 'torchscript.pt') expect(sha(again(bytes))).toBe(sha(bytes));
    else expect(showNode(runPickle(again(bytes), { file: name }).root, 100_000)).toBe(showNode(root, 100_000));
  });
});

describe('containers of many', () => {
  const { digests } = JSON.parse(readFileSync(new URL('export/pickles.json', FIXTURES), 'utf8'));
  const one: PickleNode = { kind: 'int', value: 1 };

  it.each(Object.keys(digests))('%s items', (count) => {
    const keys = Array.from({ length: Number(count) }, (_, i): PickleNode => ({ kind: 'str', value: `k${i}` }));
    const values = keys.map(() => one);
    const digest = (node: PickleNode) => sha(encodePickle(node, { file: 'x', protocol: 2 }));
    expect(digest({ kind: 'dict', keys, values, depth: 1 })).toBe(digests[count].dict);
    expect(digest({ kind: 'list', items: keys, depth: 1 })).toBe(digests[count].list);
    const fn: PickleNode = { kind: 'global', module: 'collections', name: 'OrderedDict' };
    const args: PickleNode = { kind: 'tuple', items: [], depth: 1 };
    expect(digest({ kind: 'reduce', fn, args, dictKeys: keys, dictValues: values, depth: 1 })).toBe(
      digests[count].ordered,
    );
  });
});

it('writes a tuple that holds itself by way of a list', () => {
  const list: ListNode = { kind: 'list', items: [], depth: 1 };
  const tuple: PickleNode = { kind: 'tuple', items: [list], depth: 1 };
  list.items.push(tuple);
  const { root } = runPickle(encodePickle(tuple, { file: 'x', protocol: 2 }), { file: 'x' });
  expect(root).toMatchObject({ kind: 'tuple', items: [{ kind: 'list' }] });
  const [inner] = (root as ListNode).items as [ListNode];
  expect(inner.items[0]).toBe(root);
});

it('refuses what would never end, and what only the file itself could tell more of', () => {
  const items: PickleNode[] = [];
  const args: PickleNode = { kind: 'tuple', items, depth: 1 };
  const call: PickleNode = { kind: 'reduce', fn: { kind: 'global', module: 'a', name: 'b' }, args, depth: 1 };
  items.push(call);
  expect(() => encodePickle(call, { file: 'x', protocol: 2 })).toThrow(/nested too deeply/);
  expect(() => encodePickle({ kind: 'buffer', position: 0 }, { file: 'x', protocol: 5 })).toThrow(/outside the file/);
});
