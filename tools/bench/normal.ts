/** Files of seeded, normally distributed numbers: real data, where a hole would be all zeros. */
import { open } from 'node:fs/promises';

export type RealDType = 'bf16' | 'f32';
const WIDTH = { bf16: 2, f32: 4 } as const;
const COLUMNS = 4096;
const TENSORS = 8;
/** Elements made anew; they are then written over and over, each time from another place. */
const MADE = 8 * 2 ** 20;

/** Writes a safetensors file of eight matrices, of about `bytes` in all. */
export async function writeNormal(
  path: string,
  dtype: RealDType,
  bytes: number,
  data: Uint8Array = makeNormal(dtype),
): Promise<void> {
  const rows = Math.floor(bytes / TENSORS / COLUMNS / WIDTH[dtype]);
  const each = rows * COLUMNS * WIDTH[dtype];
  const header = Object.fromEntries(
    Array.from({ length: TENSORS }, (_, i) => [
      `layers.${i}.weight`,
      { dtype: dtype.toUpperCase(), shape: [rows, COLUMNS], data_offsets: [i * each, (i + 1) * each] },
    ]),
  );
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ');
  head.writeBigUInt64LE(BigInt(head.length - 8));
  text.copy(head, 8);
  const file = await open(path, 'w');
  try {
    await file.write(head);
    let from = 0;
    for (let left = TENSORS * each; left > 0; ) {
      const part = data.subarray(from, from + left);
      await file.write(part);
      left -= part.length;
      // Not a multiple of anything else here, so that no two tensors are alike.
      from = (from + 1_000_003 * WIDTH[dtype]) % (data.length / 2);
    }
    // Or the disk is still busy with it while reading is measured.
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The bytes of 8 Mi elements, little-endian: 0.02 times a normal distribution. */
export const makeNormal = (dtype: RealDType): Uint8Array => bytesOf(drawNormal(12_345, 0.02), dtype);

/** As `makeNormal`, each a little off, as after some training. */
export function makeTuned(dtype: RealDType): Uint8Array {
  const values = drawNormal(12_345, 0.02);
  const steps = drawNormal(54_321, 0.001);
  return bytesOf(
    values.map((value, i) => value + (steps[i] as number)),
    dtype,
  );
}

function drawNormal(seed: number, scale: number): Float32Array {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return new Float32Array(MADE).map(
    () => scale * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random()),
  );
}

function bytesOf(values: Float32Array, dtype: RealDType): Uint8Array {
  if (dtype === 'f32') return new Uint8Array(values.buffer);
  const words = new Uint32Array(values.buffer);
  return new Uint8Array(Uint16Array.from(words, (word) => word >>> 16).buffer);
}
