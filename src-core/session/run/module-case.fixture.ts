import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeSource } from '../../bytes/node.ts';
import type { AssumedValue, AssumptionName, Correction } from '../../graph/assumptions.ts';
import type { Graph, GraphWeight } from '../../graph/graph.ts';
import { lowerModule } from '../../graph/lower-module.ts';
import { type ModuleNode, openModule, tensorsBelow } from '../../graph/module-node.ts';
import { externalName, toOnnx } from '../../graph/to-onnx.ts';
import { findNode } from '../../model/find-node.ts';
import type { ModuleTree } from '../../model/module-tree.ts';
import { buildTree } from '../../model/tree.ts';
import type { Document } from '../document.ts';
import { openFiles } from '../open.ts';
import type { Runner, RunTensor } from '../ports.ts';
import { readValues } from '../values.ts';
import { readFacts } from './facts.ts';
import { readWeight } from './read-weight.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/modules');

/** What the library that made a fixture says of it. */
export interface ModuleGolden {
  readonly library: string;
  /** Path of the module in its file; '' for the root. */
  readonly module: string;
  readonly kind: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly printed?: string;
  /** What a person has to correct, by `path.name`. */
  readonly assume?: Readonly<Record<string, AssumedValue>>;
  /** Corrections of which each gives another answer. */
  readonly wrong?: readonly Readonly<Record<string, AssumedValue>>[];
}

export interface ModuleCase {
  readonly golden: ModuleGolden;
  readonly document: Document;
  readonly tree: ModuleTree;
  readonly node: number;
  readonly inputs: Readonly<Record<string, RunTensor>>;
  readonly outputs: Readonly<Record<string, RunTensor>>;
  readonly taps: Readonly<Record<string, RunTensor>>;
}

export const caseNames: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));

/** Of a GGUF the golden has the file's whole name: `llama-f32.gguf`. */
export const isGguf = (name: string): boolean => name.endsWith('.gguf');

export const readGolden = (name: string): ModuleGolden =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));

export async function openCase(name: string): Promise<ModuleCase> {
  const golden = readGolden(name);
  const document = await openFixture(isGguf(name) ? name : `${name}.safetensors`);
  const tree = buildTree(document.state.entries.columns());
  const node = findNode(tree, golden.module);
  if (node === undefined) throw new Error(`${name} has no module ${golden.module}`);
  const io = await readTensors(await openFixture(`${name}.io.safetensors`));
  const group = (of: string) =>
    Object.fromEntries(
      [...io].filter(([key]) => key.startsWith(of)).map(([key, tensor]) => [key.slice(of.length), tensor]),
    );
  return { golden, document, tree, node, inputs: group('input.'), outputs: group('output.'), taps: group('tap.') };
}

export interface CaseOptions {
  readonly assume?: ModuleGolden['assume'];
  readonly taps?: readonly string[];
  /** `inputs` when absent. */
  readonly weights?: 'inputs' | 'constants';
}

/** Runs the module of a case on its sample: only with what its golden says of it. */
export async function runCase(
  { golden, document, tree, node, inputs }: ModuleCase,
  runner: Runner,
  { assume, taps = [], weights = 'inputs' }: CaseOptions,
): Promise<{ kind: string; outputs: Record<string, RunTensor>; taps: Record<string, RunTensor> }> {
  const module = openModule(document.state.entries, tree, node);
  const { config, printed } = golden;
  const { kind, graph } = lowerModule(module, {
    corrections: correctionsOf(assume),
    // What is beside a GGUF's weights is in the file.
    facts: {
      ...(document.state.format === 'gguf' && (await readFacts(document))),
      ...(config && { config }),
      ...(printed !== undefined && { printed }),
    },
    shapes: Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape])),
  });
  const tapped = graph.taps.filter(({ path }) => taps.includes(path));
  const also = [...new Set(tapped.map(({ value }) => value))];
  const bound = await readGraphWeights(document, graph, module);
  const data = [...bound.keys()].map((weight) => ({ name: externalName(weight), held: `case ${weight.name}` }));
  if (weights === 'constants')
    for (const [weight, tensor] of bound) await runner.hold(`case ${weight.name}`, tensor, 'wasm');
  const bytes = toOnnx(graph, { weights, also });
  const started = await runner.start(weights === 'inputs' ? { bytes } : { bytes, data }, { backend: 'wasm' });
  try {
    const fed = weights === 'inputs' ? Object.fromEntries([...bound].map(([{ name }, held]) => [name, held])) : {};
    const found = await started.run({ ...inputs, ...fed }, [...graph.outputs.map(({ name }) => name), ...also]);
    return {
      kind,
      outputs: Object.fromEntries(graph.outputs.map(({ label, name }) => [label, found[name]!])),
      taps: Object.fromEntries(tapped.map(({ path, value }) => [path, found[value]!])),
    };
  } finally {
    await started.release();
  }
}

async function readGraphWeights(
  document: Document,
  graph: Graph,
  module: ModuleNode,
): Promise<Map<GraphWeight, RunTensor & { dtype: 'f32' }>> {
  const tensors = tensorsBelow(module);
  const bound = new Map<GraphWeight, RunTensor & { dtype: 'f32' }>();
  for (const weight of graph.weights) {
    const data = await readWeight(document, tensors.get(weight.path)!.row);
    bound.set(weight, { dtype: 'f32', shape: weight.shape, data });
  }
  return bound;
}

/** `{"h.0.attn.heads": 4}` as corrections; a name alone is one of every module. */
export const correctionsOf = (named: Readonly<Record<string, AssumedValue>> = {}): Correction[] =>
  Object.entries(named).map(([place, value]) => {
    const dot = place.lastIndexOf('.');
    const name = place.slice(dot + 1) as AssumptionName;
    return dot === -1 ? { name, value } : { path: place.slice(0, dot), name, value };
  });

async function openFixture(name: string): Promise<Document> {
  const { documents } = await openFiles([{ id: name, source: await nodeSource(join(FOLDER, name)) }]);
  return documents[0]!;
}

async function readTensors(document: Document): Promise<Map<string, RunTensor>> {
  const { entries } = document.state;
  const tensors = new Map<string, RunTensor>();
  for (let row = 0; row < entries.length; row++) {
    const { key, id } = entries.at(row);
    const { values, shape } = await readValues(document, id);
    tensors.set(
      key,
      values instanceof Float64Array
        ? { dtype: 'f32', shape, data: Float32Array.from(values) }
        : { dtype: 'i64', shape, data: BigInt64Array.from(values as Iterable<bigint>) },
    );
  }
  return tensors;
}
