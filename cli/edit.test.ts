import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { fixture, hashFile, readSafetensors, stateglass, temporaryFolder } from './stateglass.fixture.ts';

const at = temporaryFolder();
const TINY = fixture('safetensors/tiny.safetensors');
const TOML = fixture('text/agent-by-hand.toml');
const { metadata: METADATA, tensors: TENSORS } = readSafetensors(TINY);
let list: () => string[];

beforeAll(() => {
  copyFileSync(TINY, at('tiny.safetensors'));
  copyFileSync(TOML, at('agent.toml'));
  list = () => readdirSync(at()).sort();
});

test('rename makes what rules say of every key, in their order, and no other byte', async () => {
  const rules = ['--rule', 's/^h\\./layers./', '--rule', 's/^layers\\.([0-9]+)/L\\1&/'];
  const ran = await stateglass('rename', TINY, ...rules, '-o', at('renamed.safetensors'));
  expect([ran.code, ran.err]).toEqual([0, '']);
  expect(ran.out).toMatch(/^24 of 29 names change\n {2}h\.0\.bias → L0layers\.0\.bias\n/);
  expect(ran.out.split('\n').filter((line) => line.includes('→'))).toHaveLength(5);
  const { metadata, tensors } = readSafetensors(at('renamed.safetensors'));
  const wanted = Object.entries(TENSORS).map(([key, value]) => [key.replace(/^h\.(\d+)/, 'L$1layers.$1'), value]);
  expect(tensors).toEqual(Object.fromEntries(wanted));
  expect(metadata).toEqual(METADATA);
});

test('keep and drop take an entry, a module or a filter', async () => {
  const keysAfter = async (...args: string[]) => {
    const ran = await stateglass(...args, '-o', at('some.safetensors'), '--force');
    expect(ran.code, ran.err).toBe(0);
    return Object.keys(readSafetensors(at('some.safetensors')).tensors).sort();
  };
  const all = Object.keys(TENSORS).sort();
  expect(await keysAfter('keep', TINY, 'h.1')).toEqual(['h.1.bias', 'h.1.weight']);
  expect(await keysAfter('keep', TINY, 'h.1.bias')).toEqual(['h.1.bias']);
  expect(await keysAfter('drop', TINY, 'h.*.bias')).toEqual(all.filter((key) => !/^h\..*bias$/.test(key)));
});

test('set puts a text in the place of another and keeps the rest of the file', async () => {
  const ran = await stateglass('set', TOML, 'writer.instructions', '- shorter', '-o', at('set.toml'));
  expect([ran.code, ran.err]).toEqual([0, '']);
  const [before, after] = [readFileSync(TOML, 'utf8').split('\n'), readFileSync(at('set.toml'), 'utf8').split('\n')];
  const changed = after.filter((line, i) => line !== before[i]);
  expect(after).toHaveLength(before.length);
  expect(changed).toHaveLength(1);
  expect(changed[0]).toContain('- shorter');
});

test('set takes JSON for what is no text, a value from a file, and negative numbers', async () => {
  const shown = async (...args: string[]) => {
    const ran = await stateglass('set', fixture('text/agent-after.toml'), ...args, '-o', at('v.toml'), '--force');
    expect(ran.code, ran.err).toBe(0);
    return (await stateglass('show', at('v.toml'), args[0] as string)).out;
  };
  expect(await shown('max_turns', '-7')).toBe('-7\n');
  expect(await shown('escalate', 'false')).toBe('false\n');
  writeFileSync(at('prompt.txt'), 'Zwei\nZeilen "ü"');
  expect(await shown('writer.instructions', '--from', at('prompt.txt'))).toBe('Zwei\nZeilen "ü"\n');
});

/** Elements as they are stored, in hexadecimal. */
const elementsOf = (path: string, key: string) => readSafetensors(path).tensors[key]?.split(' ').at(-1);

test('set puts numbers into a tensor, or into a slice of it, and into no other', async () => {
  const weight = TENSORS['h.1.weight']?.split(' ').at(-1) as string;
  const setTo = async (key: string, ...args: string[]) => {
    const ran = await stateglass('set', TINY, key, ...args, '-o', at('n.safetensors'), '--force');
    expect(ran.code, ran.err).toBe(0);
    const { [key]: _, ...others } = readSafetensors(at('n.safetensors')).tensors;
    const { [key]: __, ...wanted } = TENSORS;
    expect(others).toEqual(wanted);
    return elementsOf(at('n.safetensors'), key);
  };
  // f16: -2.5 is 0xc100
  expect(await setTo('h.1.weight', '-2.5', '--slice', '0,1:')).toBe(
    weight.slice(0, 4) + '00c1'.repeat(3) + weight.slice(16),
  );
  expect(await setTo('h.1.bias', '[1, 2.5, -0.0, "NaN"]')).toBe('0000803f' + '00002040' + '00000080' + '0000c07f');
  expect(await setTo('h.1.bias', '-inf')).toBe('000080ff'.repeat(4));
  expect(await setTo('steps', '9007199254740993')).toBe('0100000000002000');
});

