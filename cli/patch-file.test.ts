import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { fixture, hashFile, ROOT, readSafetensors, stateglass, temporaryFolder } from './stateglass.fixture.ts';

const at = temporaryFolder();
const TINY = fixture('safetensors/tiny.safetensors');
const { tensors: TENSORS } = readSafetensors(TINY);
const ORIGINAL = hashFile(TINY);
const JOURNAL = '.tiny.safetensors.stateglass-journal';

beforeEach(() => copyFileSync(TINY, at('tiny.safetensors')));

/** A journal as it is documented: two lines, old bytes, new bytes, SHA-256 of all that. */
function journalOf(process: number, place: number, old: Uint8Array, next: Uint8Array): Buffer {
  const places = [{ at: place, length: old.length }];
  const head = `stateglass journal 1\n${JSON.stringify({ size: statSync(TINY).size, process, places })}\n`;
  const body = Buffer.concat([Buffer.from(head), old, next]);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

/** A number that was a process and is none. */
async function endedProcess(): Promise<number> {
  const child = spawn('node', ['--version']);
  await new Promise((resolve) => child.on('exit', resolve));
  return child.pid as number;
}

test('--in-place changes the bytes that are others, in the same file', async () => {
  const { ino } = statSync(at('tiny.safetensors'));
  const ran = await stateglass('rename', at('tiny.safetensors'), '--rule', 's/^h/g/', '--in-place');
  expect([ran.code, ran.err]).toEqual([0, '']);
  expect(statSync(at('tiny.safetensors')).ino).toBe(ino);
  const wanted = Object.entries(TENSORS).map(([key, value]) => [key.replace(/^h/, 'g'), value]);
  expect(readSafetensors(at('tiny.safetensors')).tensors).toEqual(Object.fromEntries(wanted));
  expect(readdirSync(at())).toEqual(['tiny.safetensors']);
});

test('--in-place writes numbers where they are', async () => {
  const ran = await stateglass('set', at('tiny.safetensors'), 'h.1.bias', '-1', '--slice', '1:3', '--in-place');
  expect(ran.code, ran.err).toBe(0);
  const [before, after] = [readFileSync(TINY), readFileSync(at('tiny.safetensors'))];
  const changed = [...after.keys()].filter((i) => after[i] !== before[i]);
  expect(changed.at(-1)! - changed[0]!).toBeLessThan(8);
  expect(readSafetensors(at('tiny.safetensors')).tensors['h.1.bias']).toContain('000080bf000080bf');
});

test('--in-place refuses to move bytes and says how many', async () => {
  const ran = await stateglass('rename', at('tiny.safetensors'), '--rule', 's/^h/layers/', '--in-place');
  expect([ran.code, ran.out]).toEqual([2, '']);
  expect(ran.err).toMatch(/^--in-place: the file would have \d+ bytes instead of 2631, and 663 would have to move/);
  const dry = await stateglass('rename', at('tiny.safetensors'), '--rule', 's/^h/g/', '--in-place', '--dry-run');
  expect(dry.out).toContain('would hold: 29 entries, 2631 bytes');
  expect(hashFile(at('tiny.safetensors'))).toBe(ORIGINAL);
  expect(readdirSync(at())).toEqual(['tiny.safetensors']);
});

test('a file that was half changed is put back by the next command', async () => {
  const bytes = readFileSync(TINY);
  const old = bytes.subarray(100, 400);
  const next = Buffer.alloc(300, 'x');
  const half = Buffer.concat([bytes.subarray(0, 100), next.subarray(0, 150), bytes.subarray(250)]);
  writeFileSync(at('tiny.safetensors'), half);
  writeFileSync(at(JOURNAL), journalOf(await endedProcess(), 100, old, next));
  const ran = await stateglass('ls', at('tiny.safetensors'));
  expect(ran.code).toBe(0);
  expect(ran.err).toContain('a change was not finished; it is as it was before');
  expect(hashFile(at('tiny.safetensors'))).toBe(ORIGINAL);
  expect(readdirSync(at())).toEqual(['tiny.safetensors']);
});

test.each([0, 10, 60, 700])('a journal of %i bytes was cut off before anything changed: it goes', async (length) => {
  const bytes = readFileSync(TINY);
  const whole = journalOf(await endedProcess(), 100, bytes.subarray(100, 400), Buffer.alloc(300, 'x'));
  writeFileSync(at(JOURNAL), whole.subarray(0, length));
  const ran = await stateglass('ls', at('tiny.safetensors'));
  expect(ran.code).toBe(0);
  expect(ran.err).toContain('a change was not begun');
  expect(hashFile(at('tiny.safetensors'))).toBe(ORIGINAL);
  expect(readdirSync(at())).toEqual(['tiny.safetensors']);
});

test('a file at which another process is, or that is another one by now, is let alone', async () => {
  const bytes = readFileSync(TINY);
  const [old, next] = [bytes.subarray(100, 400), Buffer.alloc(300, 'x')];
  writeFileSync(at(JOURNAL), journalOf(process.pid, 100, old, next));
  const busy = await stateglass('rename', at('tiny.safetensors'), '--rule', 's/^h/g/', '--in-place');
  expect([busy.code, busy.out]).toEqual([2, '']);
  expect(busy.err).toContain(`process ${process.pid} is changing it`);
  writeFileSync(at(JOURNAL), journalOf(await endedProcess(), 100, old, next));
  const other = Buffer.from(bytes).fill('z', 120, 130);
  writeFileSync(at('tiny.safetensors'), other);
  const replaced = await stateglass('ls', at('tiny.safetensors'));
  expect([replaced.code, replaced.out]).toEqual([2, '']);
  expect(replaced.err).toContain('this is another file now');
  expect(readFileSync(at('tiny.safetensors')).equals(other)).toBe(true);
  expect(existsSync(at(JOURNAL))).toBe(true);
  rmSync(at(JOURNAL));
});

/** Letters of a text that takes a while to be written: some tenths of a second on a quick disk. */
const LETTERS = 16_000_000;

test('a process that is killed while it changes a file leaves the old one or the new one', async () => {
  const file = at('big.json');
  const write = (letter: string) => `{"a": "${letter.repeat(LETTERS)}", "b": 1}`;
  writeFileSync(at('text.txt'), 'y'.repeat(LETTERS));
  writeFileSync(file, write('y'));
  const after = hashFile(file);
  writeFileSync(file, write('x'));
  const before = hashFile(file);
  let restored = 0;
  for (const delay of [0, 40, 90, 150]) {
    writeFileSync(file, write('x'));
    const child = spawn('node', [
      join(ROOT, 'tools/cli.mjs'),
      'set',
      file,
      'a',
      '--from',
      at('text.txt'),
      '--in-place',
    ]);
    await untilJournal(child);
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    await new Promise((resolve) =>
      (child.exitCode ?? child.signalCode) === null ? child.on('exit', resolve) : resolve(0),
    );
    const wasLeft = existsSync(at('.big.json.stateglass-journal'));
    const next = await stateglass('show', file, 'b');
    expect([next.code, next.out]).toEqual([0, '1\n']);
    if (wasLeft) expect(hashFile(file)).toBe(before);
    else expect([before, after]).toContain(hashFile(file));
    if (wasLeft) restored++;
    expect(readdirSync(at()).sort()).toEqual(['big.json', 'text.txt', 'tiny.safetensors']);
  }
  expect(restored).toBeGreaterThan(0);
}, 120_000);

async function untilJournal(child: ChildProcess): Promise<void> {
  while (child.exitCode === null && !existsSync(at('.big.json.stateglass-journal')))
    await new Promise((resolve) => setTimeout(resolve, 2));
}
