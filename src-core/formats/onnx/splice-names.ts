/** Another name for an initialiser: everything in the graph that calls it by name follows. */

import type { ProtoField, ProtoScan, ProtoSpan } from '../../bytes/proto.ts';
import { MessageWriter } from '../../bytes/proto-writer.ts';
import type { Entry } from '../../model/state-dict.ts';
import { isMadeUp, type ListedTensor, namesOf, pathOf } from './list-tensors.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './model.ts';
import { refuse } from './refuse.ts';
import { appendBytes, replaceBytes, type Splice } from './splice.ts';

const TENSOR_NAME = 8;
const VALUE_NAME = 1;
const NODE_INPUT = 1;

/** The name that a key stands for. @throws `unsupported` where it would be shown as another key. */
export function nameOfKey({ path, within, uses }: ListedTensor, entry: Entry): string {
  const prefix = within.length > 0 ? `${within.join('.')}.` : '';
  if (!entry.key.startsWith(prefix))
    throw refuse(entry, `it belongs to the graph ${prefix.slice(0, -1)}, and stays there`);
  const name = entry.key.slice(prefix.length);
  const shown = pathOf(within, name, uses);
  if (isMadeUp(name) && path.raw === null)
    throw refuse(entry, 'exporters make up such names, and it would be shown under another');
  if ((shown.raw ?? shown.parts.join('.')) !== entry.key)
    throw refuse(entry, `the name ${name} would be shown as another`);
  return name;
}

/** @throws `unsupported` where a rename would break the graph. */
export async function spliceName(
  scan: ProtoScan,
  model: OnnxModel,
  listed: ListedTensor,
  entry: Entry,
): Promise<readonly Splice[]> {
  const { graph, name, origin, uses, tensor } = listed;
  if (!graph)
    throw refuse(
      entry,
      `${name || 'it'} is ${origin === 'sparse' ? 'a part of a sparse tensor' : 'what a node gives'}: only initialisers are renamed`,
    );
  const to = nameOfKey(listed, entry);
  const taken = new Set(allNames(model.graph));
  if (taken.has(to)) throw refuse(entry, `another value of the graph is called ${to}`);
  requireOwn(graph, listed, entry);
  const splices = [await renameField(scan, tensor.span, TENSOR_NAME, to)];
  for (const value of [...graph.inputs, ...graph.values])
    if (value.name === name) splices.push(await renameField(scan, value.span, VALUE_NAME, to));
  for (const node of new Set(uses.map((use) => use.node))) splices.push(...(await renameInputs(scan, node, name, to)));
  return splices;
}

/** Takes out an initialiser that nothing uses. @throws `unsupported` when something does. */
export function spliceOut(listed: ListedTensor, entry: Entry): readonly Splice[] {
  const { graph, tensor, uses, name, origin } = listed;
  if (!graph) throw refuse(entry, origin === 'sparse' ? 'it is a part of a sparse tensor' : 'it belongs to a node');
  const [use] = uses;
  if (use) throw refuse(entry, `${use.node.op} ${use.node.name || use.node.outputs[0]} takes it`);
  requireOwn(graph, listed, entry);
  const spans = [
    tensor.span,
    ...[...graph.inputs, ...graph.values].filter((value) => value.name === name).map(({ span }) => span),
  ];
  return spans.map(({ start, end }) => replaceBytes(start, end, new Uint8Array(0)));
}

function requireOwn(graph: OnnxGraph, { name }: ListedTensor, entry: Entry): void {
  if (graph.initializers.filter((one) => one.name === name).length > 1)
    throw refuse(entry, `two tensors are called ${name}`);
  if (outputNames(graph).includes(name)) throw refuse(entry, `${name} is what the graph gives`);
  if (graph.annotations > 0)
    throw refuse(entry, 'the graph has quantisation annotations, which call tensors by their names');
}

const outputNames = (graph: OnnxGraph): readonly string[] => [
  ...graph.outputs.map(({ name }) => name),
  ...graph.nodes.flatMap(({ graphs }) => graphs.flatMap((inner) => outputNames(inner.graph))),
];

function* allNames(graph: OnnxGraph): Generator<string> {
  yield* namesOf(graph);
  for (const node of graph.nodes) for (const { graph: inner } of node.graphs) yield* allNames(inner);
}

async function renameField(scan: ProtoScan, span: ProtoSpan, number: number, to: string): Promise<Splice> {
  let found: ProtoField | undefined;
  await scan.walk({ at: span.at, end: span.end }, 1, (field) => {
    if (field.number === number) found = field;
  });
  return replaceText(found, span, number, to);
}

async function renameInputs(scan: ProtoScan, { span, inputs }: OnnxNode, name: string, to: string): Promise<Splice[]> {
  const splices: Splice[] = [];
  let at = 0;
  await scan.walk({ at: span.at, end: span.end }, 1, (field) => {
    if (field.number !== NODE_INPUT) return;
    if (inputs[at++] === name) splices.push(replaceText(field, span, NODE_INPUT, to));
  });
  return splices;
}

function replaceText(field: ProtoField | undefined, span: ProtoSpan, number: number, to: string): Splice {
  const bytes = new MessageWriter().text(number, to).done.slice();
  return field ? replaceBytes(field.start, field.end, bytes) : appendBytes(span, bytes);
}
