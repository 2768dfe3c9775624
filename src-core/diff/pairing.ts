/**
 * Which entry of one state is which of another, as columns: half a million pairs cross to the page as a few arrays. A pair
 * without a row on one side is an entry that the other state does not have.
 */
export interface Pairing {
  readonly count: number;
  /** Row in A; −1 for what only B has. */
  readonly rowA: Int32Array<ArrayBuffer>;
  /** Row in B; −1 for what only A has. */
  readonly rowB: Int32Array<ArrayBuffer>;
  /** Place in PAIR_STATUSES. */
  readonly status: Uint8Array<ArrayBuffer>;
  /** Place in PAIR_METHODS; 0 where there is no partner. */
  readonly how: Uint8Array<ArrayBuffer>;
  /** 0 to 1: how sure it is that these are the same entry. */
  readonly confidence: Float32Array<ArrayBuffer>;
  /** PAIR_FLAG bits. */
  readonly flags: Uint16Array<ArrayBuffer>;
  /** Place + 1 in `mappings`; 0 for none. */
  readonly mapping: Uint8Array<ArrayBuffer>;
  /** Ids of the mappings that were used. */
  readonly mappings: readonly string[];
  /** Place + 1 in `layouts`; 0 where elements stand in the same order. */
  readonly layout: Uint8Array<ArrayBuffer>;
  /** Axes of B, in the order that makes it look like A. */
  readonly layouts: readonly (readonly number[])[];
}

/** `moved` keeps its own name and has another module; `renamed` has another name. Both may differ in structure too: see the flags. */
export const PAIR_STATUSES = ['same-structure', 'changed', 'added', 'removed', 'renamed', 'moved'] as const;
export type PairStatus = (typeof PAIR_STATUSES)[number];

/** How a partner was found; `mapping` has its id beside it. */
export const PAIR_METHODS = ['none', 'key', 'rule', 'mapping', 'content', 'shape-and-name', 'user'] as const;
export type PairMethod = (typeof PAIR_METHODS)[number];

export const PAIR_FLAG = {
  dtype: 1,
  /** Also when only the order of axes differs: `transposed` says so. */
  shape: 2,
  /** A text against a tensor and the like. */
  valueType: 4,
  /** B's axes are in another order: see `layout`. */
  transposed: 8,
  /** The same text, of parts that differ: `('a', 0)` and `('a', '0')`. */
  keyParts: 16,
  /** Others have the same content; names or their order decided. */
  ambiguous: 32,
  /** Likely, and no more than that. */
  uncertain: 64,
  /** Dtype or shape of one of them is not known: its shard is not open. */
  undeclared: 128,
} as const;

/** Two rows that belong together, as a stage of pairing finds them. */
export interface Match {
  readonly rowA: number;
  readonly rowB: number;
  readonly how: Exclude<PairMethod, 'none'>;
  readonly confidence: number;
  readonly mapping?: string;
  /** Axes of B that make it look like A. Absent: to be told by shapes. */
  readonly axes?: readonly number[];
  readonly flags?: number;
}

export const statusOf = (pairing: Pairing, i: number): PairStatus => PAIR_STATUSES[pairing.status[i]!]!;

/** `mapping:gguf-llama` and the like: how the pair was found, for people and reports. */
export function methodOf(pairing: Pairing, i: number): string {
  const how = PAIR_METHODS[pairing.how[i]!]!;
  return how === 'mapping' ? `mapping:${pairing.mappings[pairing.mapping[i]! - 1]}` : how;
}
