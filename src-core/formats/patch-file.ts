import type { FileId } from '../bytes/source.ts';
import type { TensorValue } from '../model/state-dict.ts';
import type { Part, SavedFile } from './format.ts';

/** A file as it is; sizes are bytes. */
export const copyFile = (file: FileId, size: number): SavedFile => ({
  file,
  size,
  losses: [],
  parts: () => [{ kind: 'copy', file, offset: 0, length: size }],
});

/** Other values of as many bytes. */
export interface FilePatch {
  readonly value: TensorValue;
  readonly offset: number;
  readonly length: number;
}

/** New values in the places of the old ones: all else is copied, holes and trailing bytes too. No place reaches into another. */
export function patchFile(file: FileId, size: number, patches: readonly FilePatch[]): SavedFile {
  const sorted = patches.toSorted((a, b) => a.offset - b.offset);
  function* parts(): Generator<Part> {
    let at = 0;
    for (const { value, offset, length } of sorted) {
      if (offset > at) yield { kind: 'copy', file, offset: at, length: offset - at };
      yield { kind: 'elements', value, length };
      at = offset + length;
    }
    if (at < size) yield { kind: 'copy', file, offset: at, length: size - at };
  }
  return { file, size, losses: [], parts };
}
