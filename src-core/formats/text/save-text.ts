import { StateglassError, toErrorInfo } from '../../base/errors.ts';
import { bufferSource } from '../../bytes/buffer.ts';
import type { FileId } from '../../bytes/source.ts';
import type { StateDict } from '../../model/state-dict.ts';
import type { Part, Read, ReadContext, ReadResult, SaveContext, SavedFile } from '../format.ts';
import { checkWritten } from './check-written.ts';
import { type DecodedText, readText } from './decode.ts';
import { composeParts, orderEdits, type TextEdit } from './text-edit.ts';

/** How one kind of text is edited. */
export interface TextKind {
  /** `JSON`, `TOML`, for errors. */
  readonly label: string;
  readonly read: Read;
  /** Whether the order of an object's members is kept. */
  readonly ordered: boolean;
  edit(decoded: DecodedText, context: SaveContext, name: string): readonly TextEdit[];
}

/**
 * Plans a text with its edits: only what was touched is written anew. The planned text is read again before it is given out, so
 * that nothing is saved that says something else than the state.
 */
export async function saveText(context: SaveContext, kind: TextKind): Promise<readonly SavedFile[]> {
  const { before, after, files, signal } = context;
  const file = before.files[0]!.id;
  const source = files.get(file);
  if (!source) throw new StateglassError({ kind: 'source', file, detail: 'the file is not open any more' });
  const whole = (): Part[] => (source.size === 0 ? [] : [{ kind: 'copy', file, offset: 0, length: source.size }]);
  if (isUntouched(before, after)) return [planFile(file, whole())];

  const read: ReadContext = { id: file, source, files, set: [file], ...(signal && { signal }) };
  const decoded = await readText(read, kind.label);
  const edits = orderEdits(kind.edit(decoded, context, source.name));
  if (edits.length > 0 && !decoded.source.exact)
    throw new StateglassError({
      kind: 'unsupported',
      file,
      format: kind.label,
      detail: 'the text is not valid UTF-8, and what cannot be read would be lost: convert the file to UTF-8 first',
    });
  const parts = edits.length > 0 ? composeParts(decoded.source, edits, file) : whole();
  const bytes = await joinParts(parts, source, signal);
  const written = bufferSource(bytes, source.name);
  checkWritten(await readAgain(), context, kind);
  return [planFile(file, parts)];

  async function readAgain(): Promise<ReadResult> {
    try {
      return await kind.read({ ...read, source: written, files: new Map([[file, written]]) });
    } catch (error) {
      if (toErrorInfo(error).kind !== 'malformed') throw error;
      const detail = `the edits cannot be written: the text could not be read again (${(error as Error).message})`;
      throw new StateglassError({ kind: 'unsupported', file, format: kind.label, detail }, { cause: error });
    }
  }
}

const isUntouched = (before: StateDict, after: StateDict): boolean =>
  before === after || (before.entries === after.entries && before.metadata === after.metadata);

function planFile(file: FileId, parts: readonly Part[]): SavedFile {
  const size = parts.reduce((sum, part) => sum + lengthOf(part), 0);
  return { file, size, parts: () => parts, losses: [] };
}

function lengthOf(part: Part): number {
  if (part.kind === 'bytes') return part.bytes.length;
  return part.kind === 'copy' ? part.length : 0;
}

async function joinParts(
  parts: readonly Part[],
  source: ReadContext['source'],
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + lengthOf(part), 0));
  let at = 0;
  for (const part of parts) {
    if (part.kind === 'bytes') bytes.set(part.bytes, at);
    else if (part.kind === 'copy') bytes.set(await source.read(part.offset, part.offset + part.length, signal), at);
    at += lengthOf(part);
  }
  return bytes;
}