test('cast takes all floats, or what a query finds', async () => {
  const castTo = async (...args: string[]) => {
    const ran = await stateglass('cast', TINY, ...args, '-o', at('c.safetensors'), '--force');
    expect(ran.code, ran.err).toBe(0);
    const types = Object.entries(readSafetensors(at('c.safetensors')).tensors);
    return Object.fromEntries(types.map(([key, text]) => [key, text.split(' ')[0]]));
  };
  const before = Object.entries(TENSORS).map(([key, text]) => [key, text.split(' ')[0] as string]);
  const all = before.map(([key, type]) => [key, type?.includes('F') ? 'BF16' : type]);
  expect(await castTo('bfloat16')).toEqual(Object.fromEntries(all));
  const some = before.map(([key, type]) => [key, key?.startsWith('h.1.') ? 'F64' : type]);
  expect(await castTo('f64', 'h.1')).toEqual(Object.fromEntries(some));
  // f16 0.125 as f64
  expect(elementsOf(at('c.safetensors'), 'h.1.weight')?.slice(16, 32)).toBe('000000000000c03f');
});

test('set --metadata sets several items', async () => {
  const ran = await stateglass('set', TINY, '--metadata', 'a=b=c', '--metadata', 'note=', '-o', at('m.safetensors'));
  expect(ran.code, ran.err).toBe(0);
  const { metadata, tensors } = readSafetensors(at('m.safetensors'));
  expect(metadata).toEqual({ ...METADATA, a: 'b=c', note: '' });
  expect(tensors).toEqual(TENSORS);
});

test('--json answers with one object, and --dry-run says the size without writing', async () => {
  const before = list();
  const args = ['drop', TINY, 'h.1', '--json', '-o', at('dropped.safetensors')];
  const forecast = await stateglass(...args, '--dry-run');
  expect(list()).toEqual(before);
  const done = await stateglass(...args);
  expect(JSON.parse(done.out)).toEqual({
    output: at('dropped.safetensors'),
    entries: 27,
    size: statSync(at('dropped.safetensors')).size,
    losses: [],
    edits: [{ op: 'delete', args: { keys: ['h.1.bias', 'h.1.weight'] } }],
  });
  expect(forecast.out).toBe(done.out);
});

test('a recipe does to another file what was done to the first', async () => {
  const recipe = at('recipe.json');
  const first = ['rename', at('tiny.safetensors'), '--rule', 's/^H\\./layers./i', '-o', at('first.safetensors')];
  expect((await stateglass(...first, '--recipe', recipe)).code).toBe(0);
  const ran = await stateglass('replay', recipe, TINY, '-o', at('second.safetensors'));
  expect(ran.code, ran.err).toBe(0);
  expect(hashFile(at('second.safetensors'))).toBe(hashFile(at('first.safetensors')));
});

test('an edit of a recipe that cannot be made is named, and nothing is written', async () => {
  const edits = [
    { op: 'rename', args: { key: 'h.0.bias', to: 'b' } },
    { op: 'rename', args: { key: 'h.0.bias', to: 'c' } },
  ];
  writeFileSync(at('bad.json'), JSON.stringify({ format: 'stateglass recipe', version: 1, edits }));
  const before = list();
  const ran = await stateglass('replay', at('bad.json'), TINY, '-o', at('never.safetensors'));
  expect([ran.code, ran.out]).toEqual([2, '']);
  expect(ran.err).toContain('edit 2 of 2 (rename): h.0.bias: no such key');
  expect(list()).toEqual(before);
});

test('the extension of OUT chooses the format; one that nobody knows keeps it', async () => {
  const kindOf = async (name: string) => {
    const ran = await stateglass('rename', TINY, '--rule', 's/^h/g/', '-o', at(name));
    expect(ran.code, ran.err).toBe(0);
    return readFileSync(at(name)).toString('latin1', 0, 2);
  };
  expect(await kindOf('other.pt')).toBe('PK');
  expect(await kindOf('other.backup')).not.toBe('PK');
  expect(hashFile(at('other.backup'))).not.toBe(hashFile(TINY));
  const odd = await stateglass('rename', TINY, '--rule', 's/^h/g/', '-o', at('other.toml'));
  expect([odd.code, odd.out]).toEqual([2, '']);
});

