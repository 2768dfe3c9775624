import { StateglassError, throwIfAborted } from '../base/errors.ts';
import type { FileId, SourceHandle } from '../bytes/source.ts';
import type { OpenSource } from '../compute/open-extents.ts';
import { readElements } from '../compute/read-elements.ts';
import { isDerived, type Task } from '../compute/task.ts';
import type { Part, WritePlan } from '../formats/format.ts';
import type { TensorValue } from '../model/state-dict.ts';
import { componentsOf } from '../tensor/decode.ts';
import { bitsOf } from '../tensor/dtype.ts';
import { hasWholeBytes, isDense } from '../tensor/walk.ts';
import type { Document } from './document.ts';
import { type JoinedPart, joinSmallParts } from './join-small-parts.ts';
import { openOnce } from './open-once.ts';
import type { Sink, SourceRange } from './ports.ts';
import type { ScanOptions } from './scan.ts';
import { type Origin, planReading, type Reading } from './written-tensors.ts';

type LatePart = Part & { readonly kind: 'late' };
type DataPart = Exclude<Part, LatePart | { readonly kind: 'bytes' }>;

/** A file to be written, and where its parts come from. */
export interface CarriedPlan extends WritePlan {
  /** What the parts are read from. */
  readonly document: Pick<Document, 'state' | 'files'>;
  /** Where the elements of a part come from. */
  readonly originOf: (value: TensorValue) => Origin;
  /** Bytes of all elements: what progress counts where the size is not known. */
  readonly elementBytes: number;
}

interface Carrying {
  readonly plan: CarriedPlan;
  readonly sink: Sink;
  readonly open: OpenSource;
  readonly signal: AbortSignal | undefined;
  /** Bytes of elements that were read, or taken unread, and where the file has got to. */
  readonly tell: (elements: number, at: number) => void;
}

/**
 * Carries out a plan: everything goes to the sink, in pieces. Bytes that stand in an original file as they are to be
 * written, and that the sink can take from there, are not read. `onProgress` is told bytes of the file; of elements where the
 * file's size is not known.
 *
 * @throws `cancelled` when the signal fires, `source` when a file cannot be read, and what the sink throws.
 */
export async function writePlan(
  plan: CarriedPlan,
  sink: Sink,
  open: OpenSource,
  { signal, onProgress }: ScanOptions = {},
): Promise<void> {
  const total = plan.size ?? plan.elementBytes;
  let elements = 0;
  const tell = (more: number, at: number) => {
    elements += more;
    onProgress?.(plan.size === undefined ? elements : at, total);
  };
  const carrying: Carrying = { plan, sink, open: openOnce(open), signal, tell };
  const late: [number, LatePart][] = [];
  let at = 0;
  tell(0, at);
  for (const part of joinSmallParts(plan.parts())) {
    throwIfAborted(signal);
    if (part.kind === 'joined') at = await writeJoined(carrying, part, at);
    else if (part.kind === 'late') {
      late.push([at, part]);
      at += part.length;
    } else if (part.kind === 'bytes') {
      await sink.write(at, part.bytes);
      at += part.bytes.length;
    } else at = await writeData(carrying, part, at);
  }
  for (const [place, part] of late) await sink.write(place, part.make());
  tell(0, at);
}

async function writeJoined(
  { plan, sink, open, signal, tell }: Carrying,
  part: JoinedPart,
  at: number,
): Promise<number> {
  const { pieces, length, span } = part;
  const read = span && (await (await open(handleOf(plan, span.file))).read(span.start, span.end, signal));
  const out = new Uint8Array(length);
  let copied = 0;
  let filled = 0;
  for (const piece of pieces) {
    if (piece.kind === 'bytes') out.set(piece.bytes, filled);
    else {
      const from = piece.offset - (span?.start ?? 0);
      out.set((read as Uint8Array).subarray(from, from + piece.length), filled);
      copied += piece.length;
    }
    filled += piece.kind === 'bytes' ? piece.bytes.length : piece.length;
  }
  await sink.write(at, out);
  tell(copied, at + length);
  return at + length;
}

/** Says where the part ends in the file. */
async function writeData({ plan, sink, open, signal, tell }: Carrying, part: DataPart, start: number): Promise<number> {
  const { task, bands, turn, bytes: size } = sourceOf(plan, part);
  const pieces = bands?.(signal) ?? (task && readElements(task, open, signal));
  if (!pieces) return start;
  const length = part.kind === 'text' ? undefined : part.length;
  const see = part.kind === 'text' ? undefined : part.see;
  const spell = part.kind === 'text' ? part.spell() : undefined;
  const ranges = turn || spell || !task ? undefined : rangesOf(task, size);
  const isCopied = ranges !== undefined && sink.copy?.(start, ranges) === true;
  if (isCopied && !see) {
    tell(size, start + size);
    return start + size;
  }
  const turnPiece = await turn?.();
  let at = start;
  for await (const { bytes, count } of pieces) {
    const read = bytes.length;
    let out = turnPiece?.(bytes, count) ?? bytes;
    see?.(out);
    out = spell?.(out, count) ?? out;
    if (!isCopied) await sink.write(at, out);
    at += out.length;
    tell(read, at);
  }
  if (length !== undefined && at - start !== length) {
    const detail = `${at - start} bytes were made where ${length} were planned`;
    throw new StateglassError({ kind: 'internal', detail });
  }
  return at;
}

function sourceOf({ originOf, document }: CarriedPlan, part: DataPart): Reading & Pick<Origin, 'bytes' | 'turn'> {
  if (part.kind !== 'copy') {
    const origin = originOf(part.value);
    return { ...origin, ...planReading(document, origin) };
  }
  const { file, offset, length } = part;
  const source = handleOf({ document }, file);
  const walk = { start: 0, sizes: [length], strides: [1], count: length, repeat: 1 };
  const storage = { endian: 'little' as const, extents: [{ source, offset, length }] };
  return { bytes: length, task: { kind: 'digest', numbers: { dtype: 'u8' }, storage, walk, from: 0, to: length } };
}

function handleOf({ document }: Pick<CarriedPlan, 'document'>, file: FileId): SourceHandle {
  const source = document.files.get(file)?.handle;
  if (!source) throw new StateglassError({ kind: 'source', file, detail: 'the file is not open' });
  return source;
}

/** Where the elements of a task stand as they are to be written; undefined when they have to be read to be written. */
function rangesOf({ storage, walk, numbers }: Task, length: number): readonly SourceRange[] | undefined {
  const bits = bitsOf(numbers.dtype) ?? 8;
  const isSwapped = storage.endian === 'big' && bits / componentsOf(numbers.dtype) > 8;
  if (!isDense(walk) || !hasWholeBytes(walk, bits) || isSwapped) return undefined;
  const start = (walk.start * bits) / 8;
  const ranges: SourceRange[] = [];
  let at = 0;
  for (const extent of storage.extents) {
    if (isDerived(extent) || extent.inflated !== undefined) return undefined;
    const { source, offset, length: held } = extent;
    const [from, to] = [Math.max(start, at), Math.min(start + length, at + held)];
    if (from < to) ranges.push({ source, start: offset + from - at, end: offset + to - at });
    at += held;
  }
  return start + length <= at ? ranges : undefined;
}
