/** The nodes of a graph: what each computes, and which tensor feeds which. */
import { StateglassError } from '../base/errors.ts';
import { ProtoScan } from '../bytes/proto.ts';
import type { NodeAttribute } from '../formats/onnx/attributes.ts';
import type { OnnxNode } from '../formats/onnx/model.ts';
import { splitSlashed } from '../model/keys/slashed.ts';
import type { EntryId, StateDict } from '../model/state-dict.ts';
import type { Document } from './document.ts';
import { isOnnx, onnxFile, readOnnxModel } from './run/onnx-graph.ts';

export type { NodeAttribute } from '../formats/onnx/attributes.ts';

export interface GraphNodeInfo {
  readonly op: string;
  /** Empty for the operators of ONNX itself. */
  readonly domain: string;
  /** Its own, or what it gives where it has none. */
  readonly name: string;
  /** The graph or function that it is in, by the nodes around it; empty for the main graph. */
  readonly within: string;
  readonly inputs: readonly GraphNodeInput[];
  readonly outputs: readonly string[];
  /** How many it has. */
  readonly attributes: number;
}

export interface GraphNodeInput {
  /** Of the value; empty for an optional one that is left out. */
  readonly name: string;
  /** The entry that it is. */
  readonly entry?: EntryId;
}

/** Whether a document has a graph whose nodes can be listed. */
export const hasGraph = (document: Pick<Document, 'state'>): boolean => isOnnx(document);

/** All nodes in the order of the file, those of graphs inside after the node that has them. Empty for a document without a graph. */
export async function listGraphNodes(document: Document, signal?: AbortSignal): Promise<readonly GraphNodeInfo[]> {
  const found: GraphNodeInfo[] = [];
  if (!hasGraph(document)) return found;
  const { nameOfNode } = await import('../formats/onnx/list-tensors.ts');
  const places = await findPlaces(document, signal);
  for (const { node, within } of await eachPlaced(document, signal)) {
    found.push({
      op: node.op,
      domain: node.domain,
      name: nameOfNode(node),
      within: within.join('.'),
      inputs: node.inputs.map((name) => {
        const entry = places(name, within);
        return { name, ...(entry !== undefined && { entry }) };
      }),
      outputs: node.outputs,
      attributes: node.attributes,
    });
  }
  return found;
}

/** What is set of one node, by its place in `listGraphNodes`. @throws `not-found` when there is none. */
export async function readNodeAttributes(
  document: Document,
  index: number,
  signal?: AbortSignal,
): Promise<readonly NodeAttribute[]> {
  const placed = hasGraph(document) ? (await eachPlaced(document, signal))[index] : undefined;
  if (!placed) throw new StateglassError({ kind: 'not-found', what: `node ${index}`, detail: 'there is no such node' });
  const { readAttributes } = await import('../formats/onnx/attributes.ts');
  return readAttributes(new ProtoScan(onnxFile(document).source, 'ONNX', signal), placed.node);
}

interface Placed {
  readonly node: OnnxNode;
  readonly within: readonly string[];
}

async function eachPlaced(document: Document, signal?: AbortSignal): Promise<readonly Placed[]> {
  const { nameOfNode } = await import('../formats/onnx/list-tensors.ts');
  const { graph, functions } = await readOnnxModel(document, signal);
  const found: Placed[] = [];
  const visit = (nodes: readonly OnnxNode[], within: readonly string[]) => {
    for (const node of nodes) {
      found.push({ node, within });
      for (const { graph: inner, attribute } of node.graphs)
        visit(inner.nodes, [...within, ...splitSlashed(nameOfNode(node)), attribute]);
    }
  };
  visit(graph.nodes, []);
  for (const { name, nodes } of functions) visit(nodes, ['functions', name]);
  return found;
}

/** The entry that a name means in a graph: its own, or one of a graph around it. */
async function findPlaces(document: Document, signal?: AbortSignal) {
  const { listTensors } = await import('../formats/onnx/list-tensors.ts');
  const rows = rowsBySource(document.state);
  const known = new Map<string, EntryId>();
  for (const [source, { name, within, part }] of listTensors(await readOnnxModel(document, signal)).entries()) {
    const row = rows(source);
    // Of a sparse tensor, its values.
    if (name !== '' && row !== undefined && part?.part !== 'indices') known.set(placeOf(within, name), row);
  }
  return (name: string, within: readonly string[]): EntryId | undefined => {
    // A function sees nothing of the graph that calls it.
    const outermost = within[0] === 'functions' ? 2 : 0;
    for (let depth = within.length; depth >= outermost && name !== ''; depth--) {
      const found = known.get(placeOf(within.slice(0, depth), name));
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

const placeOf = (within: readonly string[], name: string): string => [...within, name].join('\0');

/** Where rows of the file are after edits. */
function rowsBySource({ entries }: StateDict): (source: EntryId) => EntryId | undefined {
  const rows = new Map<EntryId, EntryId>();
  for (let row = 0; row < entries.length; row++) {
    const { source = row } = entries.at(row);
    if (source !== null) rows.set(source, row);
  }
  return (source) => rows.get(source);
}
