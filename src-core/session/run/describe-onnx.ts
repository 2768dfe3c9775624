/** Whether and how an ONNX file is run: as it is, by what its graph declares. */
import { toErrorInfo } from '../../base/errors.ts';
import type { OnnxGraph, OnnxModel } from '../../formats/onnx/model.ts';
import { notRunnable } from '../../graph/build.ts';
import type { InputSpec } from '../../graph/graph.ts';
import { bitsOf, countElements } from '../../tensor/dtype.ts';
import type { Document } from '../document.ts';
import type { ModuleChoice, NotRunnable, RunDescription } from './describe-run.ts';
import type { RunFacts } from './facts.ts';
import type { RunForecast } from './forecast.ts';
import { requireOnnxRoom } from './onnx-bytes.ts';
import { readOnnxModel } from './onnx-graph.ts';
import { describeInput, describeOutput, type TypeOf } from './onnx-inputs.ts';

export const ONNX_KIND = 'ONNX graph';

type Described = Omit<RunDescription, 'tokeniser' | 'tokeniserError'>;

export async function describeOnnx(
  document: Document,
  { node, shapes = {} }: Pick<ModuleChoice, 'node' | 'shapes'>,
  path: string,
  facts: RunFacts,
  signal?: AbortSignal,
): Promise<Described | NotRunnable> {
  try {
    if (node !== 0)
      throw notRunnable({ path }, 'an ONNX file is run as a whole', 'Run all of it, and look at what is inside');
    const model = await readOnnxModel(document, signal);
    const { typeOf, feeds } = await readTypes(model);
    const inputs = feeds.map((value) => describeInput(model.graph, value, typeOf));
    const forecast = forecastOnnx(model.graph, inputs, shapes, typeOf);
    requireOnnxRoom(document.name, forecast.weights);
    return {
      path: '',
      kind: ONNX_KIND,
      assumptions: [],
      inputs,
      outputs: model.graph.outputs.map((value) => describeOutput(value, typeOf)),
      taps: listInner(model.graph),
      forecast,
      ...(facts.labels && { labels: facts.labels }),
    };
  } catch (error) {
    return {
      path,
      error: toErrorInfo(error),
      choices: node === 0 ? [] : [{ node: 0, path: 'all of it', kind: ONNX_KIND }],
    };
  }
}

async function readTypes({ graph }: OnnxModel) {
  const [{ elementTypeOf }, { feedsOf }] = await Promise.all([
    import('../../formats/onnx/element-types.ts'),
    import('../../formats/onnx/metadata.ts'),
  ]);
  const typeOf: TypeOf = (type) => elementTypeOf(type).dtype;
  return { typeOf, feeds: feedsOf(graph) };
}

/** Values inside that can be asked for: what nodes give, but for constants and what comes out anyway. */
export function listInner({ nodes, outputs }: OnnxGraph): readonly string[] {
  const given = new Set(['', ...outputs.map(({ name }) => name)]);
  return nodes.flatMap((node) => (node.op === 'Constant' ? [] : node.outputs.filter((name) => !given.has(name))));
}

/** Weights as they are stored; values on the way as far as the file says their shapes. */
function forecastOnnx(
  graph: OnnxGraph,
  inputs: readonly InputSpec[],
  shapes: NonNullable<ModuleChoice['shapes']>,
  typeOf: TypeOf,
): RunForecast {
  const sizes = new Map<string, number>();
  for (const { name, dims } of inputs)
    for (const [axis, { free, size }] of dims.entries()) {
      const given = shapes[name]?.[axis];
      if (free !== undefined) sizes.set(free, typeof given === 'number' ? given : size);
    }
  const bytesOf = (type: number, shape: readonly number[]) =>
    (countElements(shape) * (bitsOf(typeOf(type) ?? 'u8') ?? 8)) / 8;
  const weights = graph.initializers.map(({ type, dims }) => bytesOf(type, dims));
  let values = 0;
  for (const { tensor } of [...graph.values, ...graph.outputs])
    if (tensor?.dims)
      values += bytesOf(
        tensor.type,
        tensor.dims.map((dim) => (typeof dim === 'number' ? Math.max(0, dim) : (sizes.get(dim ?? '') ?? 1))),
      );
  return {
    weights: weights.reduce((sum, n) => sum + n, 0),
    largestWeight: weights.reduce((a, b) => Math.max(a, b), 0),
    values,
  };
}
