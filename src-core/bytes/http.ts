import { StateglassError, throwIfAborted } from '../base/errors.ts';
import { blobSource } from './blob.ts';
import type { CountingSource } from './counting.ts';
import { type BodyReader, downloadWhole, readBody, readChunk } from './http-body.ts';
import { connectionLost } from './http-errors.ts';
import { type HttpOptions, RETRIES, request } from './http-request.ts';
import { allocate, checkRange } from './range.ts';
import type { ByteSource, SourceHandle } from './source.ts';

export interface HttpSource extends ByteSource {
  readonly wholeDownload: boolean;
}

/**
 * A file on a web server, read by Range requests. The first is `bytes=0-0` and not HEAD: signed URLs and many servers answer HEAD
 * with an error or without a length; it is not made when the size is known already (a list of files told it, or another thread
 * asked). The file's ETag (or date) is compared with every answer's, so that a file that changes in between is an error
 * and not a mixture.
 *
 * A server that knows no ranges sends the file whole, which is kept (`wholeDownload`).
 *
 * @throws `source` with what the server said and a way out, `limit` for a whole download of gigabytes, `cancelled`.
 */
export async function httpSource(url: string, options: HttpOptions = {}): Promise<HttpSource> {
  const name = options.name ?? nameOfUrl(url);
  if (options.size !== undefined) return rangedSource(url, name, options, options.size, options.validator);
  const response = await request(url, name, options, 'bytes=0-0', undefined, options.signal);
  if (response.status === 200 || response.status === 416) {
    // An empty file has no byte 0, hence 416; some servers answer that to any range, which a request without one settles.
    const whole =
      response.status === 200 ? response : await request(url, name, options, undefined, undefined, options.signal);
    const blob = await downloadWhole(whole, name, 'wholeDownloadBytes', options);
    const source: CountingSource = { ...blobSource(blob, name), bytesRead: blob.size };
    return { ...source, wholeDownload: true };
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
  return rangedSource(url, name, options, range.total, validatorOf(response));
}

function rangedSource(
  url: string,
  name: string,
  options: HttpOptions,
  size: number,
  firstValidator: string | undefined,
): HttpSource {
  let validator = firstValidator;
  const handle: SourceHandle = {
    kind: 'url',
    url,
    name,
    ...(options.headers && { headers: options.headers }),
    size,
    ...(validator !== undefined && { validator }),
  };
  /** One answer's body from `start`, checked to be the range asked for, of the same file. */
  const openRange = async (start: number, end: number, signal?: AbortSignal): Promise<Response> => {
    const response = await request(url, name, options, `bytes=${start}-${end - 1}`, validator, signal);
    const range = readContentRange(response);
    const isSame = response.status === 206 && (range?.total ?? size) === size && (range?.start ?? start) === start;
    if (isSame && !hasOtherTag(response, validator)) {
      validator ??= validatorOf(response);
      return response;
    }
    await response.body?.cancel();
    throw response.status === 200 && validator === undefined ? noRanges(name) : changedOnServer(name, response.status);
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
        got = await readBody(response, out, got, name, options, signal);
        // A connection that brings something each time may drop as often as it likes.
        tries = got > before ? 0 : tries + 1;
        if (tries > RETRIES) throw connectionLost(name);
      }
      return out;
    },
    stream(start, end, signal) {
      checkRange(name, size, start, end);
      return streamRanges(openRange, start, end, name, options, signal);
    },
  };
}

function streamRanges(
  openRange: (start: number, end: number, signal?: AbortSignal) => Promise<Response>,
  start: number,
  end: number,
  name: string,
  options: HttpOptions,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = start;
  let tries = 0;
  let reader: BodyReader | undefined;
  // Who stops reading stops the traffic, be it that the answer is still to come.
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        while (at < end) {
          throwIfAborted(either);
          reader ??= (await openRange(at, end, either)).body?.getReader();
          const chunk = await readChunk(reader, options);
          throwIfAborted(either);
          if (typeof chunk !== 'string' && chunk.length > 0) {
            tries = 0;
            const bytes = chunk.subarray(0, end - at);
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
      async cancel(reason) {
        stop.abort();
        await reader?.cancel(reason).catch(() => undefined);
      },
    },
    { highWaterMark: 1 },
  );
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

const noRanges = (name: string): StateglassError =>
  new StateglassError({
    kind: 'source',
    file: name,
    status: 200,
    detail: 'the server sends the whole file where a part of it is asked for: it gives no ranges',
    advice: 'Download the file and open it from disk',
  });

function changedOnServer(name: string, status: number): StateglassError {
  return new StateglassError({
    kind: 'source',
    file: name,
    status,
    detail: 'the file on the server changed since it was opened',
    advice: 'Open it again',
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
