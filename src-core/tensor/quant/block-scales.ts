/** What blocks have beside their codes: scales, and what is added. The layouts are told where they are decoded. */
import type { BlockDType } from '../dtype.ts';
import { scaleOfIq1 } from './codebook.ts';
import { halfTable } from './half.ts';
import { minOfQ4, scaleOfQ3, scaleOfQ4 } from './k.ts';
import type { BlockScales, PartScales } from './load-scales.ts';
import { scaleOfIq4 } from './uneven.ts';

/** One block from the start of `bytes`. */
export function readScales(dtype: BlockDType, bytes: Uint8Array): BlockScales {
  const half = (at: number): number => halfTable()[wordAt(at)]!;
  const wordAt = (at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
  const nibble = (at: number, place: number): number => (bytes[at + (place >> 1)]! >> (4 * (place & 1))) & 15;
  const parts = (count: number, read: (part: number) => PartScales): { readonly parts: readonly PartScales[] } => ({
    parts: Array.from({ length: count }, (_, part) => read(part)),
  });
  const scaled = (at: number, count: number, times: (part: number) => number): BlockScales => {
    const scale = half(at);
    return { scale, ...parts(count, (part) => ({ scale: scale * times(part) })) };
  };
  switch (dtype) {
    case 'q4_1':
    case 'q5_1':
      return { scale: half(0), offset: half(2) };
    case 'q8_k':
      return { scale: new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true) };
    case 'q2_k': {
      const [scale, min] = [half(80), half(82)];
      const read = (part: number) => ({ scale: scale * (bytes[part]! & 15), offset: -min * (bytes[part]! >> 4) });
      return { scale, offset: -min, ...parts(16, read) };
    }
    case 'q4_k':
    case 'q5_k': {
      const [scale, min] = [half(0), half(2)];
      const read = (part: number) => ({
        scale: scale * scaleOfQ4(bytes, 4, part),
        offset: -min * minOfQ4(bytes, 4, part),
      });
      return { scale, offset: -min, ...parts(8, read) };
    }
    case 'q3_k':
      return scaled(108, 16, (part) => scaleOfQ3(bytes, 96, part) - 32);
    case 'q6_k':
      return scaled(208, 16, (part) => (bytes[192 + part]! << 24) >> 24);
    case 'iq4_xs':
      return scaled(0, 8, (part) => scaleOfIq4(bytes, 2, part) - 32);
    case 'iq2_xxs':
      return scaled(0, 8, (part) => (0.5 + (bytes[2 + 8 * part + 7]! >> 4)) / 4);
    case 'iq2_xs':
      return scaled(0, 16, (part) => (0.5 + nibble(66, part)) / 4);
    case 'iq2_s':
      return scaled(0, 16, (part) => (0.5 + nibble(74, part)) / 4);
    case 'iq3_xxs':
      return scaled(0, 8, (part) => (0.5 + (bytes[66 + 4 * part + 3]! >> 4)) / 2);
    case 'iq3_s':
      return scaled(0, 8, (part) => 1 + 2 * nibble(106, part));
    case 'iq1_s':
      return scaled(0, 8, (part) => 2 * ((wordAt(34 + 2 * part) >> 12) & 7) + 1);
    case 'iq1_m': {
      const scale = halfTable()[scaleOfIq1(bytes, 48)]!;
      const times = (part: number) => 2 * ((wordAt(48 + 2 * (part >> 2)) >> (3 * (part & 3))) & 7) + 1;
      return { scale, ...parts(16, (part) => ({ scale: scale * times(part) })) };
    }
    case 'mxfp4':
      return { scale: 2 ** (bytes[0]! - 127) };
    case 'nvfp4':
      return { ...parts(4, (part) => ({ scale: unsignedFloat(bytes[part]!) })) };
    case 'tq1_0':
      return { scale: half(52) };
    case 'tq2_0':
      return { scale: half(64) };
    default:
      return { scale: half(0) };
  }
}

/** e4m3 without a sign; 0x7f stands for 0, as ggml has it. */
function unsignedFloat(code: number): number {
  const [exponent, mantissa] = [(code >> 3) & 15, code & 7];
  if (code === 0x7f) return 0;
  return exponent === 0 ? mantissa * 2 ** -9 : (1 + mantissa / 8) * 2 ** (exponent - 7);
}
