import { expect, test } from 'vitest';
import { fixture, hashFile, readSafetensors, stateglass, temporaryFolder } from './stateglass.fixture.ts';

const temporary = temporaryFolder();

test('what bitsandbytes packed is written as bitsandbytes unpacks it, byte for byte', async () => {
  const [file, out] = [fixture('packed/bitsandbytes-8bit.safetensors'), temporary('out.safetensors')];
  const before = hashFile(file);
  const { code, out: answer } = await stateglass('unpack', file, '-o', out, '--json');
  expect(code).toBe(0);
  const key = 'model.layers.0.mlp.gate_proj.weight';
  expect(JSON.parse(answer)).toMatchObject({ unpacked: [{ key, scheme: 'int8', bits: 8, group: null }], entries: 1 });
  expect(readSafetensors(out).tensors).toEqual(
    readSafetensors(fixture('packed/decoded/bitsandbytes-8bit.safetensors')).tensors,
  );
  expect(hashFile(file)).toBe(before);
});

test('only what is named, and nothing where nothing is packed', async () => {
  const file = fixture('packed/gptq.safetensors');
  const key = 'model.layers.2.self_attn.q_proj.weight';
  const { out: told } = await stateglass('unpack', file, key, '-o', temporary('one.safetensors'));
  expect(told).toContain(`${key}: GPTQ, 4 bits, groups of 32`);
  const names = Object.keys(readSafetensors(temporary('one.safetensors')).tensors);
  expect(names).toContain(key);
  expect(names).toContain('model.layers.3.self_attn.q_proj.qweight');
  const { code, err } = await stateglass('unpack', fixture('safetensors/tiny.safetensors'), '-o', temporary('none'));
  expect([code, err]).toEqual([2, expect.stringContaining('no packed weight is in it')]);
});
