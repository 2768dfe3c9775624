import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type BlockDType, blockOf, DTYPE_ORDER, DTYPES, isBlockDType } from '../dtype.ts';
import { type DecodeBlocks, loadDecoder, loadPlain } from './decode-blocks.ts';
import { quantiserOf } from './quantise.ts';
import { vectorDecoder } from './vector-loops.ts';

const golden = JSON.parse(readFileSync(new URL('../../fixtures/quant/blocks.json', import.meta.url), 'utf8')) as {
  readonly blocks: number;
  readonly numbersSeed: number;
  /** SHA-256 of the blocks that are made of numbers. */
  readonly made: Readonly<Record<string, string>>;
  readonly entries: readonly {
    readonly dtype: BlockDType;
    readonly seed: number;
    readonly elements: number;
    readonly bytes: number;
    readonly halves: readonly number[];
    readonly first: string;
    readonly sha256: string;
  }[];
};

/** The low bytes of xorshift32, as the fixtures are made. */
function randomBytes(count: number, seed: number): Uint8Array<ArrayBuffer> {
  let x = seed;
  return Uint8Array.from({ length: count }, () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x;
  });
}

async function decode(
  dtype: BlockDType,
  bytes: Uint8Array<ArrayBuffer>,
  decoder?: DecodeBlocks,
): Promise<Float32Array<ArrayBuffer>> {
  const block = blockOf(dtype);
  const blocks = bytes.length / block.bytes;
  const into = new Float32Array(blocks * block.elements);
  (decoder ?? (await loadDecoder(dtype)))(bytes, blocks, into);
  return into;
}

test.each(golden.entries)('$dtype is what gguf-py makes of it, to the last bit', async (entry) => {
  const { dtype, seed, elements, bytes, halves, first, sha256 } = entry;
  expect(blockOf(dtype)).toEqual({ elements, bytes });
  const stored = randomBytes(golden.blocks * bytes, seed);
  for (const half of halves) for (let at = half + 1; at < stored.length; at += bytes) stored[at]! &= 0xbf;
  // Not from the start of a buffer: readers give parts of larger ones.
  const inside = new Uint8Array(stored.length + 3).subarray(3);
  inside.set(stored);
  const wanted = new Float32Array(Uint8Array.from(atob(first), (char) => char.charCodeAt(0)).buffer);
  const isFast = vectorDecoder(dtype) !== undefined;
  expect(isFast).toBe(!/^iq[123]|nvfp4/.test(dtype));
  for (const decoder of [await loadDecoder(dtype), ...(isFast ? [await loadPlain(dtype)] : [])]) {
    const values = await decode(dtype, inside, decoder);
    expect([...values.subarray(0, elements)]).toEqual([...wanted]);
    const digest = await crypto.subtle.digest('SHA-256', values);
    expect(Buffer.from(digest).toString('hex')).toBe(sha256);
  }
});

test('vectors give the same in many pieces, and scales that are no numbers', async () => {
  for (const dtype of DTYPE_ORDER.filter(isBlockDType)) {
    const vectors = vectorDecoder(dtype);
    if (!vectors) continue;
    // The last piece is not whole, and some f16 scales are infinite or NaN.
    const { elements, bytes } = blockOf(dtype);
    const stored = randomBytes(((3 * 2 ** 14 + elements) / elements) * bytes, 99);
    const [fast, plain] = [await decode(dtype, stored, vectors), await decode(dtype, stored, await loadPlain(dtype))];
    expect(
      fast.findIndex((value, i) => !Object.is(value, plain[i])),
      dtype,
    ).toBe(-1);
    expect(fast.some(Number.isNaN), dtype).toBe(dtype !== 'mxfp4');
  }
});

test('the compiled loops are those of the source beside them', () => {
  const [source, compiled] = ['vector-loops.wat', 'vector-loops.ts'].map((name) =>
    readFileSync(new URL(name, import.meta.url), 'utf8'),
  );
  const names = [...source!.matchAll(/\(export "(\w+)"\)/g)].map((match) => match[1]);
  const base64 = [...compiled!.matchAll(/^ {2}'([\w+/=]+)'/gm)].map((match) => match[1]).join('');
  const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
  expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(names);
});

test('types that gguf-py does not read say so, and are those of which it has no golden', () => {
  const known = new Set(golden.entries.map(({ dtype }) => dtype));
  const others = DTYPE_ORDER.filter((dtype) => isBlockDType(dtype) && !known.has(dtype));
  expect(others).toEqual(['q8_1', 'q8_k', 'q1_0', 'q2_0']);
  for (const dtype of DTYPE_ORDER.filter(isBlockDType))
    expect(DTYPES[dtype].about.includes('not checked'), dtype).toBe(others.includes(dtype));
});

test('q8_1 and q8_k are integers times their scale', async () => {
  const q8_1 = new Uint8Array(36).map((_, i) => i);
  new DataView(q8_1.buffer).setUint16(0, 0xb800, true); // -0.5
  q8_1[35] = 0x80;
  expect([...(await decode('q8_1', q8_1)).subarray(29)]).toEqual([-16.5, -17, 64]);
  const q8_k = new Uint8Array(292);
  new DataView(q8_k.buffer).setFloat32(0, 0.1, true);
  q8_k[4] = 3;
  q8_k[259] = 0xff;
  q8_k[260] = 77; // a sum
  const values = await decode('q8_k', q8_k);
  expect([values[0], values[1], values[255]]).toEqual([Math.fround(Math.fround(0.1) * 3), 0, -Math.fround(0.1)]);
});

test('q1_0 is signs and q2_0 four steps, the lowest bits first', async () => {
  const q1_0 = new Uint8Array(18);
  q1_0[1] = 0x40; // 2
  q1_0[2] = 0b0000_0101;
  q1_0[17] = 0b1000_0000;
  const signs = await decode('q1_0', q1_0);
  expect([...signs.subarray(0, 5), ...signs.subarray(126)]).toEqual([2, -2, 2, -2, -2, -2, 2]);
  const q2_0 = new Uint8Array(18);
  q2_0[1] = 0x40;
  q2_0[2] = 0b11_10_01_00;
  const steps = await decode('q2_0', q2_0);
  expect([...steps.subarray(0, 6)]).toEqual([-2, 0, 2, 4, -2, -2]);
});

/** As the fixtures are made: of many sizes, a block of zeros, and one of a number again and again. */
function randomNumbers(count: number, seed: number): Float32Array<ArrayBuffer> {
  const words = new Int32Array(randomBytes(4 * count, seed).buffer);
  const numbers = Float32Array.from(words, (word, i) => Math.fround(word) * 2 ** -(28 + (Math.floor(i / 32) % 12)));
  return numbers.fill(0, 32, 64).fill(numbers[64]!, 64, 96);
}

test.each(Object.entries(golden.made))('%s is made of numbers as gguf-py makes it', async (name, sha256) => {
  const dtype = name as BlockDType;
  const into = new Uint8Array(golden.blocks * blockOf(dtype).bytes);
  quantiserOf(dtype)(randomNumbers(32 * golden.blocks, golden.numbersSeed), golden.blocks, into);
  expect(Buffer.from(await crypto.subtle.digest('SHA-256', into)).toString('hex')).toBe(sha256);
});
