/** What goes into an ONNX graph and what comes out, as its file declares it. */
import type { OnnxDim, OnnxGraph, OnnxValue } from '../../formats/onnx/model.ts';
import { notRunnable } from '../../graph/build.ts';
import type { Dim, ElementType, GraphOutput, InputSpec, Meaning } from '../../graph/graph.ts';
import { type DType, familyOf } from '../../tensor/dtype.ts';

/** What cannot be run is the whole file. */
const ALL = { path: '' };

export type TypeOf = (type: number) => DType | undefined;

const ELSEWHERE = 'ONNX Runtime in another language takes it';

/** The type that numbers are given and taken in here. */
export function runTypeOf(dtype: DType | undefined): ElementType | undefined {
  if (dtype === undefined) return undefined;
  if (dtype === 'bool') return 'bool';
  switch (familyOf(dtype)) {
    case 'float':
    case 'half':
    case 'float8':
      return 'f32';
    case 'int':
    case 'uint':
      return 'i64';
    default:
      return undefined;
  }
}

/** @throws `not-runnable` for an input that no sample can be made for. */
export function describeInput(graph: OnnxGraph, value: OnnxValue, typeOf: TypeOf): InputSpec {
  const { name, tensor, other } = value;
  const dtype = runTypeOf(tensor && typeOf(tensor.type));
  if (!tensor || !dtype) {
    const what = tensor ? (typeOf(tensor.type) ?? 'texts') : `a ${other ?? 'value of no declared type'}`;
    throw notRunnable(ALL, `its input ${name} takes ${what}, and samples here are tensors of numbers`, ELSEWHERE);
  }
  if (!tensor.dims) throw notRunnable(ALL, `its input ${name} says nothing of its shape`, ELSEWHERE);
  const { dims } = tensor;
  const below = dtype === 'i64' ? vocabularyOf(graph, name) : undefined;
  const meaning = meaningOf(name, dtype, dims, below);
  return {
    name,
    dtype,
    meaning,
    dims: dims.map((dim, axis) => describeDim(dim, axis, dims, meaning)),
    ...(below !== undefined && { below }),
  };
}

export function describeOutput({ name, tensor }: OnnxValue, typeOf: TypeOf): GraphOutput {
  const dtype = runTypeOf(tensor && typeOf(tensor.type)) ?? 'f32';
  return { name, label: name, dtype, shape: (tensor?.dims ?? []).map((dim): Dim => dim ?? '?') };
}

/** How many rows the table has that an input chooses from. */
function vocabularyOf({ nodes, initializers }: OnnxGraph, input: string): number | undefined {
  const gather = nodes.find(({ op, inputs }) => op === 'Gather' && inputs[1] === input);
  const table = gather && initializers.find(({ name }) => name === gather.inputs[0]);
  return table && table.dims.length > 1 ? table.dims[0] : undefined;
}

function meaningOf(name: string, dtype: ElementType, dims: readonly OnnxDim[], below: number | undefined): Meaning {
  if (/mask/i.test(name)) return 'mask';
  if (dtype === 'i64') {
    if (/token_type|segment/i.test(name)) return 'token-types';
    if (/position/i.test(name)) return 'positions';
    return below !== undefined || /token|input_ids|ids$/i.test(name) ? 'tokens' : 'features';
  }
  if (/past|cache/i.test(name)) return 'past';
  const channels = dims[1];
  if (dims.length === 4 && (channels === 1 || channels === 3 || channels === undefined)) return 'image';
  return dims.length >= 3 ? 'sequence' : 'features';
}

/** A size that is not fixed is offered small: one of a batch, a short sequence, a picture as most networks take it. */
function describeDim(
  dim: OnnxDim,
  axis: number,
  dims: readonly OnnxDim[],
  meaning: Meaning,
): InputSpec['dims'][number] {
  if (typeof dim === 'number' && dim > 0) return { size: dim };
  const free = typeof dim === 'string' && dim !== '' ? dim : axis === 0 && dims.length > 1 ? 'batch' : `axis ${axis}`;
  return { size: offeredSize(free, axis, dims.length, meaning), free };
}

function offeredSize(name: string, axis: number, rank: number, meaning: Meaning): number {
  if (/past|cache/i.test(name)) return 0;
  if (axis === 0 && rank > 1) return 1;
  if (/batch/i.test(name)) return 1;
  if (meaning === 'image') return axis === 1 ? 3 : 224;
  return 8;
}
