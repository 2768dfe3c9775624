/** What a scan of an ONNX file finds: names, shapes and places. Spans are bytes of the file that hold one message. */
import type { ProtoSpan } from '../../bytes/proto.ts';

export interface OnnxModel {
  readonly irVersion: number;
  /** By name of the field: `producer_name`, `producer_version`, `domain`, `model_version`, `doc_string`. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly opsets: readonly Opset[];
  readonly graph: OnnxGraph;
  readonly functions: readonly OnnxFunction[];
  readonly properties: readonly OnnxProperty[];
  /** Graphs that only training runs, counted. */
  readonly trainings: number;
  /** Where the file ends inside a message. */
  readonly cutAt?: number;
}

export interface Opset {
  readonly domain: string;
  readonly version: number;
}

/** An item of `metadata_props`. */
export interface OnnxProperty {
  readonly key: string;
  readonly value: string;
  readonly span: FieldSpan;
}

/** A message with the tag and length that stand before it. */
export interface FieldSpan extends ProtoSpan {
  readonly start: number;
  /** Of the field. */
  readonly number: number;
}

export interface OnnxGraph {
  readonly span: FieldSpan;
  readonly name: string;
  readonly doc: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly sparse: readonly OnnxSparse[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** What is said of inner values: types and shapes, where the exporter wrote them. */
  readonly values: readonly OnnxValue[];
  /** Items of `quantization_annotation`, which name tensors too. */
  readonly annotations: number;
}

export interface OnnxFunction {
  readonly span: FieldSpan;
  readonly name: string;
  readonly domain: string;
  readonly doc: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
}

export interface OnnxNode {
  readonly span: FieldSpan;
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes that hold tensors or graphs; the others are read when somebody looks at the node. */
  readonly tensors: readonly OnnxAttributeTensor[];
  readonly sparse: readonly { readonly attribute: string; readonly within: FieldSpan; readonly sparse: OnnxSparse }[];
  readonly graphs: readonly { readonly attribute: string; readonly within: FieldSpan; readonly graph: OnnxGraph }[];
  /** How many attributes it has. */
  readonly attributes: number;
}

export interface OnnxAttributeTensor {
  readonly attribute: string;
  /** Messages that the tensor is in, below the node: its attribute. */
  readonly within: FieldSpan;
  readonly tensor: OnnxTensor;
  /** Place in a list of tensors. */
  readonly index?: number;
}

/** A tensor as TensorProto holds it. */
export interface OnnxTensor {
  readonly span: FieldSpan;
  readonly name: string;
  readonly doc: string;
  /** As they are written: a negative one means a damaged file. */
  readonly dims: readonly number[];
  /** TensorProto.DataType. */
  readonly type: number;
  readonly raw?: ProtoSpan;
  /** Elements in a field of their own type, in pieces: one where they are packed. */
  readonly typed: readonly TypedPiece[];
  /** Texts of a string tensor. */
  readonly texts: readonly ProtoSpan[];
  /** `location`, `offset`, `length`, `checksum` of external data. */
  readonly external?: ReadonlyMap<string, string>;
  readonly properties: readonly (readonly [key: string, value: string])[];
}

export type TypedField = 'float_data' | 'double_data' | 'int32_data' | 'int64_data' | 'uint64_data';

export interface TypedPiece extends ProtoSpan {
  readonly field: TypedField;
  /** One number with a tag of its own, instead of many in a row. */
  readonly isLone: boolean;
}

export interface OnnxSparse {
  readonly span: FieldSpan;
  readonly values: OnnxTensor;
  readonly indices: OnnxTensor;
  readonly dims: readonly number[];
}

/** A name with its type: an input, an output, or a value inside. */
export interface OnnxValue {
  readonly span: FieldSpan;
  readonly name: string;
  /** Of a tensor. Absent: nobody says it, or it is a sequence, a map… */
  readonly tensor?: { readonly type: number; readonly dims?: readonly OnnxDim[] };
  /** What it is when it is no tensor: `sequence`, `map`, `optional`, `sparse tensor`. */
  readonly other?: string;
}

/** A size, the name of one, or nothing. */
export type OnnxDim = number | string | undefined;
