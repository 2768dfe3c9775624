import { StateglassError, throwIfAborted } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { bufferSource } from './buffer.ts';
import { connectionLost } from './http-errors.ts';
import { type HttpOptions, RETRIES, request } from './http-request.ts';
import { allocate, checkRange } from './range.ts';
import type { ByteSource } from './source.ts';

export interface HttpSource extends ByteSource {
  readonly wholeDownload: boolean;
}

/**
 * A file on a web server, read by Range requests. The first is `bytes=0-0` and not HEAD: signed URLs and many servers answer HEAD
 * with an error or without a length. Its ETag (or date) goes with every later request and is
 * compared with every answer's, so that a file that changes in between is an error and not a mixture.
 *
 * A server that knows no ranges sends the file whole, which is kept in memory (`wholeDownload`).
 *
 * @throws `source` with what the server said and a way out, `limit` for a whole download of gigabytes, `cancelled`.
 */
export async function httpSource(url: string, options: HttpOptions = {}): Promise<HttpSource> {
  const name = options.name ?? nameOfUrl(url);
  const handle = { kind: 'url', url, name, ...(options.headers && { headers: options.headers }) } as const;
  const response = await request(url, name, options, 'bytes=0-0', undefined, options.signal);
  if (response.status === 200 || response.status === 416) {
    // An empty file has no byte 0, hence 416; some servers answer that to any range, which a request without one settles.
    const whole =
      response.status === 200 ? response : await request(url, name, options, undefined, undefined, options.signal);
    const bytes = await downloadWhole(whole, name, options);
    return { ...bufferSource(bytes, name), handle, wholeDownload: true };
  }
  const range = readContentRange(response);
  await response.body?.cancel();
  if (!range || range.total === undefined) {
    throw new StateglassError({
      kind: 'source',
      file: name,
      detail: 'the server answers ranges without saying how long the file is',
      advice:
        'Cross-origin servers have to list Content-Range in Access-Control-Expose-Headers. Download the file and open it from disk',
    });
  }
  return rangedSource(url, name, options, handle, range.total, validatorOf(response));
}

function rangedSource(
  url: string,
  name: string,
  options: HttpOptions,
  handle: ByteSource['handle'],
  size: number,
  validator: string | undefined,
): HttpSource {
  /** One answer's body from `start`, checked to be the range asked for, of the same file. */
  const openRange = async (start: number, end: number, signal?: AbortSignal): Promise<Response> => {
    const response = await request(url, name, options, `bytes=${start}-${end - 1}`, validator, signal);
    const range = readContentRange(response);
    const isSame = response.status === 206 && (range?.total ?? size) === size && (range?.start ?? start) === start;
    if (isSame && !hasOtherTag(response, validator)) return response;
    await response.body?.cancel();
    throw changedOnServer(name, response.status);
  };
  return {
    name,
    size,
    handle,
    wholeDownload: false,
    async read(start, end, signal) {
      throwIfAborted(signal);
      checkRange(name, size, start, end);
      const out = allocate(name, end - start);
      let got = 0;
      for (let tries = 0; got < out.length; ) {
        const response = await openRange(start + got, end, signal);
        const before = got;
        got = await readBody(response, out, got, name, signal);
        // A connection that brings something each time may drop as often as it likes.
        tries = got > before ? 0 : tries + 1;
        if (tries > RETRIES) throw connectionLost(name);
      }
      return out;
    },
    stream(start, end, signal) {
      checkRange(name, size, start, end);
      return streamRanges(openRange, start, end, name, signal);
    },
  };
}

/** Appends the answer to `out` at `got`; returns how far it came when the connection dropped. More bytes than asked for are an error. */
async function readBody(
  response: Response,
  out: Uint8Array<ArrayBuffer>,
  got: number,
  name: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const reader = response.body?.getReader();
  let at = got;
  while (reader) {
    const chunk = await reader.read().catch(() => undefined);
    throwIfAborted(signal);
    if (!chunk || chunk.done) break;
    if (at + chunk.value.length > out.length) {
      await reader.cancel();
      throw new StateglassError({
        kind: 'source',
        file: name,
        detail: 'the server sent more bytes than were asked for',
      });
    }
    out.set(chunk.value, at);
    at += chunk.value.length;
  }
  return at;
}

