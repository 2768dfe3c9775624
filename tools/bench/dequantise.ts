/**
 * What blocks of each type stand for, through the door that values, statistics and runs take, against gguf-py (numpy) on the same bytes in
 * memory, both by the least time of the processor that they take. Both must give the same f32 to the last bit.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asNumbers } from '../../src-core/tensor/blocks.ts';
import { type BlockDType, blockOf, DTYPE_ORDER, DTYPES, isBlockDType } from '../../src-core/tensor/dtype.ts';
import { openStorage } from '../../src-core/tensor/stored.ts';
import { round, runPython, tellLine } from './turns.ts';

const ELEMENTS = 2 ** 23;
/** Of one range: what a task makes at once. */
const RANGE = 2 ** 19;
const RUNS = 8;
const MIN_RATIO = 2;

interface Rival {
  readonly seconds: number;
  readonly checksum: string;
}

/** Types that gguf-py can read. */
const TYPES = DTYPE_ORDER.filter((dtype): dtype is BlockDType => isBlockDType(dtype)).filter(
  (dtype) => !DTYPES[dtype].about.includes('not checked'),
);

export async function benchDequantise(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'stateglass-blocks-'));
  try {
    let good = true;
    for (const dtype of TYPES) good = (await measure(folder, dtype)) && good;
    return good;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, dtype: BlockDType): Promise<boolean> {
  const bytes = makeBlocks(dtype);
  const path = join(folder, dtype);
  await writeFile(path, bytes);
  const seconds: number[] = [];
  let parts: readonly Uint8Array[] = [];
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage();
    parts = await dequantise(dtype, bytes);
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
  }
  const rival = runPython<Rival>('dequantise_rival', [path, dtype]);
  const checksum = createHash('sha256').update(Buffer.concat(parts)).digest('hex');
  const ours = Math.min(...seconds);
  const ratio = rival.seconds / ours;
  const line = {
    bench: 'formats',
    case: `dequantise ${dtype}`,
    bytes: bytes.length,
    millionsPerSecond: Math.round(ELEMENTS / ours / 1e6),
    ggufPyMillionsPerSecond: Math.round(ELEMENTS / rival.seconds / 1e6),
    ratio: round(ratio),
    checksum,
  };
  return tellLine(line, [
    ratio < MIN_RATIO && `not ${MIN_RATIO} times as fast as gguf-py`,
    checksum !== rival.checksum && 'numbers differ from those of gguf-py',
  ]);
}

/** In ranges, as they are taken by those who ask. */
async function dequantise(dtype: BlockDType, bytes: Uint8Array<ArrayBuffer>): Promise<readonly Uint8Array[]> {
  const stored = {
    byteLength: bytes.length,
    endian: 'little' as const,
    data: { kind: 'inline' as const, bytes },
  };
  const { storage } = asNumbers({ dtype, shape: [ELEMENTS], offset: 0 }, stored);
  const end = 4 * ELEMENTS;
  const read = openStorage(storage, new Map(), { name: dtype, format: 'bench', within: { start: 0, end } });
  const parts: Uint8Array[] = [];
  for (let at = 0; at < end; at += 4 * RANGE) parts.push(await read(at, Math.min(end, at + 4 * RANGE)));
  return parts;
}

/** Pseudo-random bytes (xorshift32). Nothing overflows: f16 scales stay below 2 wherever in a block they are, as every byte has this bit clear. */
function makeBlocks(dtype: BlockDType): Uint8Array<ArrayBuffer> {
  const block = blockOf(dtype);
  const bytes = new Uint8Array((ELEMENTS / block.elements) * block.bytes);
  let x = 1;
  for (let i = 0; i < bytes.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = x & 0xbf;
  }
  return bytes;
}
