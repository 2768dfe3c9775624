/** Every tensor of a model with the path it is shown under and the nodes that use it. */
import type { KeyPath, PartKind } from '../../model/keys/key.ts';
import { slashedPath, splitSlashed } from '../../model/keys/slashed.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxSparse, OnnxTensor } from './model.ts';

export type TensorOrigin = 'initializer' | 'constant' | 'sparse';

export interface ListedTensor {
  readonly tensor: OnnxTensor;
  readonly path: KeyPath;
  readonly origin: TensorOrigin;
  /** The name that nodes know it by; empty for one that only an attribute has. */
  readonly name: string;
  /** The graph that it is an initialiser of, and the path of that graph. */
  readonly graph?: OnnxGraph;
  readonly within: readonly string[];
  /** Nodes that take it. */
  readonly uses: readonly TensorUse[];
  /** For a part of a sparse tensor: the whole. */
  readonly part?: { readonly of: OnnxSparse; readonly part: 'values' | 'indices' };
}

export interface TensorUse {
  readonly node: OnnxNode;
  /** Position among the node's inputs. */
  readonly input: number;
}

/** Initialisers first, then what nodes hold, graph by graph. */
export function listTensors(model: OnnxModel): readonly ListedTensor[] {
  const found: ListedTensor[] = [];
  listGraph(model.graph, [], findUses(model.graph), found);
  for (const { name, nodes } of model.functions) listNodes(nodes, ['functions', name], findUses({ nodes }), found);
  return found;
}

type Uses = ReadonlyMap<string, readonly TensorUse[]>;

function listGraph(graph: OnnxGraph, within: readonly string[], uses: Uses, into: ListedTensor[]): void {
  for (const tensor of graph.initializers) {
    const { name } = tensor;
    const users = uses.get(name) ?? [];
    into.push({ tensor, name, origin: 'initializer', graph, within, uses: users, path: pathOf(within, name, users) });
  }
  for (const sparse of graph.sparse) {
    const { name } = sparse.values;
    listSparse(sparse, within, splitSlashed(name), name, uses.get(name) ?? [], into);
  }
  listNodes(graph.nodes, within, uses, into);
}

function listNodes(nodes: readonly OnnxNode[], within: readonly string[], uses: Uses, into: ListedTensor[]): void {
  for (const node of nodes) {
    const isConstant = node.op === 'Constant' && node.outputs[0] !== undefined;
    const name = isConstant ? (node.outputs[0] as string) : '';
    const users = uses.get(name) ?? [];
    for (const { tensor, attribute, index } of node.tensors) {
      const path = isConstant
        ? pathOf(within, name, users)
        : nested([
            ...within,
            ...splitSlashed(nameOfNode(node)),
            attribute,
            ...(index === undefined ? [] : [String(index)]),
          ]);
      into.push({ tensor, name, origin: 'constant', within, uses: users, path });
    }
    for (const { sparse, attribute } of node.sparse)
      listSparse(
        sparse,
        within,
        isConstant ? splitSlashed(name) : [...splitSlashed(nameOfNode(node)), attribute],
        name,
        users,
        into,
      );
    for (const { graph, attribute } of node.graphs)
      listGraph(graph, [...within, ...splitSlashed(nameOfNode(node)), attribute], findUses(graph), into);
  }
}

function listSparse(
  of: OnnxSparse,
  within: readonly string[],
  own: readonly string[],
  name: string,
  uses: readonly TensorUse[],
  into: ListedTensor[],
): void {
  for (const part of ['values', 'indices'] as const)
    into.push({
      tensor: of[part],
      name,
      origin: 'sparse',
      within,
      uses,
      path: nested([...within, ...own, part]),
      part: { of, part },
    });
}

/** A node without a name is known by what it gives. */
export const nameOfNode = (node: OnnxNode): string => node.name || node.outputs.find((name) => name !== '') || node.op;

/** Names that exporters make up where the module's own is lost: by folding a transpose into it, or in older tracers. */
const MADE_UP = /^(?:onnx::.+|\d+|_v_\d+|val_\d+)$/;

export const isMadeUp = (name: string): boolean => MADE_UP.test(name);

/** By its own name; one that was made up is put beside the other tensors of the module whose node takes it. */
export function pathOf(within: readonly string[], name: string, uses: readonly TensorUse[]): KeyPath {
  const [first] = uses;
  if (isMadeUp(name) && first) return nested([...within, ...moduleOf(first.node), name]);
  return within.length === 0 ? slashedPath(name) : nested([...within, ...splitSlashed(name)]);
}

/** `/model/layers.0/q_proj/MatMul` is the MatMul of `model.layers.0.q_proj`. */
function moduleOf(node: OnnxNode): readonly string[] {
  const parts = splitSlashed(nameOfNode(node));
  const isOwn = parts.length > 1 && parts.at(-1)?.toLowerCase().startsWith(node.op.toLowerCase());
  return isOwn ? parts.slice(0, -1) : parts;
}

const nested = (parts: readonly string[]): KeyPath => ({
  parts,
  kinds: parts.map((): PartKind => 'unknown'),
  raw: null,
});

/** Who takes each name that is defined in a graph: its own nodes, and those of graphs inside that do not define it anew. */
function findUses(graph: Pick<OnnxGraph, 'nodes'>): Uses {
  const uses = new Map<string, TensorUse[]>();
  const visit = (nodes: readonly OnnxNode[], hidden: ReadonlySet<string>) => {
    for (const node of nodes) {
      for (const [input, name] of node.inputs.entries()) {
        if (name === '' || hidden.has(name)) continue;
        const known = uses.get(name);
        if (known) known.push({ node, input });
        else uses.set(name, [{ node, input }]);
      }
      for (const { graph: inner } of node.graphs) visit(inner.nodes, new Set([...hidden, ...namesOf(inner)]));
    }
  };
  visit(graph.nodes, new Set());
  return uses;
}

/** Names that a graph defines. */
export function namesOf({ inputs, initializers, sparse, nodes }: OnnxGraph): readonly string[] {
  return [
    ...inputs.map(({ name }) => name),
    ...initializers.map(({ name }) => name),
    ...sparse.map(({ values }) => values.name),
    ...nodes.flatMap(({ outputs }) => outputs),
  ];
}
