import type { PathPart } from '../model/keys/key.ts';
import type { JsonNode } from '../model/state-dict.ts';
import type { DType } from '../tensor/dtype.ts';

/** A state dict as loading sees it: names, types and shapes in order, no bytes. */
export interface Outline {
  readonly entries: readonly OutlineEntry[];
  /** `declaration`: in the order in which its system visits it. */
  readonly origin: 'document' | 'declaration' | 'printout';
  /** Python's name of its class where it is no dict at all: `list`, `str`. */
  readonly notDict?: string;
  /** Class of the module that is loaded into. */
  readonly className?: string;
  /** Modules by path, parents first, with torch's version where it is known. The root is the empty path. */
  readonly modules?: ReadonlyMap<string, number | undefined>;
  /** What inner nodes are, where they are no dicts: `list`, `tuple`, `namedtuple`, `module`, `Predict`. By `identifyPath`. */
  readonly containers?: ReadonlyMap<string, string>;
  /** DSPy: versions of packages it was saved with. */
  readonly dependencies?: ReadonlyMap<string, string>;
  /** MAX reads the format itself, and hands on WeightData instead of arrays. */
  readonly isWeightData?: boolean;
}

export interface OutlineEntry {
  /** As a person writes it. */
  readonly key: string;
  readonly parts: readonly PathPart[];
  readonly value: OutlineValue;
  /** msgflux: which of the two it is; a typed dict is restored in a buffer alone. */
  readonly role?: 'parameter' | 'buffer';
}

/** A text is a dimension that may be anything: `batch`, or one that a printout leaves out. */
export type OutlineDim = number | string;

export type OutlineValue = OutlineTensor | OutlineObject;

export interface OutlineTensor {
  readonly kind: 'tensor';
  /** Absent where nobody says it: a printout of shapes. */
  readonly dtype?: DType;
  readonly shape?: readonly OutlineDim[];
  /** Declared, without numbers: a meta tensor, a Caten tensor without buffer. */
  readonly isEmpty?: true;
  /** `Q4_K`: MAX's name of the blocks that its bytes are. */
  readonly encoding?: string;
  /** Bytes that its address has to be a multiple of, where it says so itself. */
  readonly align?: number;
  /** Bytes from a place that is aligned to pages. */
  readonly address?: number | undefined;
}

/** Anything else, by Python's name of its class. */
export interface OutlineObject {
  readonly kind: 'object';
  readonly type: string;
  /** Its content, where it is plain data. */
  readonly json?: JsonNode;
}

/** 0 and "0" are two parts, as they are to flax.nnx. */
export const identifyPath = (parts: readonly PathPart[]): string => {
  let text = '';
  for (const part of parts) text += typeof part === 'number' ? `\0${part}` : `\x01${part}`;
  return text;
};

/** Of every path from the first part to the whole, in one go. */
export function identifyPrefixes(parts: readonly PathPart[]): readonly string[] {
  let text = '';
  return parts.map((part) => {
    text += typeof part === 'number' ? `\0${part}` : `\x01${part}`;
    return text;
  });
}
