import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { StateglassError } from '../src-core/index.ts';
import { readRange } from './byte-range.ts';
import type { FoundFile } from './walk-paths.ts';

/** A file of the list. Requests name it by its place in the list, never by a path. */
export interface ServedFile extends FoundFile {
  /** Where its links led when the command started; nothing else is served under its number. */
  readonly real: string;
}

export async function resolveFiles(files: readonly FoundFile[]): Promise<ServedFile[]> {
  return Promise.all(
    files.map(async (file) => {
      const real = await realpath(file.path);
      if ((await stat(real)).isFile()) return { ...file, real };
      throw new StateglassError({ kind: 'source', file: file.path, detail: 'this is not a regular file' });
    }),
  );
}

/** What the page is told: names, sizes in bytes, and tags that change with the files. */
export async function describeFiles(files: readonly ServedFile[]) {
  return Promise.all(
    files.map(async (file) => {
      const info = await stat(file.real).catch(() => undefined);
      return { path: file.id, size: info?.size ?? 0, tag: info ? tagOf(info) : '' };
    }),
  );
}

/** Answers a GET or HEAD of one file, by Range where that is asked. */
export async function sendFile(file: ServedFile, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const opened = await openSame(file);
  if (!opened) {
    response.writeHead(410, { 'Content-Type': 'text/plain' }).end('The file is no longer there.\n');
    return;
  }
  try {
    const info = await opened.stat();
    const tag = tagOf(info);
    response.setHeader('ETag', tag);
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('Content-Type', 'application/octet-stream');
    const unlessChanged = request.headers['if-range'];
    const asked = unlessChanged === undefined || unlessChanged === tag ? request.headers.range : undefined;
    const wanted = readRange(asked, info.size);
    if (wanted === 'none') {
      response.writeHead(416, { 'Content-Range': `bytes */${info.size}` }).end();
      return;
    }
    const { start, end } = wanted === 'all' ? { start: 0, end: info.size } : wanted;
    if (wanted !== 'all') response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${info.size}`);
    response.writeHead(wanted === 'all' ? 200 : 206, { 'Content-Length': end - start });
    if (request.method === 'HEAD' || end === start) response.end();
    else await sendBytes(opened, start, end, response);
  } finally {
    await opened.close();
  }
}

/** The file, if its path still leads where it led; links are not followed a second time. */
async function openSame({ path, real }: ServedFile): Promise<FileHandle | undefined> {
  try {
    if ((await realpath(path)) !== real) return undefined;
    const opened = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    if ((await opened.stat()).isFile()) return opened;
    await opened.close();
  } catch {
    // Gone, or no longer readable.
  }
  return undefined;
}

async function sendBytes(file: FileHandle, start: number, end: number, response: ServerResponse): Promise<void> {
  const stream = file.createReadStream({ start, end: end - 1, autoClose: false, highWaterMark: 2 ** 20 });
  await pipeline(stream, response, { end: false }).catch(() => undefined);
  // A file that was cut short in the meantime must not look like a whole answer.
  if (stream.bytesRead === end - start && !response.destroyed) response.end();
  else response.destroy();
}

/** Another tag for another file, length or time of writing. It tells none of them. */
function tagOf({ dev, ino, size, mtimeMs }: Stats): string {
  const text = [dev, ino, size, mtimeMs].join(' ');
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}