function streamRanges(
  openRange: (start: number, end: number, signal?: AbortSignal) => Promise<Response>,
  start: number,
  end: number,
  name: string,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = start;
  let tries = 0;
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        while (at < end) {
          throwIfAborted(signal);
          reader ??= (await openRange(at, end, signal)).body?.getReader();
          const chunk = await reader?.read().catch(() => undefined);
          throwIfAborted(signal);
          if (chunk?.value && chunk.value.length > 0) {
            tries = 0;
            const bytes = chunk.value.subarray(0, end - at);
            at += bytes.length;
            controller.enqueue(bytes);
            if (at >= end) controller.close();
            return;
          }
          reader = undefined;
          if (++tries > RETRIES) throw connectionLost(name);
        }
        controller.close();
      },
      cancel: (reason) => reader?.cancel(reason),
    },
    { highWaterMark: 1 },
  );
}

/** The whole body, up to a bound: what is in memory cannot be as long as what is read by range. */
async function downloadWhole(response: Response, name: string, options: HttpOptions): Promise<Uint8Array<ArrayBuffer>> {
  const total = Number(response.headers.get('content-length') ?? 0);
  if (total > LIMITS.wholeDownloadBytes) {
    await response.body?.cancel();
    throw tooLong(name, total);
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  const reader = response.body?.getReader();
  while (reader) {
    const chunk = await reader.read().catch((cause: unknown) => {
      throwIfAborted(options.signal);
      throw connectionLost(name, cause);
    });
    if (chunk.done) break;
    done += chunk.value.length;
    if (done > LIMITS.wholeDownloadBytes) {
      await reader.cancel();
      throw tooLong(name, done);
    }
    chunks.push(chunk.value);
    options.onProgress?.(done, total);
  }
  const bytes = allocate(name, done);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** `bytes 0-0/1234` (RFC 9110, 14.4). Without the header a 206 may be right, but cannot be checked. */
function readContentRange(response: Response): { start: number; total: number | undefined } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (!match) return undefined;
  const total = match[2] === '*' ? undefined : Number(match[2]);
  return Number.isSafeInteger(total ?? 0) ? { start: Number(match[1]), total } : undefined;
}

/** What If-Range may carry: a strong ETag, else the date (RFC 9110, 13.1.5). */
function validatorOf(response: Response): string | undefined {
  const tag = response.headers.get('etag');
  if (tag?.startsWith('"')) return tag;
  return response.headers.get('last-modified') ?? undefined;
}

/** Servers that ignore If-Range still tell the tag of what they send. */
function hasOtherTag(response: Response, validator: string | undefined): boolean {
  const tag = validatorOf(response);
  return validator !== undefined && tag !== undefined && tag !== validator;
}

function changedOnServer(name: string, status: number): StateglassError {
  return new StateglassError({
    kind: 'source',
    file: name,
    status,
    detail: 'the file on the server changed since it was opened',
    advice: 'Open it again',
  });
}

function tooLong(name: string, value: number): StateglassError {
  return new StateglassError({
    kind: 'limit',
    file: name,
    limit: 'wholeDownloadBytes',
    value,
    max: LIMITS.wholeDownloadBytes,
    detail: 'the server gives no ranges, and the file is too long to download whole: save it and open it from disk',
  });
}

/** The last part of the path, decoded: `model.safetensors`. */
export function nameOfUrl(url: string): string {
  const path = url.replace(/[?#].*$/s, '').replace(/^[a-z]+:\/\/[^/]*/i, '');
  const last = path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(last) || url;
  } catch {
    return last;
  }
}
