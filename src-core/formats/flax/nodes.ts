/** What a MessagePack file holds. Payloads are places: they are not read. `start` and `end` are bytes of the file. */
export type PackedNode = PackedArray | (Placed & PackedOther);

type PackedOther =
  | { readonly kind: 'map'; readonly items: readonly PackedItem[] }
  | { readonly kind: 'array'; readonly items: readonly PackedNode[] }
  | { readonly kind: 'nil' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly digits: string }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'complex'; readonly re: number; readonly im: number }
  | ({ readonly kind: 'bin' } & Payload)
  /** An extension that flax does not know, or that is not as flax writes it. */
  | ({ readonly kind: 'ext'; readonly code: number } & Payload);

export interface PackedItem {
  readonly key: PackedNode;
  readonly value: PackedNode;
}

/** An array or a scalar of NumPy: extension 1 or 3. */
export interface PackedArray extends Payload, Placed {
  readonly kind: 'tensor';
  readonly code: number;
  readonly shape: readonly number[];
  /** As NumPy calls it: `float32`, `bfloat16`. */
  readonly dtype: string;
}

export interface Placed {
  readonly start: number;
  readonly end: number;
}

export interface Payload {
  readonly at: number;
  readonly length: number;
}

/** Extensions of `flax.serialization`. */
export const EXT = { array: 1, complex: 2, scalar: 3 } as const;