test.each(['pth', 'bin', 'ckpt'])(
  'OUT.%s is a PyTorch file, from another format and from its own',
  async (extension) => {
    const [first, second] = [at(`first.${extension}`), at(`second.${extension}`)];
    for (const args of [
      ['convert', TINY, first],
      ['rename', first, '--rule', 's/^h\\./g./', '-o', second],
    ]) {
      const ran = await stateglass(...args);
      expect(ran.code, ran.err).toBe(0);
    }
    for (const path of [first, second]) {
      expect(readFileSync(path).toString('latin1', 0, 2)).toBe('PK');
      expect(JSON.parse((await stateglass('ls', path, '--json')).out)).toMatchObject({ format: 'pytorch' });
    }
  },
);

test('roles of a recipe are written beside the file, wherever it goes, and read again with it', async () => {
  const recipe = at('roles.json');
  const edits = [{ op: 'set-role', args: { key: 'h.0.weight', role: 'parameter', spec: 'P()' } }];
  writeFileSync(recipe, JSON.stringify({ format: 'stateglass recipe', version: 1, edits }));
  const roles = { 'h.0.weight': { role: 'parameter', spec: 'P()' } };
  const own = at('own.safetensors');
  copyFileSync(TINY, own);
  for (const [args, path] of [
    [['-o', at('roled.safetensors')], at('roled.safetensors')],
    [['-o', at('roled.pt')], at('roled.pt')],
    [['--in-place'], own],
  ] as const) {
    const ran = await stateglass('replay', recipe, path === own ? own : TINY, ...args);
    expect(ran.code, ran.err).toBe(0);
    expect(JSON.parse(readFileSync(`${path}.stateglass.json`, 'utf8')).roles).toEqual(roles);
    const copied = await stateglass('drop', path, 'h.1', '-o', `${path}.less.safetensors`);
    expect(copied.code, copied.err).toBe(0);
    expect(JSON.parse(readFileSync(`${path}.less.safetensors.stateglass.json`, 'utf8')).roles).toEqual(roles);
  }
  expect(hashFile(own)).toBe(hashFile(TINY));
});

test('a set of shards goes to a folder, with what lies beside it', async () => {
  mkdirSync(at('set'));
  const names = readdirSync(fixture('safetensors/sharded')).filter((name) => !name.endsWith('.json.json'));
  for (const name of names.filter((one) => !one.endsWith('.safetensors.json')))
    copyFileSync(fixture(`safetensors/sharded/${name}`), at(`set/${name}`));
  writeFileSync(at('set/config.json'), '{"model_type": "gpt2"}');
  const ran = await stateglass('rename', at('set'), '--rule', 's/embed_tokens/wte/', '-o', at('set-renamed'));
  expect(ran.code, ran.err).toBe(0);
  expect(readdirSync(at('set-renamed')).sort()).toEqual(readdirSync(at('set')).sort());
  const isSame = (name: string) => hashFile(at(`set/${name}`)) === hashFile(at(`set-renamed/${name}`));
  expect(readdirSync(at('set')).filter((name) => !isSame(name))).toHaveLength(2);
  const index = JSON.parse(readFileSync(at('set-renamed/model.safetensors.index.json'), 'utf8'));
  expect(Object.keys(index.weight_map)).toContain('model.wte.weight');
});

