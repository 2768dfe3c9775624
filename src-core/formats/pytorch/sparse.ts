/** Sparse tensors are two or three dense ones: indices and values. */
import { LIMITS } from '../../base/limits.ts';
import { itemsOf, type PickleNode } from '../../bytes/pickle/nodes.ts';
import type { JsonNode, MetaItem, TensorValue } from '../../model/state-dict.ts';
import type { Scatter } from '../../tensor/derivation.ts';
import { countElements, familyOf } from '../../tensor/dtype.ts';
import { readDims } from './layout.ts';
import { layoutText } from './node-values.ts';
import type { StorageTable } from './storages.ts';
import { describeTensor, packedLength } from './tensor-meta.ts';
import type { FoundTensor } from './tensors.ts';

/**
 * `_rebuild_sparse_tensor(layout, (indices, values, size[, is_coalesced]))`, or `(compressed, plain, values, size)`. Listed as the one
 * tensor it stands for, whose elements are made by range; its parts are named beside it. Where they do not fit, it has no elements.
 */
export function readSparse(
  args: readonly PickleNode[],
  table: StorageTable,
  find: (node: PickleNode | undefined) => FoundTensor | undefined,
): FoundTensor | undefined {
  const layout = layoutText(args[0]);
  const data = itemsOf(args[1]);
  if (!layout || !data) return undefined;
  const isCoo = layout === 'sparse_coo';
  const names = isCoo ? ['indices', 'values'] : ['compressed_indices', 'plain_indices', 'values'];
  const parts = names.map((_, i) => find(data[i]));
  const values = parts.at(-1);
  const shape = readDims(data[names.length]);
  if (!values || !shape) return undefined;
  const meta = parts.map(
    (part, i): MetaItem => ({ section: layout, key: names[i]!, value: part ? describeTensor(part.value) : NULL }),
  );
  const coalesced = isCoo ? data[3] : undefined;
  if (coalesced?.kind === 'bool')
    meta.push({ section: layout, key: 'is_coalesced', value: { kind: 'bool', value: coalesced.value } });
  const count = countElements(values.value.shape);
  meta.push({ section: layout, key: 'nnz', value: { kind: 'number', lexeme: String(values.value.shape[0] ?? 0) } });
  const total = countElements(shape);
  if (total > 0)
    meta.push({ section: layout, key: 'density', value: { kind: 'number', lexeme: String(count / total) } });
  const problem = parts.find((part) => part?.problem)?.problem;
  const inputs = parts.flatMap((part) => (part ? [part.value] : []));
  const expr = scatterOf(layout, shape, inputs);
  const isWhole = expr && !problem && inputs.length === names.length && inputs.every(isPlain);
  const value: TensorValue = { type: 'tensor', dtype: values.value.dtype, shape, offset: 0, wrapper: layout };
  const bytes = packedLength(value);
  return {
    value: isWhole && bytes <= LIMITS.expandedBytes ? { ...value, storage: table.addMade(expr, bytes, inputs) } : value,
    isParameter: false,
    meta,
    bytes: inputs.reduce((sum, part) => sum + packedLength(part), 0),
    ...(problem ? { problem } : {}),
  };
}

const NULL: JsonNode = { kind: 'null' };
const NUMBERS: ReadonlySet<string> = new Set(['float', 'half', 'float8', 'int', 'uint', 'bool']);

/** Elements that can be summed and read where they are. */
const isPlain = ({ dtype, storage, conjugate, negative, quant }: TensorValue): boolean =>
  storage !== undefined && NUMBERS.has(familyOf(dtype)) && !conjugate && !negative && !quant;

/** How the parts make the whole; undefined where their shapes say something else, or where it is more than is kept. */
function scatterOf(layout: string, shape: readonly number[], parts: readonly TensorValue[]): Scatter | undefined {
  const name = layout.replace(/^sparse_/, '');
  const shapes = parts.map((part) => part.shape);
  const values = shapes.at(-1) ?? [];
  const [count = 0, high = 1, wide = 1] = values;
  if (countElements(values) > LIMITS.sparsePlaces) return undefined;
  if (name === 'coo') {
    const [[sparse = 0, places] = []] = shapes;
    const fits = shapes[0]?.length === 2 && places === count && values.slice(1).join() === shape.slice(sparse).join();
    return fits && sparse <= shape.length ? { kind: 'scatter', layout: 'coo', shape } : undefined;
  }
  const isBlock = name === 'bsr' || name === 'bsc';
  if ((!isBlock && name !== 'csr' && name !== 'csc') || shape.length !== 2 || values.length !== (isBlock ? 3 : 1))
    return undefined;
  const [rows, columns] = [shape[0]! / high, shape[1]! / wide];
  const groups = name === 'csc' || name === 'bsc' ? columns : rows;
  const fits = Number.isInteger(rows) && Number.isInteger(columns) && shapes[1]?.join() === String(count);
  return fits && shapes[0]?.join() === String(groups + 1) ? { kind: 'scatter', layout: name, shape } : undefined;
}
