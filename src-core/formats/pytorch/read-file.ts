import { StateglassError } from '../../base/errors.ts';
import type { ReadContext } from '../format.ts';
import { readArchive } from './archive.ts';
import { readLegacy } from './legacy.ts';
import { readLegacyTar } from './legacy-tar.ts';
import { isTorchTar, kindOf } from './magic.ts';
import type { FilePart } from './state-dict.ts';

/** `kindOf` is shown so many bytes. */
export const HEAD_BYTES = 512;

/**
 * Reads one file by itself, or says why it is no PyTorch file. `head` is its first HEAD_BYTES.
 *
 * @throws `malformed` and `limit` of the readers; `unsupported` for files torch wrote in the 1.0 preview.
 */
export async function readFile(context: ReadContext, head: Uint8Array): Promise<FilePart | { decline: string }> {
  const { source } = context;
  switch (kindOf(head)) {
    case 'zip':
      return readArchive(context);
    case 'legacy':
      return readLegacy(context);
    case 'tar':
      if (!isTorchTar(head)) return { decline: 'a tar archive that torch did not write' };
      return readLegacyTar(context);
    case 'preview':
      throw unsupported(source.name, 'a file of the 1.0 preview: load it with that version of torch and save it again');
    case 'other':
      return { decline: 'it does not begin as a PyTorch file does' };
  }
}

const unsupported = (file: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file, format: 'PyTorch', detail });
