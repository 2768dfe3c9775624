import type { ByteSource, SourceHandle } from '../bytes/source.ts';
import type { OpenSource } from '../compute/open-extents.ts';

/** Files and servers are opened once for all that reads them, so that a file that changes in between is noticed. */
export function openOnce(open: OpenSource): OpenSource {
  const sources = new Map<string, Promise<ByteSource>>();
  return (handle) => {
    if (isAtHand(handle)) return open(handle);
    const key = JSON.stringify(handle);
    const opened = sources.get(key) ?? open(handle);
    sources.set(key, opened);
    // What failed may work the next time.
    opened.catch(() => sources.delete(key));
    return opened;
  };
}

/** In memory, or in the browser's hands: it costs nothing to open, and its handle says nothing as text. */
const isAtHand = (handle: SourceHandle): boolean =>
  handle.kind === 'window' ? isAtHand(handle.of) : handle.kind === 'buffer' || handle.kind === 'blob';
