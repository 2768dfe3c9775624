/**
 * What an array says of itself: `.zarray` (zarr v2) or `zarr.json` (v3), as far as TensorStore and zarr-python write it for numbers.
 * Specified in https://zarr-specs.readthedocs.io.
 */
import { malformed, StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Codec } from '../../bytes/unpack.ts';
import type { Shard } from '../../tensor/derivation.ts';
import { bitsOf, countElements, type KnownDType } from '../../tensor/dtype.ts';
import { encodeFill } from './zarr-fill.ts';
import { dtypeOfV2, dtypeOfV3 } from './zarr-types.ts';

/** An array in chunks. */
export interface ZarrArray {
  readonly version: 2 | 3;
  readonly dtype: KnownDType;
  /** As the file calls it. */
  readonly typeName: string;
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
  readonly endian: 'little' | 'big';
  /** Order of axes in a chunk, slowest first; absent: as they are. */
  readonly order?: readonly number[];
  readonly codec?: Codec;
  /** Bytes behind each chunk that are no part of it: a check sum. */
  readonly trailer: number;
  /** Bytes of the element where no chunk is, hexadecimal. */
  readonly fill: string;
  readonly shard?: Shard;
  /** Of chunk keys: `c/0/1`, `0.1`. */
  readonly keys: { readonly prefix: string; readonly separator: '.' | '/' };
}

export const FORMAT = 'zarr';
type Fields = Readonly<Record<string, unknown>>;

/** @throws `malformed` for what is no such metadata, `unsupported` for codecs and types that are not read. `name` is the array's. */
export function parseZarr(bytes: Uint8Array, version: 2 | 3, name: string): ZarrArray {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformed(name, FORMAT, 'the metadata of the array is no JSON');
  }
  if (!isFields(json)) throw malformed(name, FORMAT, 'the metadata of the array is no object');
  const array = version === 2 ? parseV2(json, name) : parseV3(json, name);
  checkSizes(array, name);
  return array;
}

function parseV2(json: Fields, name: string): ZarrArray {
  const { dtype: typeName, filters, order, compressor, dimension_separator: separator = '.' } = json;
  if (filters !== null && filters !== undefined && !(Array.isArray(filters) && filters.length === 0))
    throw unsupported(name, 'filters are not read');
  const shape = dimsOf(json.shape, name);
  const type = typeof typeName === 'string' ? dtypeOfV2(typeName) : undefined;
  if (!type) throw unsupported(name, `elements of type ${JSON.stringify(typeName)} are not read`);
  const codec = codecOf(isFields(compressor) ? compressor.id : compressor, name);
  return {
    version: 2,
    dtype: type.dtype,
    typeName: typeName as string,
    shape,
    chunk: dimsOf(json.chunks, name),
    endian: type.endian,
    ...(order === 'F' && { order: shape.map((_, axis) => shape.length - 1 - axis) }),
    ...(codec && { codec }),
    trailer: 0,
    fill: encodeFill(json.fill_value, type.dtype, name),
    keys: { prefix: '', separator: separator === '/' ? '/' : '.' },
  };
}

function parseV3(json: Fields, name: string): ZarrArray {
  if (json.node_type !== 'array') throw malformed(name, FORMAT, `it is no array but ${JSON.stringify(json.node_type)}`);
  const grid = namedOf(json.chunk_grid);
  if (grid?.name !== 'regular') throw unsupported(name, 'only regular grids of chunks are read');
  const dtype = typeof json.data_type === 'string' ? dtypeOfV3(json.data_type) : undefined;
  if (!dtype) throw unsupported(name, `elements of type ${JSON.stringify(json.data_type)} are not read`);
  const encoding = namedOf(json.chunk_key_encoding);
  const isDefault = encoding?.name !== 'v2';
  const separator = encoding?.configuration.separator ?? (isDefault ? '/' : '.');
  const fill = encodeFill(json.fill_value, dtype, name);
  const chain = parseCodecs(json.codecs, name);
  const base = {
    version: 3 as const,
    dtype,
    typeName: json.data_type as string,
    shape: dimsOf(json.shape, name),
    chunk: dimsOf(grid.configuration.chunk_shape, name),
    fill,
    keys: { prefix: isDefault ? 'c' : '', separator: separator === '.' ? ('.' as const) : ('/' as const) },
  };
  if (!chain.sharding) {
    const { endian, order, codec, isSummed } = chain;
    return { ...base, endian, ...(order && { order }), ...(codec && { codec }), trailer: isSummed ? 4 : 0 };
  }
  return {
    ...base,
    endian: 'little',
    trailer: chain.isSummed ? 4 : 0,
    shard: parseSharding(chain.sharding, dtype, name),
  };
}

