import { StateglassError, throwIfAborted } from '../base/errors.ts';
import { refusal, silentServer, unreachableServer } from './http-errors.ts';

export interface HttpOptions {
  readonly name?: string;
  /** Sent with every request: an Authorization header for a gated model. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Bytes of the file and its ETag or date, where they are known: they spare the first request. */
  readonly size?: number;
  readonly validator?: string;
  /** Bytes of the whole download, when the server knows no ranges. `total` is 0 when the server does not say. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Bytes of files as they come from the server, those of broken connections too. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Milliseconds before the first retry; each later one waits twice as long. */
  readonly retryDelay?: number;
  /** Milliseconds without an answer or a byte after which a connection counts as dropped. */
  readonly stallAfter?: number;
}

/** A dropped connection or a busy server (429, 500 to 504) is tried again so often. */
export const RETRIES = 3;
const RETRY_DELAY = 300;
/** Storage that fetches a file from its archive first takes some ten seconds to the first byte. */
export const STALL_AFTER = 30_000;

/**
 * One GET, tried again where the server is busy or the connection drops. Any answer is given back that is no refusal.
 *
 * @throws `source` with what the server said and a way out, `cancelled`.
 */
export async function request(
  url: string,
  name: string,
  options: HttpOptions,
  range: string | undefined,
  validator: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const headers: Record<string, string> = { ...options.headers };
  if (range) headers.Range = range;
  if (range && validator && isSameOrigin(url)) headers['If-Range'] = validator;
  for (let tries = 0; ; tries++) {
    throwIfAborted(signal);
    const last = tries >= RETRIES;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), options.stallAfter ?? STALL_AFTER);
    try {
      // A cached answer may be of another version of the file, and a partial one is not worth keeping.
      const response = await fetch(url, {
        headers,
        cache: 'no-store',
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      });
      const isBusy = response.status === 429 || (response.status >= 500 && response.status <= 504);
      if (response.ok || response.status === 416) return response;
      await response.body?.cancel();
      if (!isBusy || last) throw refusal(name, url, response);
    } catch (cause) {
      throwIfAborted(signal);
      if (cause instanceof StateglassError) throw cause;
      if (last) throw late.signal.aborted ? silentServer(name, url) : unreachableServer(name, url, cause);
    } finally {
      clearTimeout(timer);
    }
    await wait((options.retryDelay ?? RETRY_DELAY) * 2 ** tries, signal);
  }
}

/**
 * If-Range makes a browser ask a foreign server for leave first (a preflight), which few servers grant. There the answers' tags,
 * dates and lengths are compared instead.
 */
function isSameOrigin(url: string): boolean {
  const { location } = globalThis as { location?: { readonly href: string; readonly origin: string } };
  return !location || new URL(url, location.href).origin === location.origin;
}

function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  });
}
