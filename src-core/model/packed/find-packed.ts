/**
 * Weights packed by convention over plain tensors. The file does not say so: names of siblings, their types and shapes do, and what does
 * not fit them all is left as it is.
 */
import { countElements, type DType } from '../../tensor/dtype.ts';
import { findRow } from '../find-row.ts';
import { keyOfRow } from '../key-text.ts';
import type { Summary } from '../module-tree.ts';
import { type EntryColumns, type EntryId, NO_SHAPE, type StateDict } from '../state-dict.ts';
import { type PackedConfig, type PackedWeight, wordPacking } from './packed-weight.ts';
import { RECOGNISERS } from './recognisers.ts';

/** A tensor as recognisers see it. */
export interface Part {
  readonly row: EntryId;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** The tensor of a key, if it is there. */
export type FindPart = (key: string) => Part | undefined;

const known = new WeakMap<StateDict, Map<string, readonly PackedWeight[]>>();

/** In the order of their entries. Reads nothing but names, types and shapes. */
export function findPacked(state: StateDict, { bits, plainZeros }: PackedConfig = {}): readonly PackedWeight[] {
  const byConfig = known.get(state) ?? new Map<string, readonly PackedWeight[]>();
  known.set(state, byConfig);
  const name = `${bits ?? ''}/${plainZeros === true}`;
  const before = byConfig.get(name);
  if (before) return before;
  const config = { ...(bits !== undefined && { bits }), ...(plainZeros !== undefined && { plainZeros }) };
  const found = search(state, config);
  byConfig.set(name, found);
  return found;
}

/** Whether any tensor is of a type that codes are stored in: without one, nothing is packed. */
export const hasCodes = (state: StateDict): boolean =>
  state.entries.columns().dtypes.some((dtype) => MAIN_TYPES.has(dtype));

function search(state: StateDict, config: PackedConfig): readonly PackedWeight[] {
  const columns = state.entries.columns();
  const mains = new Set(columns.dtypes.flatMap((dtype, i) => (MAIN_TYPES.has(dtype) ? [i + 1] : [])));
  if (mains.size === 0) return [];
  const find: FindPart = (key) => {
    const row = findRow(state, key);
    return row === undefined ? undefined : partOf(columns, row);
  };
  const found: PackedWeight[] = [];
  const taken = new Set<EntryId>();
  for (let row = 0; row < columns.count; row++) {
    if (!mains.has(columns.dtype[row]!)) continue;
    const part = partOf(columns, row);
    const key = keyOfRow(columns, row);
    if (!part || countElements(part.shape) === 0) continue;
    for (const recognise of RECOGNISERS) {
      const weight = recognise(key, part, find, config);
      if (!weight || [row, ...weight.parts].some((one) => taken.has(one))) continue;
      found.push(weight);
      for (const one of [row, ...weight.parts]) taken.add(one);
      break;
    }
  }
  return found;
}

/** What codes are stored in. */
const MAIN_TYPES: ReadonlySet<DType> = new Set(['i32', 'u32', 'u8', 'i8', 'f8_e4m3fn', 'f8_e5m2', 'f4']);

function partOf(columns: EntryColumns, row: EntryId): Part | undefined {
  const dtype = columns.dtypes[columns.dtype[row]! - 1];
  const shape = columns.shape[row]!;
  return dtype && shape !== NO_SHAPE ? { row, dtype, shape: columns.shapes[shape]! } : undefined;
}

/** How the weights of a document are packed, most of them first. */
export function summarisePacked(state: StateDict, { bytes }: EntryColumns): NonNullable<Summary['packed']> {
  const byPacking = new Map<string, { weights: number; elements: number; bytes: number }>();
  for (const weight of findPacked(state)) {
    const packing = wordPacking(weight);
    const of = byPacking.get(packing) ?? { weights: 0, elements: 0, bytes: 0 };
    of.weights++;
    of.elements += weight.elements;
    for (const row of [weight.row, ...weight.parts]) of.bytes += bytes[row]!;
    byPacking.set(packing, of);
  }
  const all = [...byPacking].map(([packing, of]) => ({ packing, ...of }));
  return all.sort((a, b) => b.elements - a.elements);
}

/** Columns in which packed weights count for what they hold, and their scales for nothing. The same where there are none. */
export function countPacked(state: StateDict, columns: EntryColumns): EntryColumns {
  const found = findPacked(state);
  if (found.length === 0) return columns;
  const params = columns.params.slice();
  for (const { row, parts, elements } of found) {
    for (const part of parts) params[part] = 0;
    params[row] = elements;
  }
  return { ...columns, params };
}
