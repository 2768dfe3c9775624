import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixture, ROOT, stateglass, temporaryFolder } from './stateglass.fixture.ts';

const at = temporaryFolder();
const TINY = fixture('pytorch/tiny.pt');
const MEMBERS = [
  'policy',
  'raises',
  'message',
  'assigned',
  'missing',
  'unexpected',
  'added',
  'mismatched',
  'suggestions',
  'partial',
];

test('a file loads into itself, and exits with 0', async () => {
  const { code, out } = await stateglass('load', TINY, TINY, '--json');
  const report = JSON.parse(out);
  expect(Object.keys(report)).toEqual(MEMBERS);
  expect(report).toMatchObject({
    policy: 'torch-strict',
    raises: false,
    message: '<All keys matched successfully>',
    missing: [],
  });
  expect(report.assigned.length).toBeGreaterThan(2);
  expect(code).toBe(0);
});

test('what torch would raise is printed whole, and exits with 1', async () => {
  const into = at('net.json');
  writeFileSync(into, '{"$module": "Net", "members": {"w": {"$weight": null, "dtype": "float32", "shape": [2]}}}');
  const { code, out } = await stateglass('load', into, TINY, '--policy', 'torch-strict', '--json');
  expect(code).toBe(1);
  const report = JSON.parse(out);
  expect(report.raises).toBe(true);
  expect(report.message).toMatch(
    /^RuntimeError: Error\(s\) in loading state_dict for Net:\n\tMissing key\(s\) in state_dict: "w"\. \n\tUnexpected key\(s\)/,
  );
  const shown = await stateglass('load', into, TINY);
  expect(shown.out).toContain('missing     w');
  expect(shown.out).toMatch(
    /torch-strict: 0 assigned, 1 missing, \d+ unexpected, 0 added: raises RuntimeError; 0 have changed/,
  );
});

test('a printout on standard input is loaded into, with rules for keys and edits that would do it', async () => {
  const listed = JSON.parse((await stateglass('ls', TINY, '--json')).out) as {
    entries: readonly { key: string; shape?: readonly number[] }[];
  };
  const printed = listed.entries
    .filter(({ shape }) => shape)
    .map(({ key, shape }) => `'net.${key}': torch.Size([${shape}])`);
  const text = `OrderedDict({${printed.join(', ')}})`;
  const plain = await loadFrom(text, '--policy', 'caten', '--json');
  expect(plain.code).toBe(1);
  expect(JSON.parse(plain.out).assigned).toEqual([]);
  const mapped = await loadFrom(text, '--policy', 'caten', '--map', 's/^/net./', '--json');
  expect(JSON.parse(mapped.out)).toMatchObject({ missing: [], raises: false });
  const fixed = await loadFrom(text, '--policy', 'caten', '--fix');
  expect(fixed.out).toContain('{"op":"rename-rules","args":{"rules":[{"pattern":"^","to":"net."}]}}');
});

test('MAX: alignment and quantisation are options', async () => {
  const safe = fixture('safetensors/dtypes.safetensors');
  const { code } = await stateglass(
    'load',
    safe,
    safe,
    '--policy',
    'max-strict',
    '--weight-alignment',
    '1',
    '--override-quantization-encoding',
  );
  expect(code).toBe(0);
  expect((await stateglass('load', safe, safe, '--weight-alignment', 'x')).code).toBe(2);
});

test('all policies side by side', async () => {
  const { out } = await stateglass('load', TINY, TINY, '--policy', 'all');
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(17);
  expect(lines[0]).toMatch(/^policy +assigned +missing/);
  expect(lines.find((line) => line.startsWith('torch-strict'))).toMatch(/loads$/);
  const json = JSON.parse((await stateglass('load', TINY, TINY, '--policy', 'all', '--json')).out);
  expect(json.map(({ policy }: { policy: string }) => policy)).toHaveLength(16);
});

test('--list names every policy, and what makes no sense exits with 2', async () => {
  const { out } = await stateglass('load', '--list');
  expect(out).toContain('torch-strict              model.load_state_dict(state_dict)\n');
  expect(out.trimEnd().split('\n')).toHaveLength(16);
  expect(await stateglass('load', TINY, TINY, '--policy', 'keras')).toMatchObject({ code: 2, out: '' });
  expect((await stateglass('load', TINY)).code).toBe(2);
  expect((await stateglass('load', at('none.txt'), TINY)).err).toContain('none.txt');
});

function loadFrom(text: string, ...args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    const child = spawn('node', [join(ROOT, 'tools/cli.mjs'), 'load', '-', TINY, ...args]);
    let out = '';
    child.stdout.on('data', (data) => {
      out += data;
    });
    child.on('close', (code) => resolve({ code: code ?? -1, out }));
    child.stdin.end(text);
  });
}
