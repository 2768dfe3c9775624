import { StateglassError } from '../../base/errors.ts';
import type { Read } from '../format.ts';
import { readArchive } from './archive.ts';
import { readLegacy } from './legacy.ts';
import { isTorchTar, kindOf } from './magic.ts';

const HEAD_BYTES = 512;

/** Reads a PyTorch file of any age torch itself still reads, but for the tar files of 2016. Runs nothing in it. */
export const read: Read = async (context) => {
  const { source, signal } = context;
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size), signal);
  switch (kindOf(head)) {
    case 'zip': {
      const state = await readArchive(context);
      return 'decline' in state ? state : { state, used: [context.id] };
    }
    case 'legacy':
      return { state: await readLegacy(context), used: [context.id] };
    case 'tar':
      if (!isTorchTar(head)) return { decline: 'a tar archive that torch did not write' };
      throw unsupported(source.name, 'a tar file of torch before 0.1.10: load it with torch and save it again');
    case 'preview':
      throw unsupported(source.name, 'a file of the 1.0 preview: load it with that version of torch and save it again');
    case 'other':
      return { decline: 'it does not begin as a PyTorch file does' };
  }
};

const unsupported = (file: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file, format: 'PyTorch', detail });
