import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FORMATS } from './registry.ts';
import { WRITERS } from './writers.ts';

const PATH = new URL('../../README.md', import.meta.url);
const README = readFileSync(PATH, 'utf8');
const HEAD = ['format', 'files', 'saved with edits', 'written anew', 'what is read'];
const NOTHING = '–';

/** The table below `## What it opens`, as cells. */
function readTable(): readonly (readonly string[])[] {
  const section = README.split('\n## ').find((part) => part.startsWith('What it opens\n')) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** One row for each format that is read, in the order of the registry, then those that are only written. What is read is said by hand. */
async function drawTable(proseOf: ReadonlyMap<string, string>): Promise<readonly (readonly string[])[]> {
  const rows: string[][] = [HEAD, HEAD.map(() => '---')];
  for (const { id, label, extensions, load } of FORMATS) {
    const { save } = await load();
    const isWritten = WRITERS.some((writer) => writer.id === id);
    rows.push([label, spellFiles(extensions), tick(save), tick(isWritten), proseOf.get(label) ?? '']);
  }
  for (const { id, label, extensions } of WRITERS) {
    if (FORMATS.some((format) => format.id === id)) continue;
    rows.push([label, spellFiles(extensions), tick(false), tick(true), NOTHING]);
  }
  return rows;
}

const tick = (value: unknown): string => (value ? '✓' : NOTHING);
const spellFiles = (extensions: readonly string[]): string =>
  extensions.length === 0 ? 'a folder' : extensions.map((one) => `\`${one}\``).join(' ');

test('the table of formats says what the registry says: STATEGLASS_DRAW=1 draws it anew', async () => {
  const found = readTable();
  const proseOf = new Map(found.slice(2).map((cells) => [cells[0] ?? '', cells.at(-1) ?? '']));
  const wanted = await drawTable(proseOf);
  const spell = (rows: readonly (readonly string[])[]) => rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  if (process.env.STATEGLASS_DRAW) {
    const old = README.split('\n## ').find((part) => part.startsWith('What it opens\n')) ?? '';
    const lines = old.split('\n').filter((line) => line.startsWith('|'));
    writeFileSync(PATH, README.replace(lines.join('\n'), spell(wanted)));
    return;
  }
  expect(spell(found)).toBe(spell(wanted));
  for (const [label = '', , , , prose] of wanted) expect(prose, `${label}: say what is read`).not.toBe('');
});
