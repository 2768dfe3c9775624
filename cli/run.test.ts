import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixture, ROOT, stateglass } from './stateglass.fixture.ts';

const DIGITS = join(ROOT, 'public/examples/digits-final.safetensors');

test('run says what a module is taken for, what was assumed, and what it gives', async () => {
  const { code, out } = await stateglass('run', DIGITS, 'classifier.3', '--input', 'zeros');
  expect(code).toBe(0);
  expect(out).toMatch(/^classifier\.3 {2}Linear {2}on wasm, [\d.]+ ms\n {2}transposed = false {2}\(shape: /);
  const bias = JSON.parse((await stateglass('show', DIGITS, 'classifier.3.bias', '--json')).out).values;
  const json = JSON.parse((await stateglass('run', DIGITS, 'classifier.3', '--input', 'zeros', '--json')).out);
  expect(json).toMatchObject({ module: 'classifier.3', kind: 'Linear', backend: 'wasm' });
  expect(json.outputs).toEqual([{ name: 'output', shape: [1, 10], dtype: 'f32', values: [bias] }]);
});

test('an output becomes an .npy, and an .npy a sample', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stateglass-run-'));
  const file = join(folder, 'x.npy');
  expect(
    (await stateglass('run', DIGITS, 'classifier.1', '--input', 'ramp', '--shape', '3x1024', '-o', file)).code,
  ).toBe(0);
  expect(readFileSync(file).toString('latin1', 10, 70)).toContain("'shape': (3, 96)");
  const fed = JSON.parse((await stateglass('run', DIGITS, 'classifier.3', '--input', file, '--json')).out);
  expect(fed.outputs[0].shape).toEqual([3, 10]);
  const first = JSON.parse((await stateglass('run', DIGITS, 'classifier.3', '--input', `input=${file}`, '--json')).out);
  expect(first).toEqual(fed);
});

test.each([
  [['nothing'], 'nothing: no such module'],
  [['classifier.3', '--assume', 'transposed=maybe'], 'transposed is a boolean, not maybe'],
  [['classifier.3', '--input', 'noise'], '--input noise: say random:SEED'],
  [['classifier.3', '--input', '1,2,3'], 'input takes 96 numbers (1×96); these are 3'],
  [['classifier.3', '--tap', 'x'], '--tap x: there is none'],
])('run %j is refused with a sentence', async (args, says) => {
  const { code, err } = await stateglass('run', DIGITS, ...args);
  expect(code).toBe(2);
  expect(err).toContain(says);
});

test('--list names every module, and why some cannot be run', async () => {
  const found = JSON.parse((await stateglass('run', DIGITS, '--list', '--json')).out) as {
    module: string;
    kind?: string;
    why?: string;
  }[];
  expect(found.find(({ module }) => module === 'classifier.3')).toEqual({ module: 'classifier.3', kind: 'Linear' });
  expect(found.every(({ kind, why }) => (kind === undefined) !== (why === undefined))).toBe(true);
});

test('--generate goes on with a text as PyTorch does', async () => {
  const gpt = join(ROOT, 'public/examples/char-gpt.safetensors');
  const golden = JSON.parse(readFileSync(join(ROOT, 'src-core/fixtures/generation/char-gpt.json'), 'utf8'));
  const { out } = await stateglass('run', gpt, '--input', golden.prompt, '--generate', '100');
  expect(out).toBe(`${golden.prompt}${golden.text}\n`);
  const { code, err } = await stateglass('run', DIGITS, 'classifier.3', '--generate', '5');
  expect(code).toBe(2);
  expect(err).toContain('--generate: the module takes no tokens');
});

