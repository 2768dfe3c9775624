import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bufferSource } from '../bytes/buffer.ts';
import { attachCompanion } from './attach-companion.ts';
import { applyEdit, moveCursor, startEditing } from './edits.ts';
import { openFiles } from './open.ts';
import { readTokeniser } from './run/tokeniser.ts';

const bytesOf = (path: string) => new Uint8Array(readFileSync(`src-core/fixtures/${path}`));
const tokenizer = (name: string, id = 'tokenizer.json') => ({
  id,
  source: bufferSource(bytesOf(`tokens/${name}/tokenizer.json`), id),
});

test('a tokenizer that came later stays through edits and undo, and gives way to the next', async () => {
  const source = bufferSource(bytesOf('modules/gpt2.safetensors'), 'gpt2.safetensors');
  const { documents } = await openFiles([{ id: 'gpt2.safetensors', source }]);
  const edit = { op: 'rename', args: { key: 'transformer.wte.weight', to: 'transformer.words.weight' } };
  const edited = applyEdit(startEditing(documents[0]!), edit);
  const attached = attachCompanion(edited, tokenizer('forty'));
  expect((await readTokeniser(attached))?.size).toBe(37);
  expect((await readTokeniser(moveCursor(attached, 0)))?.size).toBe(37);
  expect(attached.log).toBe(edited.log);

  const again = attachCompanion(attached, tokenizer('words', 'other/tokenizer.json'));
  expect((await readTokeniser(again))?.size).not.toBe(37);
  expect(again.state.files.filter(({ part }) => part === 'companion')).toHaveLength(1);
});
