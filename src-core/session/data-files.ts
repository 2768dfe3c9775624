import { throwIfAborted } from '../base/errors.ts';
import { openHandle } from '../bytes/open-handle.ts';
import type { ByteSource } from '../bytes/source.ts';
import { onnx } from '../formats/onnx/index.ts';
import type { OpenFile } from './document.ts';

/** What `Format.probe` is shown, in bytes. */
const PROBE_BYTES = 4096;

/**
 * Files that hold a model's tensors and lie beside it, as the model names them: to be opened with it where a person named the model
 * alone. Paths that would lead out of its folder are left out. Reads headers. Empty where there are none, and for a file that cannot be read.
 */
export async function listDataFiles(source: ByteSource, signal?: AbortSignal): Promise<readonly string[]> {
  if (!source.name.toLowerCase().endsWith('.onnx')) return [];
  try {
    const head = await source.read(0, Math.min(PROBE_BYTES, source.size), signal);
    if (onnx.probe(head, source.name) === 'no') return [];
    const [{ scanModel }, { listLocations }] = await Promise.all([
      import('../formats/onnx/scan-model.ts'),
      import('../formats/onnx/external.ts'),
    ]);
    return listLocations(await scanModel(source, signal));
  } catch {
    // What is wrong with it is told when it is opened.
    return [];
  }
}

/** Those of a model at an address, from the same server. What is not there is told as missing when the model is opened. */
export async function openDataFiles({ id, source }: OpenFile, signal?: AbortSignal): Promise<readonly OpenFile[]> {
  const { handle } = source;
  if (handle.kind !== 'url') return [];
  const folder = id.slice(0, id.lastIndexOf('/') + 1);
  const found = await Promise.all(
    (await listDataFiles(source, signal)).map(async (path) => {
      const url = new URL(handle.url);
      url.pathname = url.pathname.replace(/[^/]*$/, path.split('/').map(encodeURIComponent).join('/'));
      const name = path.slice(path.lastIndexOf('/') + 1);
      const { headers } = handle;
      const opened = openHandle(
        { kind: 'url', url: url.href, name, ...(headers && { headers }) },
        signal ? { signal } : {},
      );
      const beside = await opened.catch(() => undefined);
      return beside && { id: folder + path, source: beside };
    }),
  );
  throwIfAborted(signal);
  return found.filter((file) => file !== undefined);
}
