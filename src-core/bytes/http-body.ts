import { StateglassError, throwIfAborted } from '../base/errors.ts';
import { LIMITS, type LimitName } from '../base/limits.ts';
import { connectionLost } from './http-errors.ts';
import { type HttpOptions, STALL_AFTER } from './http-request.ts';

export type BodyReader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

/** The next bytes of a body. A connection that brings nothing for so long counts as dropped. */
export async function readChunk(
  reader: BodyReader | undefined,
  { stallAfter = STALL_AFTER, onBytes }: HttpOptions,
): Promise<Uint8Array<ArrayBuffer> | 'end' | 'dropped'> {
  if (!reader) return 'end';
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    reader.cancel().catch(() => undefined);
  }, stallAfter);
  try {
    const { value } = await reader.read();
    if (!value) return isLate ? 'dropped' : 'end';
    onBytes?.(value.length);
    return value;
  } catch {
    return 'dropped';
  } finally {
    clearTimeout(timer);
  }
}

/** Appends the answer to `out` at `got`; returns how far it came when the connection dropped. More bytes than asked for are an error. */
export async function readBody(
  response: Response,
  out: Uint8Array<ArrayBuffer>,
  got: number,
  name: string,
  options: HttpOptions,
  signal: AbortSignal | undefined,
): Promise<number> {
  const reader = response.body?.getReader();
  let at = got;
  for (;;) {
    const chunk = await readChunk(reader, options);
    throwIfAborted(signal);
    if (typeof chunk === 'string') return at;
    if (at + chunk.length > out.length) {
      await reader?.cancel();
      throw new StateglassError({
        kind: 'source',
        file: name,
        detail: 'the server sent more bytes than were asked for',
      });
    }
    out.set(chunk, at);
    at += chunk.length;
  }
}

/**
 * The whole body, up to a cap, as a Blob: a browser may keep its bytes on disk, and any thread can be given it without a copy.
 *
 * @throws `limit` past the cap, `source` when the connection drops: a server without ranges cannot go on where it stopped.
 */
export async function downloadWhole(
  response: Response,
  name: string,
  limit: LimitName,
  options: HttpOptions,
): Promise<Blob> {
  const total = Number(response.headers.get('content-length') ?? 0);
  const reader = response.body?.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  for (;;) {
    if (Math.max(total, done) > LIMITS[limit]) {
      await reader?.cancel();
      throw tooLong(name, limit, Math.max(total, done));
    }
    const chunk = await readChunk(reader, options);
    throwIfAborted(options.signal);
    if (chunk === 'dropped') throw connectionLost(name);
    if (chunk === 'end') return new Blob(parts);
    parts.push(chunk);
    done += chunk.length;
    options.onProgress?.(done, total);
  }
}

function tooLong(name: string, limit: LimitName, value: number): StateglassError {
  const detail =
    limit === 'wholeDownloadBytes'
      ? 'the server gives no ranges, and the file is too long to download whole: save it and open it from disk'
      : 'the answer of the server is too long';
  return new StateglassError({ kind: 'limit', file: name, limit, value, max: LIMITS[limit], detail });
}
