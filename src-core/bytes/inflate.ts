import { malformed, StateglassError, throwIfAborted } from '../base/errors.ts';
import { LIMITS, type LimitName } from '../base/limits.ts';
import { allocate } from './range.ts';
import type { ByteSource } from './source.ts';

/** Small pushes keep what one of them can swell to small: deflate packs at most 1,032 to 1. */
const PUSH_BYTES = 16 * 1024;
const READ_BYTES = 4 * 2 ** 20;
const MIN_READ_BYTES = 1024;

export interface InflateOptions {
  /** For errors. */
  readonly format: string;
  /** Drops so many inflated bytes at the beginning: they are made, as deflate has to, and not kept. */
  readonly from?: number;
  /** Stops after so many inflated bytes; the whole member when not given. */
  readonly upTo?: number;
  readonly signal?: AbortSignal | undefined;
  /** The stream has the header and the end of gzip. */
  readonly wrapped?: boolean;
}

/**
 * Inflates raw deflate bytes [start, end) of a source to exactly `inflated` bytes (or to those in [`from`, `upTo`)).
 *
 * @throws `limit` when the size promised is out of proportion, `malformed` when the stream breaks off or does not keep it.
 */
export async function inflate(
  source: Pick<ByteSource, 'name' | 'read'>,
  start: number,
  end: number,
  inflated: number,
  options: InflateOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { format, signal } = options;
  checkInflated(source.name, end - start, inflated);
  const whole = options.upTo === undefined;
  const wanted = Math.min(inflated, options.upTo ?? inflated);
  const skip = Math.min(wanted, options.from ?? 0);
  const out = allocate(source.name, wanted - skip);
  let made = 0;
  let ended = false;
  // Here, since it makes its tables as it is loaded: most workers never inflate.
  const { Gunzip, Inflate } = await import('fflate');
  const stream = new (options.wrapped ? Gunzip : Inflate)((chunk, final) => {
    const first = Math.max(0, skip - made);
    if (made < wanted && first < chunk.length) out.set(chunk.subarray(first, wanted - made), made + first - skip);
    made += chunk.length;
    ended ||= final;
  });
  for (let at = start; at < end && !isDone(); ) {
    throwIfAborted(signal);
    // What is packed is hardly longer than what it makes: the head of a member costs no more than that.
    const step = whole ? READ_BYTES : Math.min(READ_BYTES, Math.max(MIN_READ_BYTES, wanted - made));
    const stop = Math.min(end, at + step);
    const bytes = await source.read(at, stop, signal);
    for (let from = 0; from < bytes.length && !isDone(); from += PUSH_BYTES) {
      const to = Math.min(bytes.length, from + PUSH_BYTES);
      push(bytes.subarray(from, to), at + to === end, at + from);
    }
    at = stop;
  }
  if (made < wanted || (whole && made !== inflated)) {
    throw malformed(
      source.name,
      format,
      `compressed data ends after ${made} bytes where ${inflated} are promised`,
      start,
    );
  }
  return out;

  function isDone(): boolean {
    return ended || made > inflated || (!whole && made >= wanted);
  }
  function push(bytes: Uint8Array, last: boolean, at: number): void {
    try {
      stream.push(bytes, last);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw malformed(source.name, format, `compressed data cannot be inflated: ${why}`, at);
    }
  }
}

function checkInflated(file: string, compressed: number, inflated: number): void {
  const over = (limit: LimitName, max: number) =>
    new StateglassError({
      kind: 'limit',
      file,
      limit,
      value: inflated,
      max,
      detail: `${compressed} compressed bytes promise to become ${inflated}`,
    });
  if (inflated > LIMITS.inflateBytes) throw over('inflateBytes', LIMITS.inflateBytes);
  const most = Math.max(LIMITS.inflateFloorBytes, compressed * LIMITS.inflateRatio);
  if (inflated > most) throw over('inflateRatio', most);
}
