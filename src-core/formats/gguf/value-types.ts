/** The section that metadata of a GGUF file stand in. */
export const METADATA = 'metadata';

/** Types of metadata by their number in the file, spelled as element types are. */
export const VALUE_TYPES = [
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'f32',
  'bool',
  'str',
  'arr',
  'u64',
  'i64',
  'f64',
] as const;

export type ValueType = (typeof VALUE_TYPES)[number];

/** How a file of this version and byte order writes its numbers. */
export interface Encoding {
  readonly version: number;
  readonly endian: 'little' | 'big';
}

/** Bytes of counts, lengths and dimensions: version 1 had 32 bits for them. */
export const countBytes = ({ version }: Encoding): 4 | 8 => (version === 1 ? 4 : 8);