test('what replaces a file has its permissions', async () => {
  const path = at('private.safetensors');
  copyFileSync(TINY, path);
  chmodSync(path, 0o600);
  expect((await stateglass('keep', path, 'h.1', '-o', path, '--force')).code).toBe(0);
  expect(Object.keys(readSafetensors(path).tensors)).toEqual(['h.1.bias', 'h.1.weight']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('whatever is refused says why, leaves the file as it was and nothing beside it', async () => {
  const file = at('tiny.safetensors');
  const out = ['-o', at('refused.safetensors')];
  const before = [list(), hashFile(file)];
  const refusals: readonly (readonly [string[], string])[] = [
    [['rename', file, '--rule', 's/a/b/'], 'either -o OUT or --in-place'],
    [['rename', file, '--rule', 's/a/b/', '--in-place', ...out], 'either -o OUT or --in-place'],
    [['rename', file, ...out], 'give a rule'],
    [['rename', file, '--rule', 's/\\.\\d+\\./.0./', ...out], 'two entries would be called h.0.'],
    [['rename', file, '--rule', 's/^h/g/', '-o', at('agent.toml')], 'cannot be written as TOML'],
    [['rename', file, '--rule', 's/^h/g/', '-o', file], 'is there already; --force replaces it'],
    [['rename', file, '--rule', 's/^h/g/', ...out, '--recipe', file], 'is there already; --force replaces it'],
    [['rename', file, '--rule', 's/^h/g/', '-o', at('no/such/folder.safetensors')], 'there is no such folder'],
    [['keep', file, 'nothing-like-it', ...out], 'nothing matches'],
    [['set', file, ...out], 'say what to set'],
    [['set', file, 'h.0.bias', ...out], 'give either VALUE or --from FILE'],
    [['set', file, 'h.0.bia', '1', ...out], 'did you mean h.0.bias'],
    [['set', file, '--metadata', 'note', ...out], '--metadata takes KEY=VALUE'],
    [['set', at('agent.toml'), 'triage.generator.model', '{', '-o', at('refused.toml')], 'value'],
    [
      ['set', at('agent.toml'), 'triage.name', 'x', '--slice', '0', '-o', at('refused.toml')],
      'only tensors have slices',
    ],
    [['set', file, 'h.0.bias', 'many', ...out], 'h.0.bias: many is no number'],
    [['set', file, 'h.0.bias', '[1, 2]', ...out], '2'],
    [['cast', file, 'bf16', 'nothing-like-it', ...out], 'no tensor to cast'],
    [['cast', file, 'f99', ...out], 'there is no element type f99'],
    [['replay', file, file, ...out], 'recipe'],
    [['replay', at('nowhere.json'), file, ...out], 'the recipe cannot be read'],
  ];
  for (const [args, message] of refusals) {
    const ran = await stateglass(...args);
    expect([ran.code, ran.out], message).toEqual([2, '']);
    expect(ran.err).toContain(message);
  }
  expect([list(), hashFile(file)]).toEqual(before);
}, 60_000);

test('a tensor of another file, and its recipe with the donor named or beside it', async () => {
  const donor = fixture('pytorch/tied.bin');
  const ran = await stateglass(
    ...['set', TINY, 'h.1.bias', '--from', `${donor}:block.bias`, '-o', at('taken.safetensors')],
    ...['--recipe', at('take.json')],
  );
  expect([ran.code, ran.err]).toEqual([0, '']);
  expect(ran.out).toMatch(/^Take h\.1\.bias from tied\.bin: block\.bias \(f32 \[6\] instead of f32 \[4\]\)\n/);
  const { tensors } = readSafetensors(at('taken.safetensors'));
  const shown = await stateglass('export', donor, 'block.bias', '-o', at('bias.safetensors'));
  expect(shown.code, shown.err).toBe(0);
  const { 'block.bias': wanted } = readSafetensors(at('bias.safetensors')).tensors;
  expect(tensors).toEqual({ ...TENSORS, 'h.1.bias': wanted });

  const replayed = (...args: string[]) =>
    stateglass('replay', at('take.json'), TINY, '-o', at('again.safetensors'), '--force', ...args);
  const missing = await replayed();
  expect([missing.code, missing.err]).toEqual([
    2,
    'the recipe takes values from tied.bin, not found beside it: give --donor tied.bin=FILE\n',
  ]);
  const wrong = await replayed('--donor', `tied.bni=${donor}`);
  expect(wrong.err).toBe('--donor tied.bni: the recipe takes nothing from it; it names tied.bin\n');
  expect((await replayed('--donor', `tied.bin=${donor}`)).err).toBe('');
  expect(hashFile(at('again.safetensors'))).toBe(hashFile(at('taken.safetensors')));
  copyFileSync(donor, at('tied.bin'));
  expect((await replayed()).err).toBe('');
  expect(hashFile(at('again.safetensors'))).toBe(hashFile(at('taken.safetensors')));
});

test('cast tells what it would lose, and writes nothing without a place to write to', async () => {
  const edges = fixture('safetensors/special-values.safetensors');
  const ran = await stateglass('cast', edges, 'f16', '--report', '--json');
  expect([ran.code, ran.err]).toEqual([0, '']);
  const { cast } = JSON.parse(ran.out) as { cast: { key: string; dtype: string; losses: Record<string, number> }[] };
  // Counted over the bytes themselves: bf16 is the upper half of an f32.
  const codes = Buffer.from(elementsOf(edges, 'bf16') as string, 'hex');
  const numbers = Array.from({ length: codes.length / 2 }, (_, i) => {
    const single = Buffer.alloc(4);
    codes.copy(single, 2, 2 * i, 2 * i + 2);
    return single.readFloatLE();
  });
  expect(cast.find(({ key }) => key === 'bf16')?.losses).toMatchObject({
    count: numbers.length,
    overflow: numbers.filter((x) => Number.isFinite(x) && Math.abs(x) >= 65520).length,
    underflow: numbers.filter((x) => x !== 0 && Math.abs(x) <= 2 ** -25).length,
    nan: 0,
  });
  const words = await stateglass('cast', edges, 'f16', '--report', '-o', at('f16.safetensors'));
  expect(words.out).toMatch(/^Cast .* to f16\n {2}bf16 \(bf16\): of 10 numbers 1 overflow, 3 become 0, by up to /);
  expect(words.out).toMatch(/\nf16: of \d+ numbers /);
  expect(list()).toContain('f16.safetensors');
});