test('a text goes in and out by the tokenizer.json beside the model', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stateglass-tokens-'));
  const fixtures = join(ROOT, 'src-core/fixtures');
  const golden = JSON.parse(readFileSync(join(fixtures, 'modules/gpt2.json'), 'utf8'));
  copyFileSync(join(fixtures, 'modules/gpt2.safetensors'), join(folder, 'model.safetensors'));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(golden.config));
  const without = await stateglass('run', folder, '--input', 'the statement');
  expect([without.code, without.err]).toEqual([
    2,
    expect.stringContaining('there is no tokenizer.json beside the file'),
  ]);

  copyFileSync(join(fixtures, 'tokens/forty/tokenizer.json'), join(folder, 'tokenizer.json'));
  const tokens = JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8')).model.vocab;
  const text = await stateglass('run', folder, '--input', 'the statement is');
  expect(text.code).toBe(0);
  expect(text.out).toMatch(/\ntop: (".*?"|\d+) [\d.]+ %, /);
  const ids = ['the', 'Ġstatement', 'Ġis'].map((token) => tokens[token]).join(',');
  const withoutTimes = (out: string) => out.replace(/[\d.]+ ms/, '');
  expect(withoutTimes((await stateglass('run', folder, '--input', ids)).out)).toBe(withoutTimes(text.out));

  const { out } = await stateglass('run', folder, '--input', 'the statement', '--generate', '4', '--json');
  const made = JSON.parse(out) as { prompt: number[]; tokens: { id: number; text: string }[] };
  expect(made.prompt).toEqual([tokens.the, tokens.Ġstatement]);
  const shown = await stateglass('run', folder, '--input', 'the statement', '--generate', '4');
  expect(shown.out).toBe(`the statement${made.tokens.map((token) => token.text).join('')}\n`);
});

test('a GGUF file takes texts by the vocabulary in its metadata', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stateglass-gguf-'));
  const file = join(ROOT, 'src-core/fixtures/modules/llama-q8_0.gguf');
  const { vocab } = JSON.parse(readFileSync(join(ROOT, 'src-core/fixtures/tokens/forty/tokenizer.json'), 'utf8')).model;
  const ids = ['the', 'Ġstatement', 'Ġis'].map((token) => vocab[token]);
  const text = await stateglass('run', file, '--input', 'the statement is');
  expect(text.err).toBe('');
  expect(text.out).toMatch(/\ntop: ("[^"]+" [\d.]+ %, ){4}"/);
  const withoutTimes = (out: string) => out.replace(/[\d.]+ ms/, '');
  expect(withoutTimes((await stateglass('run', file, '--input', ids.join())).out)).toBe(withoutTimes(text.out));

  // A way of cutting that is not known: as long as the other, so that the file stays whole.
  const strange = join(folder, 'strange.gguf');
  const bytes = readFileSync(file);
  bytes.write('zzz-9', bytes.indexOf('tokenizer.ggml.pre') + 'tokenizer.ggml.pre'.length + 4 + 8);
  writeFileSync(strange, bytes);
  const made = await stateglass('run', strange, '--input', 'the statement is', '--generate', '4', '--json');
  expect(JSON.parse(made.out)).toMatchObject({ prompt: ids, tokens: [{ text: expect.any(String) }, {}, {}, {}] });
  expect(made.err).toMatch(/^note: How "zzz-9" cuts texts .*: they are cut as "llama-bpe" does, .*\n$/);
});

test('an ONNX file runs with the data beside it, and gives what is inside', async () => {
  const file = join(ROOT, 'src-core/fixtures/onnx/external/model.onnx');
  const { run } = JSON.parse(readFileSync(`${file}.json`, 'utf8'));
  const { code, out } = await stateglass('run', file, '--input', run.inputs.x.values.join(), '--tap', 'h', '--json');
  expect(code).toBe(0);
  const found = JSON.parse(out);
  expect(found).toMatchObject({ module: '', kind: 'ONNX graph', backend: 'wasm' });
  for (const { name, values } of [...found.outputs, ...found.taps])
    for (const [i, value] of values.flat().entries()) expect(value).toBeCloseTo(run.outputs[name].values[i], 5);
});

test('run unpacks packed weights by itself, and says so', async () => {
  const golden = fixture('packed/runs/linear.safetensors');
  const module = 'model.layers.2.self_attn.q_proj';
  const input = `${golden}:gptq/${module}.input`;
  const { code, out, err } = await stateglass(
    'run',
    fixture('packed/gptq.safetensors'),
    module,
    '--input',
    input,
    '--json',
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { kind, assumptions, outputs } = JSON.parse(out);
  expect(kind).toBe('Linear');
  expect(assumptions).toContainEqual(
    expect.objectContaining({ name: 'weights', value: 'unpacked', why: 'stored as GPTQ 4-bit codes with scales' }),
  );
  const { values } = JSON.parse((await stateglass('show', golden, `gptq/${module}.output`, '--json')).out);
  for (const [i, value] of values.flat().entries()) expect(outputs[0].values.flat()[i]).toBeCloseTo(value, 4);
});
