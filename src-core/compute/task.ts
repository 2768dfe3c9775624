import type { SourceHandle } from '../bytes/source.ts';
import type { Codec } from '../bytes/unpack.ts';
import type { CastLosses } from '../tensor/cast-losses.ts';
import type { ComparePartial } from '../tensor/compare-partial.ts';
import type { Derivation } from '../tensor/derivation.ts';
import type { DType } from '../tensor/dtype.ts';
import type { TensorLayout } from '../tensor/layout.ts';
import type { Numbers, StatsPartial } from '../tensor/stats-partial.ts';
import type { RowStats } from '../tensor/stats-rows.ts';
import type { Walk } from '../tensor/walk.ts';

/**
 * A piece of work over bytes, as plain data: any thread or machine that can open its sources can do it, and always gets the
 * same result. Tasks of one tensor lie on a fixed grid, whoever runs them.
 */
export interface Task<Kind extends TaskKind = TaskKind> extends Operand {
  readonly kind: Kind;
  /** Places of the walk, in elements. */
  readonly from: number;
  readonly to: number;
  /** Elements of a cell of the grid, for `stats` and `compare`; `from` is the start of one. */
  readonly cell?: number;
  /** The type that elements become, for `cast`. */
  readonly cast?: DType;
  /** Elements of a row, for `rows`; `from` and `to` are ends of rows. */
  readonly rowLength?: number;
  /** What the elements are held against, place by place, for `compare` and `same`. */
  readonly other?: Operand;
}

/** Elements of a tensor, in the order of a walk. */
export interface Operand {
  readonly numbers: Numbers;
  readonly storage: StorageBytes;
  readonly walk: Walk;
}

/**
 * - `stats`: what `StatsJoin` joins, of each cell of the grid
 * - `rows`: statistics of each row
 * - `cast`: what becoming another type would change
 * - `digest`: SHA-256 of the elements in C order, little-endian, densely packed
 * - `compare`: what `ComparisonJoin` joins, of each cell of the grid
 * - `same`: whether all elements are the same; nothing is read past the first that is not
 */
export interface TaskResults {
  stats: readonly StatsPartial[];
  rows: RowStats;
  cast: CastLosses;
  digest: Uint8Array<ArrayBuffer>;
  compare: readonly ComparePartial[];
  same: boolean;
}
export type TaskKind = keyof TaskResults;

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of elements done since the last call. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** The bytes of one storage: its extents one after the other. */
export interface StorageBytes {
  readonly endian: 'little' | 'big';
  readonly extents: readonly Extent[];
}

export type Extent = SourceExtent | DerivedExtent;

/** Bytes [offset, offset + length) of a source, which become `inflated` bytes when they are packed. */
export interface SourceExtent {
  readonly source: SourceHandle;
  readonly offset: number;
  readonly length: number;
  readonly inflated?: number;
  /** How they are packed. */
  readonly codec?: Codec;
}

/** Bytes that are made of others when they are asked for. */
export interface DerivedExtent {
  readonly expr: Derivation;
  readonly inputs: readonly { readonly layout: TensorLayout; readonly storage: StorageBytes }[];
  readonly length: number;
}

export const isDerived = (extent: Extent): extent is DerivedExtent => 'expr' in extent;

/** What is read for a task in the end. */
export function* eachSourceOf({ storage, other }: Task): Generator<SourceExtent> {
  yield* eachSource(storage);
  if (other) yield* eachSource(other.storage);
}

/** What is read for a storage in the end, through all that is derived. */
export function* eachSource({ extents }: StorageBytes): Generator<SourceExtent> {
  for (const extent of extents) {
    if (!isDerived(extent)) yield extent;
    else for (const { storage } of extent.inputs) yield* eachSource(storage);
  }
}

/** Whether a storage is unpacked in one piece. Chunks are unpacked one by one. */
export const isPackedWhole = ({ extents }: StorageBytes): boolean =>
  extents.some((extent) => {
    if (!isDerived(extent)) return extent.inflated !== undefined;
    return !isChunked(extent) && extent.inputs.some(({ storage }) => isPackedWhole(storage));
  });

export const isChunked = ({ expr }: DerivedExtent): boolean => expr.kind === 'chunks';
