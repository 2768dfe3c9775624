import { StateglassError } from '../../base/errors.ts';
import type { Assumption, Correction, Facts } from '../../graph/assumptions.ts';
import type { Graph, GraphOutput, InputSpec } from '../../graph/graph.ts';
import { type Lowered, lowerModule } from '../../graph/lower-module.ts';
import { type ModuleNode, openModule, tensorsBelow } from '../../graph/module-node.ts';
import { toOnnx } from '../../graph/to-onnx.ts';
import type { ModuleTree } from '../../model/module-tree.ts';
import type { Document } from '../document.ts';
import type { Backend, Runner, RunTensor } from '../ports.ts';
import { readWeight } from './read-weights.ts';

export interface RunRequest {
  /** Tree node of the module. */
  readonly node: number;
  readonly corrections?: readonly Correction[];
  readonly facts?: Facts;
  /** A sample for every input. */
  readonly inputs: Readonly<Record<string, RunTensor>>;
  /** Paths of modules inside whose outputs are wanted too. */
  readonly taps?: readonly string[];
  readonly backend?: Backend;
}

export interface RunOutput {
  readonly label: string;
  readonly tensor: RunTensor;
  readonly updates?: string;
}

export interface RunAnswer {
  readonly kind: string;
  readonly assumptions: readonly Assumption[];
  readonly inputs: readonly InputSpec[];
  readonly backend: Backend;
  readonly outputs: readonly RunOutput[];
  /** What the modules inside gave, by path. */
  readonly taps: Readonly<Record<string, RunTensor>>;
}

/**
 * Runs one module of a document on a sample.
 *
 * @throws `not-runnable`, `bad-input` for a sample that does not fit, and what reading the weights throws.
 */
export async function runModule(
  document: Document,
  tree: ModuleTree,
  request: RunRequest,
  runner: Runner,
  signal?: AbortSignal,
): Promise<RunAnswer> {
  const module = openModule(document.state.entries, tree, request.node);
  const shapes = Object.fromEntries(Object.entries(request.inputs).map(([name, { shape }]) => [name, shape]));
  const lowered = lowerModule(module, { ...request, shapes });
  const { graph } = lowered;
  const tapped = graph.taps.filter(({ path }) => request.taps?.includes(path));
  const started = await runner.start(
    { bytes: toOnnx(graph, { weights: 'inputs', also: tapped.map(({ value }) => value) }) },
    request.backend ?? 'wasm',
  );
  try {
    const weights = await readGraphWeights(document, graph, module, signal);
    const found = await started.run({ ...feedsOf(lowered, request.inputs), ...weights }, [
      ...graph.outputs.map(({ name }) => name),
      ...tapped.map(({ value }) => value),
    ]);
    const take = (name: string): RunTensor => found[name]!;
    return {
      kind: lowered.kind,
      assumptions: lowered.assumptions,
      inputs: lowered.inputs,
      backend: started.backend,
      outputs: graph.outputs.map((output: GraphOutput) => ({
        label: output.label,
        tensor: take(output.name),
        ...(output.updates !== undefined && { updates: output.updates }),
      })),
      taps: Object.fromEntries(tapped.map(({ path, value }) => [path, take(value)])),
    };
  } finally {
    await started.release();
  }
}

function feedsOf({ graph }: Lowered, inputs: RunRequest['inputs']): Record<string, RunTensor> {
  return Object.fromEntries(
    graph.inputs.map(({ name }) => {
      const sample = inputs[name];
      if (!sample) throw new StateglassError({ kind: 'bad-input', detail: `there is no sample for the input ${name}` });
      return [name, sample];
    }),
  );
}

/** @throws `not-found` for a weight that the module has not: its layers are not alike. */
async function readGraphWeights(
  document: Document,
  graph: Graph,
  module: ModuleNode,
  signal?: AbortSignal,
): Promise<Record<string, RunTensor>> {
  const tensors = tensorsBelow(module);
  const weights: Record<string, RunTensor> = {};
  for (const { name, path, shape } of graph.weights) {
    const tensor = tensors.get(path);
    if (!tensor) throw new StateglassError({ kind: 'not-found', what: path, detail: 'the module has no such weight' });
    weights[name] = { dtype: 'f32', shape, data: await readWeight(document, tensor.row, signal) };
  }
  return weights;
}
