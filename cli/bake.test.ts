import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fixture, hashFile, readSafetensors, stateglass, temporaryFolder } from './stateglass.fixture.ts';

interface Golden {
  readonly case: string;
  readonly document: string;
  readonly donors: Readonly<Record<string, string>>;
  readonly left: Readonly<Record<string, { readonly bytes: string }>>;
}

const { entries }: { readonly entries: readonly Golden[] } = JSON.parse(
  readFileSync(fixture('derived/merges.json'), 'utf8'),
);
const temporary = temporaryFolder();

/** Base and adapter of a case, in a folder of their own, and the bytes that torch makes of the base. */
async function writeCase(name: string, folder: string) {
  const golden = entries.find((one) => one.case === name) as Golden;
  const [base, adapter] = [temporary(`${folder}/base.safetensors`), temporary(`${folder}/adapter.safetensors`)];
  await mkdir(temporary(folder), { recursive: true });
  await writeFile(base, Buffer.from(golden.document, 'base64'));
  await writeFile(adapter, Buffer.from(Object.values(golden.donors)[0] as string, 'base64'));
  const wanted = Object.entries(golden.left).map(([key, { bytes }]) => [
    key,
    Buffer.from(bytes, 'base64').toString('hex'),
  ]);
  return { base, adapter, wanted: Object.fromEntries(wanted) };
}

const bytesOf = (path: string) =>
  Object.fromEntries(
    Object.entries(readSafetensors(path).tensors).map(([key, text]) => [key, text.split(' ').at(-1) ?? '']),
  );

test('what torch makes of weights and updates, byte for byte; the recipe does it again', async () => {
  const { base, adapter, wanted } = await writeCase('PEFT, weights stored [in, out] and an embedding', 'peft');
  const out = temporary('peft/out.safetensors');
  const flags = ['--alpha', '16', '--fan-in-fan-out', '--recipe', temporary('peft/recipe.json')];
  const { code, err, out: words } = await stateglass('bake', base, adapter, ...flags, '-o', out);
  expect([code, err]).toEqual([0, '']);
  expect(words).toContain('Bake LoRA of adapter.safetensors into 3 weights\n');
  expect(words).toContain('  h.0.attn.c_attn.weight: rank 2, × 8\n');
  expect(bytesOf(out)).toEqual(wanted);
  const again = temporary('peft/again.safetensors');
  expect(await stateglass('replay', temporary('peft/recipe.json'), base, '-o', again)).toMatchObject({ code: 0 });
  expect(hashFile(again)).toBe(hashFile(out));
});

test('the file beside the adapter says how, and what is typed goes before it', async () => {
  const { base, adapter, wanted } = await writeCase('rank-stabilised, at half strength', 'config');
  const config = { peft_type: 'LORA', r: 2, lora_alpha: 4, fan_in_fan_out: true, use_rslora: true };
  await writeFile(temporary('config/adapter_config.json'), JSON.stringify(config));
  const out = temporary('config/out.safetensors');
  const done = await stateglass('bake', base, adapter, '--scale', '0.5', '-o', out, '--json');
  expect(done.code).toBe(0);
  const told = JSON.parse(done.out);
  expect(told).toMatchObject({
    output: out,
    edits: [{ op: 'bake-lora', args: { alpha: 4, strength: 0.5 } }],
    left: [],
  });
  expect(told.baked[0]).toMatchObject({ key: 'h.0.attn.c_attn.weight', rank: 2, alpha: null });
  expect(bytesOf(out)).toEqual(wanted);
  const other = temporary('config/other.safetensors');
  await stateglass('bake', base, adapter, '--scale', '0.5', '--alpha', '8', '-o', other);
  expect(bytesOf(other)).not.toEqual(wanted);
});

test('alpha of the file itself, convolutions; a dry run writes nothing; a negative scale takes the update out', async () => {
  const { base, adapter, wanted } = await writeCase('kohya: alpha in the file, convolutions', 'kohya');
  const out = temporary('kohya/out.safetensors');
  const dry = await stateglass('bake', base, adapter, '-o', out, '--dry-run');
  expect([dry.code, existsSync(out)]).toEqual([0, false]);
  expect(dry.out).toContain('would hold: 4 entries');
  expect(await stateglass('bake', base, adapter, '-o', out)).toMatchObject({ code: 0 });
  expect(bytesOf(out)).toEqual(wanted);
  const back = temporary('kohya/back.safetensors');
  expect(await stateglass('bake', out, adapter, '--scale', '-1', '-o', back)).toMatchObject({ code: 0 });
  const [was, is] = [base, back].map((path) => floatsOf(path, 'mid.flat.weight')) as [Float32Array, Float32Array];
  is.forEach((value, i) => {
    expect(value).toBeCloseTo(was[i] as number, 5);
  });
});

function floatsOf(path: string, key: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(bytesOf(path)[key] as string, 'hex')).buffer);
}

test('what would be guessed is refused; with --partial it is left and told', async () => {
  const { base, adapter } = await writeCase('PEFT, weights stored [in, out] and an embedding', 'refused');
  const out = temporary('refused/out.safetensors');
  for (const [flags, words] of [
    [[], /alpha is not in the file/],
    [['--alpha', '16'], /c_proj\.lora_A\.weight: its weight is square: say fanInFanOut/],
    [['--alpha', 'much'], /--alpha takes a number or "rank", not "much"/],
    [['--scale', 'half'], /--scale takes a number, not "half"/],
    [['--alpha', 'rank', '--adapter', 'second'], /no pair of LoRA factors/],
  ] as const) {
    const { code, err } = await stateglass('bake', base, adapter, ...flags, '-o', out);
    expect([code, existsSync(out)]).toEqual([2, false]);
    expect(err).toMatch(words);
  }
  const part = await stateglass('bake', base, adapter, '--alpha', '16', '--partial', '-o', out);
  expect(part.code).toBe(0);
  expect(part.out).toContain('c_proj.lora_A.weight is left: its weight is square');
});
