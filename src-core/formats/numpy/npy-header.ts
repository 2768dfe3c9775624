/** The header of a `.npy` file, formats 1.0 to 3.0 (`numpy/lib/_format_impl.py`): a Python dictionary as text, never evaluated. */
import { malformed, StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { latin1 } from '../../bytes/latin1.ts';
import { countElements } from '../../tensor/dtype.ts';
import { DescrFault, type ElementType, readDescr, readShape } from './descr.ts';
import { isDictionary, LiteralFault, readLiteral } from './literal.ts';

export interface NpyHeader {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** The first axis varies fastest. */
  readonly fortranOrder: boolean;
  /** Bytes before the elements. */
  readonly length: number;
  /** `1.0`. */
  readonly version: string;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Magic, version and the length of the text, which has four bytes since 2.0. */
export const PREAMBLE_BYTES = 12;

const isNpy = (head: Uint8Array): boolean => MAGIC.every((byte, i) => head[i] === byte);

/** Where the bytes of a header are, for errors. */
export interface HeaderPlace {
  readonly file: string;
  /** Offset of the array in the file; 0 when not given, absent for what is compressed. */
  readonly base?: number | undefined;
}

/**
 * Bytes of the header, from its first `PREAMBLE_BYTES` (or fewer, where the file has fewer).
 *
 * @throws `malformed` for what does not begin as `.npy` does, `limit` for the length.
 */
export function headerLength(head: Uint8Array<ArrayBuffer>, { file, base = 0 }: HeaderPlace): number {
  if (!isNpy(head) || head.length < 10) throw malformed(file, 'NumPy', 'it does not begin as .npy does', base);
  const major = head[6] as number;
  if (major < 1 || major > 3) throw malformed(file, 'NumPy', `there is no format ${major}`, base + 6);
  const start = major === 1 ? 10 : PREAMBLE_BYTES;
  if (head.length < start) throw malformed(file, 'NumPy', 'it ends in its header', base + head.length);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const size = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const max = LIMITS.npyHeaderBytes;
  if (size > max)
    throw new StateglassError({
      kind: 'limit',
      file,
      limit: 'npyHeaderBytes',
      value: size,
      max,
      detail: `a header of ${size} bytes`,
    });
  return start + size;
}

/**
 * Reads the header from the first bytes of an array.
 *
 * @throws `malformed` for what is no header, `limit` for more dimensions or bytes of it than are read.
 */
export function parseNpyHeader(head: Uint8Array<ArrayBuffer>, place: HeaderPlace): NpyHeader {
  const { file, base = 0 } = place;
  const length = headerLength(head, place);
  if (head.length < length) throw malformed(file, 'NumPy', 'it ends in its header', base + head.length);
  const major = head[6] as number;
  const start = major === 1 ? 10 : PREAMBLE_BYTES;
  const bytes = head.subarray(start, length);
  const text = major === 3 ? new TextDecoder().decode(bytes) : latin1(bytes);
  try {
    const dictionary = readLiteral(text);
    if (!isDictionary(dictionary)) throw new DescrFault('its header is no dictionary');
    const order = dictionary.get('fortran_order');
    if (typeof order !== 'boolean') throw new DescrFault('its header does not say in which order its elements are');
    const shape = readShape(dictionary.get('shape'));
    const max = LIMITS.tensorRank;
    if (shape.length > max)
      throw new StateglassError({
        kind: 'limit',
        file,
        limit: 'tensorRank',
        value: shape.length,
        max,
        detail: `an array of ${shape.length} dimensions`,
      });
    const type = readDescr(dictionary.get('descr'));
    if (!Number.isSafeInteger(countElements(shape) * Math.max(1, type.bytes)))
      throw new DescrFault('its shape has more elements than any file');
    return { type, shape, fortranOrder: order, length, version: `${major}.${head[7]}` };
  } catch (error) {
    if (error instanceof LiteralFault) throw malformed(file, 'NumPy', error.message, base + start + error.at);
    if (error instanceof DescrFault) throw malformed(file, 'NumPy', error.message, base + start);
    throw error;
  }
}
