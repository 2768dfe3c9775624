/** Arrays in a store: their metadata and the chunks that are there. */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { FileSet } from '../../bytes/source.ts';
import { readAhead } from '../../model/shards/read-ahead.ts';
import { gridShape } from '../../tensor/grid.ts';
import { contiguousStrides } from '../../tensor/layout.ts';
import { type KeyValues, readValue, type StoredValue } from './key-values.ts';
import { parseZarr, type ZarrArray } from './zarr-metadata.ts';

export interface FoundArray {
  readonly name: string;
  /** What it says of itself, or why that cannot be used. */
  readonly array: ZarrArray | StateglassError;
  /** By place in the grid of chunks, which counts in C order; ascending. */
  readonly chunks: readonly (readonly [place: number, value: StoredValue])[];
  /** Keys below the array that are no chunk of it. */
  readonly strangers: number;
}

const METADATA = { '.zarray': 2, 'zarr.json': 3 } as const;

/**
 * All arrays of a store, in the order of its keys. One whose metadata cannot be used is listed with the reason.
 *
 * @throws `limit` for more chunks than one document may have.
 */
export async function listArrays(
  values: KeyValues,
  files: FileSet,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, FoundArray>> {
  const metadata = new Map<string, { readonly value: StoredValue; readonly version: 2 | 3 }>();
  for (const [key, value] of values) {
    const [name, last] = cutLast(key);
    if (Object.hasOwn(METADATA, last) && !metadata.has(name))
      metadata.set(name, { value, version: METADATA[last as keyof typeof METADATA] });
  }
  const keys = chunkKeys(values, metadata);
  const found = new Map<string, FoundArray>();
  await readAhead(
    [...metadata],
    ([name, { value, version }]) => readArray(value, version, name, files, signal),
    ([name], array) => {
      // A group of zarr v3 has metadata too.
      if (!array || array === 'group') return;
      found.set(name, { name, array, ...placeChunks(keys.get(name) ?? [], array) });
    },
    signal,
  );
  return found;
}

async function readArray(
  value: StoredValue,
  version: 2 | 3,
  name: string,
  files: FileSet,
  signal: AbortSignal | undefined,
): Promise<ZarrArray | StateglassError | 'group'> {
  try {
    const bytes = await readValue(value, files, signal);
    if (version === 3 && /"node_type"\s*:\s*"group"/.test(new TextDecoder().decode(bytes))) return 'group';
    return parseZarr(bytes, version, name);
  } catch (error) {
    if (error instanceof StateglassError && error.info.kind !== 'cancelled') return error;
    throw error;
  }
}

type Keyed = readonly [rest: string, value: StoredValue];

/** Everything below each array but its metadata. Names of arrays may have slashes, and so may keys of chunks. */
function chunkKeys(values: KeyValues, arrays: ReadonlyMap<string, unknown>): ReadonlyMap<string, Keyed[]> {
  const found = new Map<string, Keyed[]>();
  let count = 0;
  for (const [key, value] of values) {
    if (Object.hasOwn(METADATA, cutLast(key)[1])) continue;
    for (let end = key.lastIndexOf('/'); ; end = key.lastIndexOf('/', end - 1)) {
      const name = end < 0 ? '' : key.slice(0, end);
      if (arrays.has(name)) {
        if (++count > LIMITS.zarrChunks) throw tooMany(name, count);
        const list = found.get(name) ?? [];
        list.push([end < 0 ? key : key.slice(end + 1), value]);
        found.set(name, list);
        break;
      }
      if (end <= 0) break;
    }
  }
  return found;
}

function placeChunks(
  keyed: readonly Keyed[],
  array: ZarrArray | StateglassError,
): Pick<FoundArray, 'chunks' | 'strangers'> {
  if (array instanceof StateglassError) return { chunks: [], strangers: 0 };
  const grid = gridShape(array);
  const steps = contiguousStrides(grid);
  const chunks: [number, StoredValue][] = [];
  for (const [rest, value] of keyed) {
    const index = indexOf(rest, array);
    if (!index || index.length !== grid.length || index.some((at, axis) => at >= grid[axis]!)) continue;
    chunks.push([index.reduce((sum, at, axis) => sum + at * steps[axis]!, 0), value]);
  }
  return { chunks: chunks.sort(([a], [b]) => a - b), strangers: keyed.length - chunks.length };
}

/** `c/0/1` or `0.1` as numbers; a scalar's one chunk has none. Undefined for other keys. */
function indexOf(rest: string, { keys: { prefix, separator }, shape }: ZarrArray): readonly number[] | undefined {
  if (shape.length === 0) return rest === (prefix === '' ? '0' : prefix) ? [] : undefined;
  const parts = rest.split(separator);
  if (prefix !== '' && parts.shift() !== prefix) return undefined;
  return parts.every((part) => /^(?:0|[1-9]\d{0,14})$/.test(part)) ? parts.map(Number) : undefined;
}

const cutLast = (key: string): readonly [string, string] => {
  const end = key.lastIndexOf('/');
  return end < 0 ? ['', key] : [key.slice(0, end), key.slice(end + 1)];
};

const tooMany = (file: string, value: number): StateglassError =>
  new StateglassError({
    kind: 'limit',
    file,
    limit: 'zarrChunks',
    value,
    max: LIMITS.zarrChunks,
    detail: 'there are too many chunks for one document',
  });
