/**
 * Values of a part of a tensor, reading only what the part touches: elements are walked in the order of the storage, those
 * that lie near one another are read together, and each goes to its place in the result.
 */
import { malformed, StateglassError, throwIfAborted } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { FileSet } from '../bytes/source.ts';
import {
  componentsOf,
  type ElementCopier,
  elementCopier,
  isWideInteger,
  type ValueArray,
  whyNotDecodable,
} from './decode.ts';
import { bitsOf, type DType, dtypeLabel, familyOf } from './dtype.ts';
import { type Selection, type StoredBytes, selectElements, type TensorLayout, type Walk, walkSpan } from './layout.ts';
import { type Slice, sliceShape } from './slice.ts';
import { openStorage, requireStored } from './stored.ts';

/** Bytes between two elements that are read and dropped rather than asked for apart: a read costs about as much. */
const GAP_BYTES = 64 * 1024;
/** Most bytes of one read. */
const READ_BYTES = 4 * 2 ** 20;
/** Reads on their way at once: servers answer several in the time of one. */
const READERS = 4;

export interface SliceValues {
  readonly shape: readonly number[];
  /** In C order. 64-bit integers are exact; complex numbers are pairs (real, imaginary). */
  readonly values: ValueArray;
  readonly complex?: true;
}

export interface ReadSliceOptions {
  /** What is read, for errors: a key. */
  readonly name?: string;
  /** For errors. */
  readonly format?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The values of a slice, with torch's lazily applied sign and conjugate bits applied.
 *
 * @throws `not-found` when the bytes are not here, `malformed` when the slice touches what the storage or the file does not
 * have, `unsupported` for a type without numbers, `limit` when the slice is too large to be held, `source` when reading fails.
 */
export async function readSlice(
  tensor: TensorLayout,
  storage: StoredBytes | undefined,
  files: FileSet,
  slice: Slice,
  options: ReadSliceOptions = {},
): Promise<SliceValues> {
  const { name = 'tensor', format = 'tensor', signal } = options;
  const { dtype } = tensor;
  const why = whyNotDecodable(dtype);
  // Where nothing is there, the reason matters more than the type, which may not be known either.
  if (why !== undefined) requireStored(storage, name);
  if (why !== undefined)
    throw new StateglassError({ kind: 'unsupported', file: name, format: dtypeLabel(dtype), detail: why });
  const selection = selectElements(tensor, slice);
  const components = componentsOf(dtype);
  checkSize(name, selection.count * components * 8);
  const values = makeValues(dtype, selection.count * components);
  if (selection.count > 0) {
    const bits = bitsOf(dtype) as number;
    const touched = bytesOf(selection.base, walkSpan(selection.walks), bits);
    const { byteLength, endian } = requireStored(storage, name);
    if (touched.start < 0 || touched.end > byteLength) {
      const detail = `the values asked for are at bytes ${touched.start} to ${touched.end} of a storage of ${byteLength}`;
      throw malformed(name, format, detail);
    }
    const read = openStorage(storage, files, { name, format, within: touched });
    const blocks = blocksOf(selection, bits);
    await runReaders(signal, async () => {
      for (const block of blocks) {
        throwIfAborted(signal);
        const { start, end } = bytesOf(block.base, walkSpan(block.walks), bits);
        const copy = elementCopier(dtype, await read(start, end, signal), endian);
        copyBlock(copy, block, block.base - (start * 8) / bits, values);
      }
    });
  }
  applySigns(tensor, values);
  return { shape: sliceShape(slice), values, ...(components === 2 && { complex: true as const }) };
}

function checkSize(name: string, bytes: number): void {
  if (bytes <= LIMITS.sliceBytes) return;
  throw new StateglassError({
    kind: 'limit',
    file: name,
    limit: 'sliceBytes',
    value: bytes,
    max: LIMITS.sliceBytes,
    detail: 'too many values to hold at once: take a smaller slice',
  });
}

function makeValues(dtype: DType, length: number): ValueArray {
  if (!isWideInteger(dtype)) return new Float64Array(length);
  return dtype === 'i64' ? new BigInt64Array(length) : new BigUint64Array(length);
}

/** Whole bytes around `count` elements from `first`. */
const bytesOf = (first: number, count: number, bits: number): { start: number; end: number } => ({
  start: Math.floor((first * bits) / 8),
  end: Math.ceil(((first + count) * bits) / 8),
});

/** Elements that one read brings. */
interface Block {
  readonly base: number;
  readonly outBase: number;
  readonly walks: readonly Walk[];
}

/** Cuts a selection into reads: near elements together, far ones apart, none of them too large. */
function* blocksOf({ base, outBase, walks }: Selection, bits: number): Generator<Block> {
  const maxSpan = (READ_BYTES * 8) / bits;
  const maxGap = (GAP_BYTES * 8) / bits;
  const spans = walks.map((_, depth) => walkSpan(walks.slice(depth)));
  spans.push(1);
  const isDense = walks.map((_, depth) =>
    walks.slice(depth).every(({ step }, i) => step - (spans[depth + i + 1] as number) <= maxGap),
  );
  isDense.push(true);
  yield* cut(0, base, outBase);

  function* cut(depth: number, at: number, out: number): Generator<Block> {
    if (isDense[depth] && (spans[depth] as number) <= maxSpan) {
      yield { base: at, outBase: out, walks: walks.slice(depth) };
      return;
    }
    const walk = walks[depth] as Walk;
    const room = maxSpan - (spans[depth + 1] as number);
    const together = isDense[depth] && room > 0 ? 1 + Math.floor(room / walk.step) : 1;
    for (let i = 0; i < walk.count; i += together) {
      const [from, to] = [at + i * walk.step, out + i * walk.outStep];
      const count = Math.min(together, walk.count - i);
      if (together === 1) yield* cut(depth + 1, from, to);
      else yield { base: from, outBase: to, walks: [{ ...walk, count }, ...walks.slice(depth + 1)] };
    }
  }
}

/** Several readers share what is to be read; when one fails the others stop at their next turn. */
async function runReaders(signal: AbortSignal | undefined, reader: () => Promise<void>): Promise<void> {
  throwIfAborted(signal);
  await Promise.all(Array.from({ length: READERS }, reader));
}

function copyBlock(copy: ElementCopier, block: Block, from: number, values: ValueArray): void {
  const { walks } = block;
  const inner = walks.length - 1;
  const last = walks[inner];
  if (!last) {
    copy(from, 0, 1, values, block.outBase, 0);
    return;
  }
  const go = (depth: number, at: number, out: number): void => {
    if (depth === inner) {
      copy(at, last.step, last.count, values, out, last.outStep);
      return;
    }
    const { count, step, outStep } = walks[depth] as Walk;
    for (let i = 0; i < count; i++) go(depth + 1, at + i * step, out + i * outStep);
  };
  go(0, from, block.outBase);
}

function applySigns({ dtype, negative, conjugate }: TensorLayout, values: ValueArray): void {
  if (negative) {
    if (!(values instanceof Float64Array)) for (let i = 0; i < values.length; i++) values[i] = -(values[i] as bigint);
    else if (familyOf(dtype) === 'int') for (let i = 0; i < values.length; i++) values[i] = 0 - (values[i] as number);
    else for (let i = 0; i < values.length; i++) values[i] = -(values[i] as number);
  }
  if (conjugate && componentsOf(dtype) === 2) {
    for (let i = 1; i < values.length; i += 2) values[i] = -(values[i] as number);
  }
}
