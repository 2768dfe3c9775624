import type { Dim } from '../data.ts';
import { badInput, raised } from '../raise.ts';

/** `QuantizationEncoding`: elements of a block and the bytes it takes. GPTQ has no blocks of its own. */
const BLOCKS: Readonly<Record<string, { readonly elements: bigint; readonly bytes: bigint }>> = {
  Q4_0: { elements: 32n, bytes: 18n },
  Q4_K: { elements: 256n, bytes: 144n },
  Q5_K: { elements: 256n, bytes: 176n },
  Q6_K: { elements: 256n, bytes: 210n },
};

/** Shape of the bytes that stand for a quantised weight: the last dimension counts bytes instead of elements. */
export function toStoredShape(encoding: string, shape: readonly Dim[]): readonly Dim[] {
  const { elements, bytes } = blockOf(encoding);
  return scaleLast(shape, elements, bytes, `elements are no whole number of ${encoding} blocks of ${elements}`);
}

/** The shape that a person means, of the bytes that are stored. */
export function toLogicalShape(encoding: string, shape: readonly Dim[]): readonly Dim[] {
  const { elements, bytes } = blockOf(encoding);
  return scaleLast(shape, bytes, elements, `bytes are no whole number of ${encoding} blocks of ${bytes}`);
}

export const isEncoding = (name: string): boolean => name === 'GPTQ' || Object.hasOwn(BLOCKS, name);

function blockOf(encoding: string) {
  const block = Object.hasOwn(BLOCKS, encoding) ? BLOCKS[encoding] : undefined;
  if (!block)
    throw badInput(`no quantisation encoding "${encoding}" with blocks; there are ${Object.keys(BLOCKS).join(', ')}`);
  return block;
}

function scaleLast(shape: readonly Dim[], from: bigint, to: bigint, complaint: string): readonly Dim[] {
  const last = shape.at(-1);
  if (typeof last !== 'bigint') throw badInput('the last dimension of a quantised weight has to be a number');
  if (last % from !== 0n) throw badInput(`${last} ${complaint}`);
  return [...shape.slice(0, -1), (last / from) * to];
}

/** Bytes that MAX aligns a value of this type to when the weight says nothing: its size. */
const SIZES: readonly (readonly [RegExp, bigint])[] = [
  [/64$/, 8n],
  [/32$/, 4n],
  [/16$/, 2n],
];
export const alignmentOf = (dtype: string): bigint => SIZES.find(([ending]) => ending.test(dtype))?.[1] ?? 1n;

/** `_check_alignment`: the address of a value has to be a multiple of its weight's alignment. */
export function checkAlignment(name: string, address: bigint, align: bigint): void {
  if (align !== 0n && address % align === 0n) return;
  throw raised(
    'max',
    'ValueError',
    `Found unaligned weight '${name}' (expected alignment=${align}). If you are using a Safetensor checkpoint, ` +
      'whose tensors need not be aligned, pass `weight_alignment=1` to `load_state_dict`.',
  );
}

/** `_compute_shard_range`: the first shards take one more each when it does not divide. */
export function shardRanges(size: number, devices: number): readonly (readonly [number, number])[] {
  if (devices === 0) throw raised('max', 'ZeroDivisionError', 'integer division or modulo by zero');
  const [base, remainder] = [Math.floor(size / devices), size % devices];
  return Array.from({ length: devices }, (_, i) => {
    const start = i * base + Math.min(i, remainder);
    return [start, start + base + (i < remainder ? 1 : 0)] as const;
  });
}
