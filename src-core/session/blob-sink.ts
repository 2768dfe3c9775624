import type { SourceHandle } from '../bytes/source.ts';
import type { Sink } from './ports.ts';

/** Bytes are handed to the browser, which may keep them on disk, in pieces of this size. */
const PIECE_BYTES = 4 * 2 ** 20;

export interface BlobSink extends Sink {
  /** The file: ranges of files that were opened, which are not read, and bytes. */
  finish(type: string): Blob;
}

/** Bytes [start, end) of a Blob, for place `at`. */
interface Cut {
  readonly at: number;
  readonly of: Blob;
  readonly start: number;
  end: number;
}

/** Composes a Blob. Ranges of dropped files stay where they are: the browser reads them when the Blob is saved. */
export function blobSink(): BlobSink {
  const cuts: Cut[] = [];
  let held = new Uint8Array(PIECE_BYTES);
  let start = 0;
  let filled = 0;
  const flush = () => {
    if (filled > 0) cuts.push({ at: start, of: new Blob([held.subarray(0, filled)]), start: 0, end: filled });
    filled = 0;
  };
  return {
    async write(at, bytes) {
      if (at !== start + filled) flush();
      if (filled === 0) start = at;
      for (let done = 0; done < bytes.length; ) {
        const part = bytes.subarray(done, done + held.length - filled);
        held.set(part, filled);
        filled += part.length;
        done += part.length;
        if (filled < held.length) continue;
        flush();
        start = at + done;
      }
    },
    copy(at, ranges) {
      const found = ranges.map((range) => findBlob(range.source, range.start, range.end));
      if (found.includes(undefined)) return false;
      let place = at;
      for (const cut of found as Omit<Cut, 'at'>[]) {
        const last = cuts.at(-1);
        const isNext = last?.of === cut.of && last.end === cut.start && last.at + last.end - last.start === place;
        // Half a million tensors that follow one another are one range.
        if (isNext) last.end = cut.end;
        else cuts.push({ ...cut, at: place });
        place += cut.end - cut.start;
      }
      return true;
    },
    finish(type) {
      flush();
      held = new Uint8Array();
      cuts.sort((a, b) => a.at - b.at);
      return new Blob(
        cuts.map(({ of, start: from, end }) => of.slice(from, end)),
        { type },
      );
    },
  };
}

/** Where bytes [start, end) of a source are in a Blob that the browser has; undefined for any other source. */
function findBlob(source: SourceHandle, start: number, end: number): Omit<Cut, 'at'> | undefined {
  if (source.kind === 'blob') return { of: source.blob, start, end };
  if (source.kind === 'window') return findBlob(source.of, source.offset + start, source.offset + end);
  return undefined;
}
