import { DTYPE_ORDER, type DType, type KnownDType } from '../../tensor/dtype.ts';

/** The tags of `tensor.rs`, and three spellings that were met in the wild (E8M0, UE8, FP4). */
const TAGS: Readonly<Record<string, KnownDType>> = {
  BOOL: 'bool',
  F4: 'f4',
  F6_E2M3: 'f6_e2m3',
  F6_E3M2: 'f6_e3m2',
  U8: 'u8',
  I8: 'i8',
  F8_E5M2: 'f8_e5m2',
  F8_E4M3: 'f8_e4m3fn',
  F8_E8M0: 'f8_e8m0',
  F8_E4M3FNUZ: 'f8_e4m3fnuz',
  F8_E5M2FNUZ: 'f8_e5m2fnuz',
  I16: 'i16',
  U16: 'u16',
  F16: 'f16',
  BF16: 'bf16',
  I32: 'i32',
  U32: 'u32',
  F32: 'f32',
  C64: 'c64',
  F64: 'f64',
  I64: 'i64',
  U64: 'u64',
  E8M0: 'f8_e8m0',
  UE8: 'f8_e8m0',
  FP4: 'f4',
};

/** The enum of `tensor.rs`, whose order decides which tensors are written first. The wild spellings at the end are never written. */
const WRITTEN = Object.keys(TAGS).slice(0, Object.keys(TAGS).indexOf('E8M0'));
const TAG_RANKS = new Map<DType, number>(WRITTEN.map((tag, rank) => [TAGS[tag] as KnownDType, rank]));

/** Position of an element type among those of the format; -1 when it has none. */
export const tagRank = (dtype: DType): number => TAG_RANKS.get(dtype) ?? -1;
/** The tag an element type is written with; undefined when the format has none. */
export const tagOf = (dtype: DType): string | undefined => WRITTEN[tagRank(dtype)];

/** Element types of one document: the known ones first, then what the file calls its own. A code is the position + 1. */
export class DTypeCodes {
  readonly list: DType[] = [...DTYPE_ORDER];
  private readonly codes = new Map<string, number>();

  /** Types of this document that are not known. */
  get unknown(): number {
    return this.list.length - DTYPE_ORDER.length;
  }

  codeOf(tag: string): number {
    let code = this.codes.get(tag);
    if (code === undefined) {
      const known = Object.hasOwn(TAGS, tag) ? TAGS[tag] : undefined;
      code = known === undefined ? this.list.push(`other:${tag}`) : DTYPE_ORDER.indexOf(known) + 1;
      this.codes.set(tag, code);
    }
    return code;
  }

  isKnown(code: number): boolean {
    return code <= DTYPE_ORDER.length;
  }
}
