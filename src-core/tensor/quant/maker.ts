import { type OpenInput, peekDense, readDense } from '../dense-range.ts';
import type { Derivation } from '../derivation.ts';
import type { Maker } from '../derive.ts';
import { blockOf } from '../dtype.ts';
import { readNumbers } from '../merge-makers.ts';
import { swapBlocks } from './big-endian.ts';
import { loadDecoder } from './decode-blocks.ts';

/** Makes the numbers of the blocks that a range touches, and cuts it out. */
export function dequantiseMaker({ dtype }: Derivation & { kind: 'dequantise' }, input: OpenInput): Maker {
  const { elements, bytes } = blockOf(dtype);
  return {
    width: 4,
    async make(from, to, signal) {
      // They are swapped in place.
      const read = input.endian === 'big' ? readDense : peekDense;
      const [first, last] = [Math.floor(from / elements), Math.ceil(to / elements)];
      const [decode, stored] = await Promise.all([
        loadDecoder(dtype),
        read(input, first * bytes, last * bytes, signal),
      ]);
      if (input.endian === 'big') swapBlocks(dtype, stored);
      const numbers = new Float32Array((last - first) * elements);
      decode(stored, last - first, numbers);
      return new Uint8Array(numbers.buffer, 4 * (from - first * elements), 4 * (to - from));
    },
  };
}

/** Makes the blocks of a range: of their own numbers alone. */
export function quantiseMaker({ dtype }: Derivation & { kind: 'quantise' }, input: OpenInput): Maker {
  const { elements, bytes } = blockOf(dtype);
  return {
    width: bytes,
    async make(from, to, signal) {
      const { quantiserOf } = await import('./quantise.ts');
      const numbers = await readNumbers(input, from * elements, to * elements, signal);
      const blocks = new Uint8Array((to - from) * bytes);
      quantiserOf(dtype)(Float32Array.from(numbers), to - from, blocks);
      return blocks;
    },
  };
}
