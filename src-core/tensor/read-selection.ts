/**
 * Elements of a selection: they are walked in the order of the storage, those that lie near one another are read together, and
 * each goes to its place in the result.
 */
import { throwIfAborted } from '../base/errors.ts';
import { type ElementCopier, type Endian, elementCopier, isWideInteger, type ValueArray } from './decode.ts';
import { bitsOf, type DType } from './dtype.ts';
import { type Selection, type Walk, walkSpan } from './layout.ts';
import type { ReadStored } from './stored.ts';

/** Bytes between two elements that are read and dropped rather than asked for apart: a read costs about as much. */
const GAP_BYTES = 64 * 1024;
/** Most bytes of one read. */
const READ_BYTES = 4 * 2 ** 20;
/** Reads on their way at once: servers answer several in the time of one. */
const READERS = 4;

/** Room for so many numbers of a type; twice as many for complex elements. */
export function makeValues(dtype: DType, length: number): ValueArray {
  if (!isWideInteger(dtype)) return new Float64Array(length);
  return dtype === 'i64' ? new BigInt64Array(length) : new BigUint64Array(length);
}

/** The bytes of a storage that a selection touches, the gaps in between included. */
export const spanOfSelection = ({ base, walks }: Selection, bits: number) => bytesOf(base, walkSpan(walks), bits);

/** Reads a selection into `values`, which has room for it. */
export async function readSelection(
  { dtype, endian, read }: { readonly dtype: DType; readonly endian: Endian; readonly read: ReadStored },
  selection: Selection,
  values: ValueArray,
  signal?: AbortSignal,
): Promise<void> {
  const bits = bitsOf(dtype) as number;
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
