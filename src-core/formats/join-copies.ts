import type { Part } from './format.ts';

/** Parts with copies that follow one another as one: half a million tensors in a row are one range. */
export function* joinCopies(parts: Iterable<Part>): Generator<Part> {
  let run: Extract<Part, { kind: 'copy' }> | undefined;
  for (const part of parts) {
    if (run && part.kind === 'copy' && part.file === run.file && run.offset + run.length === part.offset) {
      run = { ...run, length: run.length + part.length };
      continue;
    }
    if (run) yield run;
    run = part.kind === 'copy' ? part : undefined;
    if (part.kind !== 'copy') yield part;
  }
  if (run) yield run;
}
