/** Arrays in a file: whole ones, and those above a gigabyte, which flax cuts into several. */
import type { FileId } from '../../bytes/source.ts';
import type { ByteSlice, MetaItem } from '../../model/state-dict.ts';
import { countElements, type DType, packedBytes } from '../../tensor/dtype.ts';
import { dtypeOf } from './dtypes.ts';
import type { PackedArray, PackedItem, PackedNode } from './nodes.ts';

/** A key that flax gives to nothing else. */
export const CHUNKED = '__msgpack_chunked_array__';

export interface FoundTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly slices: readonly ByteSlice[];
  /** Of all slices. */
  readonly bytes: number;
  readonly meta: readonly MetaItem[];
  /** What is wrong with it, as a sentence part that follows its name. */
  readonly wrong?: string;
}

/** The array that a node is; undefined for what is none. */
export function findTensor(node: PackedNode, file: FileId): FoundTensor | undefined {
  if (node.kind === 'tensor') return describe([node], node.shape, file, node.code === 3 ? 'scalar' : 'array');
  const parts = chunksOf(node);
  return parts && describe(parts.chunks, parts.shape, file, `${parts.chunks.length} chunks`);
}

function describe(
  parts: readonly PackedArray[],
  shape: readonly number[],
  file: FileId,
  stored: string,
): FoundTensor | undefined {
  const name = parts[0]?.dtype ?? 'float32';
  if (parts.some((part) => part.dtype !== name)) return undefined;
  const dtype = dtypeOf(name);
  const slices = parts.map(({ at, length }): ByteSlice => ({ file, offset: at, length }));
  const bytes = slices.reduce((sum, { length }) => sum + length, 0);
  const needed = packedBytes(dtype, countElements(shape));
  const wrong =
    needed !== undefined && needed !== bytes
      ? `has ${bytes} bytes where its shape [${shape.join(', ')}] of ${name} needs ${needed}`
      : undefined;
  const meta = [item('dtype', name), ...(stored === 'array' ? [] : [item('stored as', stored)])];
  return { dtype, shape, slices, bytes, meta, ...(wrong !== undefined && { wrong }) };
}

const item = (key: string, value: string): MetaItem => ({ section: 'flax', key, value: { kind: 'string', value } });

function chunksOf(
  node: PackedNode,
): { readonly shape: readonly number[]; readonly chunks: readonly PackedArray[] } | undefined {
  const fields = fieldsOf(node);
  if (fields?.get(CHUNKED)?.kind !== 'bool') return undefined;
  const dims = listOf(fields.get('shape'));
  const chunks = listOf(fields.get('chunks'));
  if (!dims || !chunks) return undefined;
  const shape = dims.map((dim) => (dim.kind === 'int' ? Number(dim.digits) : Number.NaN));
  if (!shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) return undefined;
  const arrays = chunks.filter((chunk): chunk is PackedArray => chunk.kind === 'tensor' && chunk.shape.length === 1);
  return arrays.length === chunks.length ? { shape, chunks: arrays } : undefined;
}

function fieldsOf(node: PackedNode | undefined): ReadonlyMap<string, PackedNode> | undefined {
  if (node?.kind !== 'map') return undefined;
  return new Map(node.items.flatMap(({ key, value }: PackedItem) => (key.kind === 'text' ? [[key.text, value]] : [])));
}

/** The values of a map `{'0': …, '1': …}`, in the order of the numbers. */
function listOf(node: PackedNode | undefined): readonly PackedNode[] | undefined {
  const fields = fieldsOf(node);
  if (!fields) return undefined;
  const list = Array.from({ length: fields.size }, (_, i) => fields.get(String(i)));
  return list.every((item) => item !== undefined) ? (list as PackedNode[]) : undefined;
}
