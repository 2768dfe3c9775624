import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixture, ROOT, readSafetensors, stateglass, temporaryFolder } from './stateglass.fixture.ts';

const temporary = temporaryFolder();
const example = (name: string) => join(ROOT, 'public/examples', name);

const contentOf = async (file: string) => JSON.parse((await stateglass('hash', file, '--json')).out).content as string;

test('a patch of two epochs makes the first the last, and says where it does not fit', async () => {
  const [a, b, patch] = [
    example('digits-epoch1.pt'),
    example('digits-final.safetensors'),
    temporary('patch.safetensors'),
  ];
  const written = await stateglass('diff', a, b, '--patch', patch);
  expect(written).toMatchObject({ code: 0, err: '' });
  expect(written.out).toMatch(/patch\.safetensors: 1 edit, 18 tensors, \d+ bytes\n$/);
  const { metadata, tensors } = readSafetensors(patch);
  expect(tensors).toEqual(readSafetensors(b).tensors);
  expect(JSON.parse(metadata['stateglass.recipe']!)).toMatchObject({ format: 'stateglass recipe', donors: ['patch'] });
  expect(await stateglass('diff', a, b, '--patch', patch)).toMatchObject({ code: 2 });

  const made = temporary('made.pt');
  expect(await stateglass('replay', patch, a, '-o', made)).toMatchObject({ code: 0, err: '' });
  expect(await contentOf(made)).toBe(await contentOf(b));

  const renamed = temporary('renamed.pt');
  await stateglass('rename', a, '--rule', 's/^features\\./body./', '-o', renamed);
  const nothing = temporary('nothing.pt');
  const refused = await stateglass('replay', patch, renamed, '-o', nothing);
  expect([refused.code, existsSync(nothing)]).toEqual([2, false]);
  expect(refused.err).toMatch(
    /does not fit in 14 of 18 places:\n {2}features\.0\.weight: no such key .*did you mean body/,
  );
});

test('without a difference there is no patch, and a model is none', async () => {
  const tiny = fixture('safetensors/tiny.safetensors');
  const patch = temporary('empty.safetensors');
  expect(await stateglass('diff', tiny, tiny, '--patch', patch)).toMatchObject({
    code: 0,
    out: 'no difference, nothing written\n',
  });
  expect(existsSync(patch)).toBe(false);
  const { code, err } = await stateglass('replay', tiny, tiny, '-o', temporary('x.safetensors'));
  expect([code, err]).toEqual([2, expect.stringContaining('is no patch')]);
});
