import { StateglassError } from '../base/errors.ts';
import { blobSource } from './blob.ts';
import { bufferSource } from './buffer.ts';
import { cachedSource } from './cached.ts';
import { httpSource } from './http.ts';
import type { ByteSource, SourceHandle } from './source.ts';
import { windowSource } from './window.ts';

export interface OpenHandleOptions {
  /** Stops waiting for a server. */
  readonly signal?: AbortSignal;
  /** Bytes of a whole download, where a server knows no ranges. `total` is 0 when the server does not say. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Bytes as they come from a server; what is read of files of this machine is not told. */
  readonly onBytes?: (bytes: number) => void;
  /** Servers are asked for what is read and no more, past no cache: for tasks, which read every byte once. */
  readonly exact?: boolean;
}

/**
 * The source a handle stands for: what a worker does with what the page sends it. Servers are read through a cache
 * unless `exact`; files of those that give no ranges are downloaded whole (`wholeDownload`). A path needs Node: `openNodeHandle`.
 *
 * @throws `source` when the bytes cannot be had, `limit` for a whole download of gigabytes, `cancelled` when the signal fires.
 */
export async function openHandle(handle: SourceHandle, options: OpenHandleOptions = {}): Promise<ByteSource> {
  switch (handle.kind) {
    case 'blob':
      return blobSource(handle.blob, handle.name);
    case 'buffer':
      return bufferSource(handle.bytes, handle.name);
    case 'url': {
      const { kind: _, url, ...known } = handle;
      const source = await httpSource(url, { ...options, ...known });
      return source.wholeDownload || options.exact ? source : cachedSource(source);
    }
    case 'window':
      return windowSource(await openHandle(handle.of, options), handle.offset, handle.length, handle.name);
    case 'path':
      throw new StateglassError({
        kind: 'source',
        file: handle.name,
        detail: 'a path can only be opened by a program, not by a page',
        advice: 'Drop or pick the file',
      });
  }
}