/** How the chunks of a shard are packed, and where its index is. */
function parseSharding(configuration: Fields, dtype: KnownDType, name: string): Shard {
  const inner = parseCodecs(configuration.codecs, name);
  if (inner.sharding || inner.order) throw unsupported(name, 'shards of shards, or of transposed chunks, are not read');
  const index = parseCodecs(configuration.index_codecs, name);
  if (index.codec || index.sharding || index.endian !== 'little')
    throw unsupported(name, 'packed indexes of shards are not read');
  return {
    dtype,
    chunk: dimsOf(configuration.chunk_shape, name),
    ...(inner.codec && { codec: inner.codec }),
    ...(inner.endian === 'big' && { isBigEndian: true }),
    ...(inner.isSummed && { isSummed: true }),
    ...(configuration.index_location === 'start' && { isIndexFirst: true }),
    ...(index.isSummed && { isIndexSummed: true }),
  };
}

interface CodecChain {
  endian: 'little' | 'big';
  order?: readonly number[];
  codec?: Codec;
  isSummed: boolean;
  sharding?: Fields;
}

/** From arrays to bytes, and what is done with the bytes then. */
function parseCodecs(list: unknown, name: string): CodecChain {
  if (!Array.isArray(list)) throw malformed(name, FORMAT, 'it has no list of codecs');
  const chain: CodecChain = { endian: 'little', isSummed: false };
  for (const item of list) {
    const codec = namedOf(item);
    if (!codec) throw malformed(name, FORMAT, 'a codec has no name');
    const { configuration } = codec;
    if (chain.isSummed) throw unsupported(name, 'codecs behind a check sum are not read');
    if (codec.name === 'transpose') chain.order = orderOf(configuration.order, name);
    else if (codec.name === 'bytes') chain.endian = configuration.endian === 'big' ? 'big' : 'little';
    else if (codec.name === 'sharding_indexed') chain.sharding = configuration;
    else if (codec.name === 'crc32c') chain.isSummed = true;
    else if (chain.codec || chain.sharding) throw unsupported(name, 'chunks that are packed twice are not read');
    else {
      const found = codecOf(codec.name, name);
      if (found) chain.codec = found;
    }
  }
  if (chain.sharding && chain.order) throw unsupported(name, 'transposed shards are not read');
  return chain;
}

function codecOf(id: unknown, name: string): Codec | undefined {
  if (id === null || id === undefined) return undefined;
  if (id === 'zstd' || id === 'gzip') return id;
  throw unsupported(name, `chunks packed by ${JSON.stringify(id)} are not read`);
}

function orderOf(order: unknown, name: string): readonly number[] {
  const dims = dimsOf(order, name);
  if (dims.toSorted((a, b) => a - b).some((axis, i) => axis !== i))
    throw malformed(name, FORMAT, 'its order names an axis twice');
  return dims;
}

function dimsOf(dims: unknown, name: string): readonly number[] {
  if (!Array.isArray(dims) || dims.length > LIMITS.tensorRank)
    throw malformed(name, FORMAT, 'its shape is no list of numbers');
  if (!dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0))
    throw malformed(name, FORMAT, 'a dimension is no whole number');
  return dims as number[];
}

function checkSizes({ shape, chunk, shard, dtype, order }: ZarrArray, name: string): void {
  const inner = shard?.chunk ?? chunk;
  for (const dims of [chunk, inner, ...(order ? [order] : [])])
    if (dims.length !== shape.length) throw malformed(name, FORMAT, 'its chunks have another number of dimensions');
  if ([...chunk, ...inner].includes(0)) throw malformed(name, FORMAT, 'a chunk has a dimension of 0');
  if (chunk.some((dim, axis) => dim % inner[axis]! !== 0))
    throw malformed(name, FORMAT, 'its shards hold no whole chunks');
  if (countElements(shape) * 16 > Number.MAX_SAFE_INTEGER) throw malformed(name, FORMAT, 'it is larger than any file');
  const bytes = countElements(inner) * ((bitsOf(dtype) ?? 8) / 8);
  if (bytes <= LIMITS.chunkBytes) return;
  const detail = 'its chunks are larger than what is unpacked at once';
  throw new StateglassError({
    kind: 'limit',
    file: name,
    limit: 'chunkBytes',
    value: bytes,
    max: LIMITS.chunkBytes,
    detail,
  });
}

function namedOf(value: unknown): { readonly name: string; readonly configuration: Fields } | undefined {
  if (typeof value === 'string') return { name: value, configuration: {} };
  if (!isFields(value) || typeof value.name !== 'string') return undefined;
  return { name: value.name, configuration: isFields(value.configuration) ? value.configuration : {} };
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unsupported = (file: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file, format: FORMAT, detail });
