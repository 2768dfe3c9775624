import type { JsonNode, MetaItem } from '../../model/state-dict.ts';
import { dtypeLabel } from '../../tensor/dtype.ts';
import { elementTypeOf } from './element-types.ts';
import { type ListedTensor, nameOfNode } from './list-tensors.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './model.ts';

export const PROPERTIES = 'metadata_props';

/** What a model says beside its tensors. */
export function listMetadata(model: OnnxModel): readonly MetaItem[] {
  const { graph, functions } = model;
  return [
    item('model', 'ir_version', number(model.irVersion)),
    ...model.facts.map(([key, value]) => item('model', key, text(value))),
    ...(model.trainings > 0 ? [item('model', 'training_info', number(model.trainings))] : []),
    ...model.opsets.map(({ domain, version }) => item('opset_import', domain || 'ai.onnx', number(version))),
    ...model.properties.map(({ key, value }) => item(PROPERTIES, key, text(value))),
    item('graph', 'name', text(graph.name)),
    ...(graph.doc ? [item('graph', 'doc_string', text(graph.doc))] : []),
    item('graph', 'nodes', number(countNodes(graph.nodes))),
    ...functions.map(({ domain, name, inputs, outputs, nodes }) =>
      item(
        'functions',
        `${domain}.${name}`,
        text(`(${inputs.join(', ')}) → (${outputs.join(', ')}), ${nodes.length} nodes`),
      ),
    ),
    ...feedsOf(graph).map((value) => item('inputs', value.name, text(typeText(value)))),
    ...graph.outputs.map((value) => item('outputs', value.name, text(typeText(value)))),
  ];
}

/** Inputs that have to be given: older files list their initialisers among them. */
export function feedsOf({ inputs, initializers, sparse }: OnnxGraph): readonly OnnxValue[] {
  const held = new Set([...initializers.map(({ name }) => name), ...sparse.map(({ values }) => values.name)]);
  return inputs.filter(({ name }) => !held.has(name));
}

function countNodes(nodes: readonly OnnxNode[]): number {
  return nodes.reduce((sum, { graphs }) => sum + graphs.reduce((n, { graph }) => n + countNodes(graph.nodes), 1), 0);
}

/** `f32 [batch, 3, 224, 224]`; `?` for a size that has neither number nor name. */
export function typeText({ tensor, other }: OnnxValue): string {
  if (!tensor) return other ?? 'of no declared type';
  const { name, dtype } = elementTypeOf(tensor.type);
  const word = dtype ? dtypeLabel(dtype) : name.toLowerCase();
  return tensor.dims ? `${word} [${tensor.dims.map((dim) => dim ?? '?').join(', ')}]` : word;
}

/** Users told of one tensor; a constant such as 1 may have hundreds. */
const TOLD = 16;

/** What stands beside one tensor, and which nodes take it. */
export function listTensorMeta({ tensor, name, path, uses, part }: ListedTensor): readonly MetaItem[] {
  const users = uses.slice(0, TOLD).map(({ node, input }) => text(`${node.op} ${nameOfNode(node)}, input ${input}`));
  if (uses.length > TOLD) users.push(text(`and ${uses.length - TOLD} more`));
  return [
    ...(name !== '' && name !== path.raw ? [item('onnx', 'name', text(name))] : []),
    ...(users.length > 0 ? [item('onnx', 'used by', { kind: 'array', items: users })] : []),
    ...(part
      ? [item('onnx', `${part.part} of a sparse tensor of shape`, { kind: 'array', items: part.of.dims.map(number) })]
      : []),
    ...(tensor.doc ? [item('onnx', 'doc_string', text(tensor.doc))] : []),
    ...tensor.properties.map(([key, value]) => item(PROPERTIES, key, text(value))),
  ];
}

const item = (section: string, key: string, value: JsonNode): MetaItem => ({ section, key, value });
const text = (value: string): JsonNode => ({ kind: 'string', value });
const number = (value: number): JsonNode => ({ kind: 'number', lexeme: String(value) });
