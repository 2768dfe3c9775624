import { MessageWriter } from '../bytes/proto-writer.ts';
import type { Attribute, ElementType, Graph, GraphConstant, GraphNode, GraphValue, GraphWeight } from './graph.ts';

/** IR 9 and opset 20: the newest that every operator used here has kernels for on WebGPU and WASM alike. */
const IR_VERSION = 9;
const OPSET = 20;
/** TensorProto.DataType. */
const ELEMENT: Readonly<Record<ElementType, number>> = { f32: 1, i64: 7, bool: 9 };
const ATTRIBUTE = { float: 1, int: 2, text: 3, ints: 7, texts: 8 } as const;
const EXTERNAL = 1;

export interface OnnxOptions {
  /**
   * `inputs`: weights are fed with every run, so that they can be swapped. `constants`: they are named as external data under
   * `externalName`, and the runtime may lay them out for speed.
   */
  readonly weights: 'inputs' | 'constants';
  /** Names of weights that are inputs where the others are constants. */
  readonly fed?: ReadonlySet<string>;
  /** Names of further values to give out. */
  readonly also?: readonly string[];
}

/** Where the runtime looks for the data of a weight. */
export const externalName = ({ name }: Pick<GraphWeight, 'name'>): string => name;

/**
 * A graph as bytes of an ONNX model (`onnx.proto` ModelProto). No weight is in it.
 */
export function toOnnx(graph: Graph, { weights, fed, also = [] }: OnnxOptions): Uint8Array<ArrayBuffer> {
  const isInput = ({ name }: GraphWeight): boolean => weights === 'inputs' || fed?.has(name) === true;
  const outputs = [...graph.outputs, ...also.flatMap((name) => graph.values.get(name) ?? [])];
  const model = new MessageWriter()
    .int(1, IR_VERSION)
    .text(2, 'stateglass')
    .message(7, (g) => {
      for (const node of graph.nodes) g.message(1, (to) => writeNode(to, node));
      g.text(2, 'module');
      for (const constant of graph.constants) g.message(5, (to) => writeConstant(to, constant));
      for (const weight of graph.weights) if (!isInput(weight)) g.message(5, (to) => writeExternal(to, weight));
      for (const input of [...graph.inputs, ...graph.weights.filter(isInput)])
        g.message(11, (to) => writeValue(to, input));
      for (const output of outputs) g.message(12, (to) => writeValue(to, output));
    })
    .message(8, (to) => to.text(1, '').int(2, OPSET));
  return model.done.slice();
}

function writeNode(to: MessageWriter, { op, inputs, outputs, attributes }: GraphNode): void {
  for (const input of inputs) to.text(1, input);
  for (const output of outputs) to.text(2, output);
  // The first output is unique, and carries the path: profiles and errors name the module by it.
  to.text(3, outputs[0] ?? op).text(4, op);
  for (const [name, value] of Object.entries(attributes)) to.message(5, (at) => writeAttribute(at, name, value));
}

function writeAttribute(to: MessageWriter, name: string, value: Attribute): void {
  to.text(1, name);
  if ('float' in value) to.float(2, value.float).int(20, ATTRIBUTE.float);
  else if ('int' in value) to.int(3, value.int).int(20, ATTRIBUTE.int);
  else if ('text' in value) to.text(4, value.text).int(20, ATTRIBUTE.text);
  else if ('texts' in value) {
    for (const text of value.texts) to.text(9, text);
    to.int(20, ATTRIBUTE.texts);
  } else to.ints(8, value.ints).int(20, ATTRIBUTE.ints);
}

function writeConstant(to: MessageWriter, { name, dtype, shape, values }: GraphConstant): void {
  to.ints(1, shape).int(2, ELEMENT[dtype]).text(8, name);
  if (dtype === 'f32') to.bytes(9, new Uint8Array(Float32Array.from(values).buffer));
  else if (dtype === 'i64') to.bytes(9, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  else to.bytes(9, Uint8Array.from(values));
}

function writeExternal(to: MessageWriter, weight: GraphWeight): void {
  to.ints(1, weight.shape).int(2, ELEMENT[weight.dtype]).text(8, weight.name);
  to.message(13, (entry) => entry.text(1, 'location').text(2, externalName(weight))).int(14, EXTERNAL);
}

function writeValue(to: MessageWriter, { name, dtype, shape }: GraphValue): void {
  to.text(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.int(1, ELEMENT[dtype]).message(2, (of) => {
        for (const dim of shape) of.message(1, (at) => (typeof dim === 'number' ? at.int(1, dim) : at.text(2, dim)));
      }),
    ),
  );
}
