import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeSource } from '../bytes/node.ts';
import type { Document } from './document.ts';
import { findKey } from './find-key.ts';
import { chooseRows, findRows } from './find-rows.ts';
import { openFiles } from './open.ts';

async function open(path: string): Promise<Document> {
  const source = await nodeSource(join(import.meta.dirname, '../fixtures', path));
  const { documents } = await openFiles([{ id: source.name, source }]);
  return documents[0]!;
}

it('finds a key as it is stored and as its parts are joined', async () => {
  const keystr = await open('safetensors/keystr.safetensors');
  const { entries } = keystr.state;
  for (let row = 0; row < entries.length; row++) {
    const entry = entries.at(row);
    expect(findKey(keystr, entry.key).id).toBe(entry.id);
    expect(findKey(keystr, entry.path.parts.join('.')).path.parts.join('.')).toBe(entry.path.parts.join('.'));
  }
});

it('takes odd keys as they are', async () => {
  const odd = await open('safetensors/odd-keys.safetensors');
  for (const key of ['__proto__', 'constructor', '', 'two..dots', 'a b', 'trailing.'])
    expect(findKey(odd, key).key).toBe(key);
});

it('names similar keys where there is none', async () => {
  const tiny = await open('safetensors/caten-transformer.safetensors');
  expect(() => findKey(tiny, 'wte.wieght')).toThrow(/^wte\.wieght: no such key in .* has 29; did you mean wte\.weight/);
  expect(() => findKey(tiny, 'zzzzzz')).toThrow(/has 29$/);
});

it('takes names for the keys of their entries, and leaves a filter as it is', async () => {
  const tiny = await open('safetensors/tiny.safetensors');
  expect(chooseRows(tiny, 'h.1')).toEqual({ keys: ['h.1.bias', 'h.1.weight'] });
  expect(chooseRows(tiny, 'h.1.bias')).toEqual({ keys: ['h.1.bias'] });
  expect(chooseRows(tiny, 'h.1.b')).toEqual({ query: 'h.1.b' });
  expect(findRows(tiny, 'h.1')).toHaveLength(2);
});
