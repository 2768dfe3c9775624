import type { SourceHandle } from '../bytes/source.ts';
import type { Derivation } from '../tensor/derivation.ts';
import type { TensorLayout } from '../tensor/layout.ts';
import type { Numbers, StatsPartial } from '../tensor/stats-partial.ts';
import type { RowStats } from '../tensor/stats-rows.ts';
import type { Walk } from '../tensor/walk.ts';

/**
 * A piece of work over bytes, as plain data: any thread or machine that can open its sources can do it, and always gets the
 * same result. Tasks of one tensor lie on a fixed grid, whoever runs them.
 */
export interface Task<Kind extends TaskKind = TaskKind> {
  readonly kind: Kind;
  readonly numbers: Numbers;
  readonly storage: StorageBytes;
  readonly walk: Walk;
  /** Places of the walk, in elements. */
  readonly from: number;
  readonly to: number;
  /** Elements of a cell of the grid, for `stats`; `from` is the start of one. */
  readonly cell?: number;
  /** Elements of a row, for `rows`; `from` and `to` are ends of rows. */
  readonly rowLength?: number;
}

/**
 * - `stats`: what `StatsJoin` joins, of each cell of the grid
 * - `rows`: statistics of each row
 * - `digest`: SHA-256 of the elements in C order, little-endian, densely packed
 */
export interface TaskResults {
  stats: readonly StatsPartial[];
  rows: RowStats;
  digest: Uint8Array<ArrayBuffer>;
}
export type TaskKind = keyof TaskResults;

/** The bytes of one storage: its extents one after the other. */
export interface StorageBytes {
  readonly endian: 'little' | 'big';
  readonly extents: readonly Extent[];
}

export type Extent = SourceExtent | DerivedExtent;

/** Bytes [offset, offset + length) of a source, which become `inflated` when they are deflated. */
export interface SourceExtent {
  readonly source: SourceHandle;
  readonly offset: number;
  readonly length: number;
  readonly inflated?: number;
}

/** Bytes that are made of others when they are asked for. */
export interface DerivedExtent {
  readonly expr: Derivation;
  readonly inputs: readonly { readonly layout: TensorLayout; readonly storage: StorageBytes }[];
  readonly length: number;
}

export const isDerived = (extent: Extent): extent is DerivedExtent => 'expr' in extent;

/** What is read for a storage in the end, through all that is derived. */
export function* eachSource({ extents }: StorageBytes): Generator<SourceExtent> {
  for (const extent of extents) {
    if (!isDerived(extent)) yield extent;
    else for (const { storage } of extent.inputs) yield* eachSource(storage);
  }
}
