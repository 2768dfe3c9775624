/** A file with some of its bytes replaced: messages around them get their new lengths, all else stays as it is. */

import type { ProtoSpan } from '../../bytes/proto.ts';
import type { FileId } from '../../bytes/source.ts';
import { appendVarint } from '../../bytes/varints.ts';
import type { Part } from '../format.ts';
import type { FieldSpan, OnnxGraph, OnnxModel, OnnxNode } from './model.ts';

/** Bytes [start, end) become those of the parts, `length` in all. Edits do not overlap. */
export interface Splice {
  /** The message that is edited, or what is replaced of one: where something is put in, places alone do not tell whose end it is. */
  readonly inside: ProtoSpan;
  readonly start: number;
  readonly end: number;
  readonly length: number;
  readonly parts: readonly Part[];
}

export const replaceBytes = (start: number, end: number, bytes: Uint8Array<ArrayBuffer>): Splice => ({
  inside: { at: start, end },
  start,
  end,
  length: bytes.length,
  parts: bytes.length > 0 ? [{ kind: 'bytes', bytes }] : [],
});

/** Puts bytes at the end of a message. */
export const appendBytes = (inside: ProtoSpan, bytes: Uint8Array<ArrayBuffer>): Splice => ({
  ...replaceBytes(inside.end, inside.end, bytes),
  inside,
});

/** The size of the file after the edits, and its parts. */
export function spliceFile(
  file: FileId,
  size: number,
  model: OnnxModel,
  splices: readonly Splice[],
): { readonly size: number; readonly parts: () => Iterable<Part> } {
  const all = [...splices];
  // From the inside out: a longer message makes those around it longer.
  for (const span of spansAround(model, splices)) {
    const grown = all.reduce((sum, splice) => sum + (holds(span, splice) ? growthOf(splice) : 0), 0);
    if (grown !== 0) all.push(replaceBytes(span.start, span.at, headOf(span.number, span.end - span.at + grown)));
  }
  all.sort((a, b) => a.start - b.start || a.end - b.end);
  const change = all.reduce((sum, splice) => sum + growthOf(splice), 0);
  function* parts(): Generator<Part> {
    let at = 0;
    for (const { start, end, parts: put } of all) {
      if (start > at) yield { kind: 'copy', file, offset: at, length: start - at };
      yield* put;
      at = end;
    }
    if (at < size) yield { kind: 'copy', file, offset: at, length: size - at };
  }
  return { size: size + change, parts };
}

/** Tag and length of a message. */
export function headOf(number: number, length: number): Uint8Array<ArrayBuffer> {
  const head: number[] = [];
  appendVarint(head, number * 8 + 2);
  appendVarint(head, length);
  return Uint8Array.from(head);
}

const holds = ({ at, end }: FieldSpan, { inside }: Splice): boolean => inside.at >= at && inside.end <= end;
const growthOf = ({ start, end, length }: Splice): number => length - end + start;

/** Messages that hold one of the edits, the innermost first. */
function spansAround(model: OnnxModel, splices: readonly Splice[]): readonly FieldSpan[] {
  const sorted = splices.map(({ inside }) => inside).sort((a, b) => a.at - b.at);
  const touches = ({ at, end }: FieldSpan) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as ProtoSpan).at >= at) high = middle;
      else low = middle + 1;
    }
    const first = sorted[low];
    return first !== undefined && first.end <= end;
  };
  const found = [...listSpans(model)].filter(touches);
  return found.sort((a, b) => a.end - a.at - (b.end - b.at) || b.at - a.at);
}

/** Every message that something in it may be edited in. */
function* listSpans({ graph, functions, properties }: OnnxModel): Generator<FieldSpan> {
  yield* spansOfGraph(graph);
  for (const { span, nodes } of functions) {
    yield span;
    yield* spansOfNodes(nodes);
  }
  for (const { span } of properties) yield span;
}

function* spansOfGraph(graph: OnnxGraph): Generator<FieldSpan> {
  yield graph.span;
  for (const { span } of [...graph.initializers, ...graph.inputs, ...graph.outputs, ...graph.values]) yield span;
  for (const { span, values, indices } of graph.sparse) yield* [span, values.span, indices.span];
  yield* spansOfNodes(graph.nodes);
}

function* spansOfNodes(nodes: readonly OnnxNode[]): Generator<FieldSpan> {
  for (const { span, tensors, sparse, graphs } of nodes) {
    yield span;
    const within = new Set([...tensors, ...sparse, ...graphs].map((one) => one.within));
    yield* within;
    for (const { tensor } of tensors) yield tensor.span;
    for (const { sparse: one } of sparse) yield* [one.span, one.values.span, one.indices.span];
    for (const { graph } of graphs) yield* spansOfGraph(graph);
  }
}
