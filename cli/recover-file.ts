import { type FileHandle, open, realpath, rm } from 'node:fs/promises';
import { uptime } from 'node:os';
import { dirname } from 'node:path';
import { StateglassError } from '../src-core/index.ts';
import {
  type Body,
  copyInto,
  DIGEST_BYTES,
  digestOf,
  HEAD_MAX,
  type Head,
  journalOf,
  MAGIC,
  piecesOf,
  readFully,
} from './journal.ts';
import { syncFolder } from './write-file.ts';

/**
 * Puts a file back as it was when a process died while it changed it: every command that opens a file comes by here.
 *
 * @throws `source` while another process is at it, and when the file has become another one since.
 */
export async function recoverFile(link: string): Promise<void> {
  const path = await realpath(link).catch(() => link);
  const name = journalOf(path);
  const journal = await open(name, 'r').catch(() => undefined);
  if (!journal) return;
  try {
    const { size, mtimeMs } = await journal.stat();
    const { head, start } = await readHead(journal);
    if (head && isRunning(head.process, mtimeMs)) {
      const detail = `process ${head.process} is changing it: try again when that has ended`;
      throw new StateglassError({ kind: 'source', file: path, detail });
    }
    const bytes = head?.places.reduce((sum, { length }) => sum + length, 0) ?? 0;
    if (head && (await isWhole(journal, start + 2 * bytes, size))) {
      const body = { start, bytes, places: head.places };
      await checkIsSame(path, journal, head, body);
      await copyInto(path, journal, body, 0);
      process.stderr.write(`${path}: a change was not finished; it is as it was before\n`);
    } else process.stderr.write(`${path}: a change was not begun; the file is as it was\n`);
  } finally {
    await journal.close();
  }
  await rm(name, { force: true });
  await syncFolder(dirname(path));
}

async function readHead(journal: FileHandle): Promise<{ readonly head?: Head; readonly start: number }> {
  const { size } = await journal.stat();
  const text = (await readFully(journal, 0, Math.min(size, HEAD_MAX))).toString('latin1');
  const [magic, line] = text.split('\n', 2);
  if (magic !== MAGIC || line === undefined) return { start: 0 };
  try {
    return { head: JSON.parse(line) as Head, start: magic.length + line.length + 2 };
  } catch {
    return { start: 0 };
  }
}

/** A number that another process got after a restart of the machine is none of ours. */
function isRunning(id: number, since: number): boolean {
  if (id === process.pid || since < Date.now() - uptime() * 1000) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isWhole(journal: FileHandle, end: number, size: number): Promise<boolean> {
  if (size !== end + DIGEST_BYTES) return false;
  return (await digestOf(journal, end)).equals(await readFully(journal, end, DIGEST_BYTES));
}

/** Every byte of the places is the old one or the new one, or somebody else has written the file since. */
async function checkIsSame(path: string, journal: FileHandle, head: Head, body: Body): Promise<void> {
  const file = await open(path, 'r');
  try {
    let isSame = (await file.stat()).size === head.size;
    for (const { at, from, length } of isSame ? piecesOf(body) : []) {
      const [is, was, shall] = [
        await readFully(file, at, length),
        await readFully(journal, from, length),
        await readFully(journal, from + body.bytes, length),
      ];
      isSame &&= is.every((byte, i) => byte === was[i] || byte === shall[i]);
    }
    if (isSame) return;
  } finally {
    await file.close();
  }
  const detail = `a change was not finished, but this is another file now; if it is good, delete ${journalOf(path)}`;
  throw new StateglassError({ kind: 'source', file: path, detail });
}
