import type { FileId } from '../bytes/source.ts';
import type { Part } from '../formats/format.ts';

type BytesPart = Part & { readonly kind: 'bytes' };
type CopyPart = Part & { readonly kind: 'copy' };

/** Small parts that follow one another: what they copy is read as one range, and all of them are written at once. */
export interface JoinedPart {
  readonly kind: 'joined';
  readonly pieces: readonly (BytesPart | CopyPart)[];
  readonly length: number;
  /** Bytes [start, end) of the file hold all that is copied; absent when nothing is. */
  readonly span?: { readonly file: FileId; readonly start: number; readonly end: number };
}

/** To read or write so many bytes takes about as long as to ask for them. */
const SMALL_BYTES = 16 * 1024;
/** Bytes between two copies that are read in vain. */
const GAP_BYTES = 4 * 1024;
const JOINED_BYTES = 2 ** 20;

/** An archive of ten thousands of tiny tensors is copied in a few reads and writes instead of one for each. */
export function* joinSmallParts(parts: Iterable<Part>): Generator<Part | JoinedPart> {
  let run: Run = { pieces: [], length: 0 };
  for (const part of parts) {
    const longer = extend(run, part);
    if (longer) run = longer;
    else {
      yield* endRun(run);
      run = extend({ pieces: [], length: 0 }, part) ?? { pieces: [], length: 0 };
      if (run.pieces.length === 0) yield part;
    }
  }
  yield* endRun(run);
}

interface Run extends Omit<JoinedPart, 'kind' | 'pieces'> {
  /** Grows with the run, whose other fields are made anew. */
  readonly pieces: (BytesPart | CopyPart)[];
}

/** Undefined when the part is not small, or too far from the run. */
function extend({ pieces, length, span }: Run, part: Part): Run | undefined {
  if (part.kind !== 'bytes' && (part.kind !== 'copy' || part.see)) return undefined;
  const more = part.kind === 'bytes' ? part.bytes.length : part.length;
  if (more > SMALL_BYTES || length + more > JOINED_BYTES) return undefined;
  if (part.kind === 'bytes') {
    pieces.push(part);
    return { pieces, length: length + more, ...(span && { span }) };
  }
  const { file, offset } = part;
  const isNear = !span || (span.file === file && offset >= span.end && offset <= span.end + GAP_BYTES);
  if (!isNear) return undefined;
  pieces.push(part);
  return { pieces, length: length + more, span: { file, start: span?.start ?? offset, end: offset + more } };
}

function* endRun({ pieces, length, span }: Run): Generator<Part | JoinedPart> {
  if (pieces.length > 1) yield { kind: 'joined', pieces, length, ...(span && { span }) };
  else yield* pieces;
}
