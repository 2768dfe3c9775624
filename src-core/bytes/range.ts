import { StateglassError, throwIfAborted } from '../base/errors.ts';
import type { ByteSource } from './source.ts';

/** Throws a `source` error unless [start, end) is a range of whole bytes inside [0, size]. */
export function checkRange(name: string, size: number, start: number, end: number): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end <= size) return;
  throw new StateglassError({
    kind: 'source',
    file: name,
    detail: `bytes ${start} to ${end} were asked for, but the file has ${size}`,
  });
}

/** Throws a `source` error when fewer bytes came than the size promised. */
export function checkAnswer(name: string, got: number, wanted: number): void {
  if (got === wanted) return;
  throw new StateglassError({
    kind: 'source',
    file: name,
    detail: `${wanted} bytes were asked for, ${got} came`,
    advice: 'The file may have changed since it was opened: open it again',
  });
}

/** A zeroed buffer, or a `source` error where the machine cannot give one that large. */
export function allocate(name: string, length: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new StateglassError(
      { kind: 'source', file: name, detail: `there is no memory for ${length} bytes at once` },
      { cause },
    );
  }
}

/** A stream made of reads of at most `chunk` bytes: for sources that have nothing faster. */
export function streamReads(
  source: Pick<ByteSource, 'read'>,
  start: number,
  end: number,
  chunk: number,
  signal?: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = start;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        throwIfAborted(signal);
        const stop = Math.min(end, at + chunk);
        if (stop > at) controller.enqueue(await source.read(at, stop, signal));
        at = stop;
        if (at >= end) controller.close();
      },
    },
    { highWaterMark: 1 },
  );
}
