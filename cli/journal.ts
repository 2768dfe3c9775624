import { createHash } from 'node:crypto';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Sink, StateglassError } from '../src-core/index.ts';
import { refuse, syncFolder, writeFully } from './write-file.ts';

/** `length` bytes from `at` on. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

/** The first line of a journal. */
export const MAGIC = 'stateglass journal 1';
/** The second line is JSON; more places than fit are a rewrite and no patch. */
export const HEAD_MAX = 1 << 20;
export const DIGEST_BYTES = 32;
const PIECE_BYTES = 1 << 20;

export interface Head {
  /** Bytes of the file that is changed. */
  readonly size: number;
  /** Who changes it. */
  readonly process: number;
  /** In order, apart from one another. */
  readonly places: readonly Place[];
}

/**
 * What stands beside a file while it is changed where it lies: two lines that say what is changed, the bytes as they were, the
 * bytes as they shall be, and a SHA-256 of all that. Nothing of the file is changed before it is whole and on the disk.
 */
export interface Journal {
  /** Takes the new bytes by their places in the file, in any order. */
  readonly sink: Pick<Sink, 'write'>;
  /** Brings it to the disk. */
  readonly seal: () => Promise<void>;
  /** Changes the file. */
  readonly apply: () => Promise<void>;
  /** Puts back what was there. */
  readonly rollBack: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

export const journalOf = (path: string): string => join(dirname(path), `.${basename(path)}.stateglass-journal`);

/** @throws `source` when there is one already, or it cannot be made. */
export async function beginJournal(path: string, size: number, places: readonly Place[]): Promise<Journal> {
  const head = `${MAGIC}\n${JSON.stringify({ size, process: process.pid, places } satisfies Head)}\n`;
  const start = Buffer.byteLength(head);
  if (start > HEAD_MAX)
    throw new StateglassError({ kind: 'bad-input', detail: `${places.length} places are too many for --in-place` });
  const name = journalOf(path);
  const journal = await open(name, 'wx+').catch((cause: unknown) => {
    throw refuse(name, cause);
  });
  const bytes = places.reduce((sum, { length }) => sum + length, 0);
  await writeFully(name, journal, Buffer.from(head), 0);
  const body = { start, bytes, places };
  return {
    sink: { write: (at, piece) => writeFully(name, journal, piece, start + bytes + placeIn(places, at)) },
    async seal() {
      const file = await open(path, 'r');
      try {
        for (const { at, from, length } of piecesOf(body))
          await writeFully(name, journal, await readFully(file, at, length), from);
      } finally {
        await file.close();
      }
      await writeFully(name, journal, await digestOf(journal, start + 2 * bytes), start + 2 * bytes);
      await journal.sync();
      await syncFolder(dirname(path));
      // Another process that came before the first line was there took it for torn.
      if ((await stat(name).catch(() => undefined))?.ino === (await journal.stat()).ino) return;
      throw new StateglassError({ kind: 'source', file: path, detail: 'another process is at this file' });
    },
    apply: () => copyInto(path, journal, body, bytes),
    rollBack: () => copyInto(path, journal, body, 0),
    async remove() {
      await journal.close();
      await rm(name, { force: true });
      await syncFolder(dirname(path));
    },
  };
}

export interface Body {
  /** Where the old bytes begin in the journal; the new ones follow them. */
  readonly start: number;
  readonly bytes: number;
  readonly places: readonly Place[];
}

/** Bytes of the journal into their places: from `skip` on, the old ones or the new ones. */
export async function copyInto(path: string, journal: FileHandle, body: Body, skip: number): Promise<void> {
  const file = await open(path, 'r+').catch((cause: unknown) => {
    throw refuse(path, cause);
  });
  try {
    for (const { at, from, length } of piecesOf(body))
      await writeFully(path, file, await readFully(journal, from + skip, length), at);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Pieces of all places: `from` is where the old bytes are in the journal. */
export function* piecesOf({ start, places }: Body): Generator<Place & { readonly from: number }> {
  let from = start;
  for (const place of places) {
    for (let done = 0; done < place.length; done += PIECE_BYTES) {
      const length = Math.min(PIECE_BYTES, place.length - done);
      yield { at: place.at + done, length, from: from + done };
    }
    from += place.length;
  }
}

/** Where a byte of the file is among those of all places. */
function placeIn(places: readonly Place[], at: number): number {
  let before = 0;
  for (const place of places) {
    if (at >= place.at && at < place.at + place.length) return before + at - place.at;
    before += place.length;
  }
  throw new StateglassError({ kind: 'internal', detail: `byte ${at} is not among those that change` });
}

export async function digestOf(file: FileHandle, end: number): Promise<Buffer> {
  const hash = createHash('sha256');
  for (let at = 0; at < end; at += PIECE_BYTES) hash.update(await readFully(file, at, Math.min(PIECE_BYTES, end - at)));
  return hash.digest();
}

export async function readFully(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new StateglassError({ kind: 'internal', detail: 'a file ended while it was read' });
    done += bytesRead;
  }
  return bytes;
}
