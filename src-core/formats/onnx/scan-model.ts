/** `onnx.proto` (github.com/onnx/onnx): ModelProto, GraphProto, NodeProto and FunctionProto. Fields come in any order. */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { type ProtoField, ProtoScan, signed } from '../../bytes/proto.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type {
  OnnxAttributeTensor,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxProperty,
  OnnxSparse,
  OnnxTensor,
  OnnxValue,
  Opset,
} from './model.ts';
import { scanPair, scanSparse, scanTensor } from './scan-tensor.ts';
import { scanValue } from './scan-value.ts';

export const ONNX = 'ONNX';

const FACTS: Readonly<Record<number, string>> = {
  2: 'producer_name',
  3: 'producer_version',
  4: 'domain',
  6: 'doc_string',
};

/**
 * Everything an ONNX file says beside the numbers of its tensors. Payloads are skipped: the cost is that of the headers.
 *
 * @throws `malformed` for what is no model, `limit` for too many nodes or too deep subgraphs.
 */
export async function scanModel(source: ByteSource, signal?: AbortSignal): Promise<OnnxModel> {
  const scan = new ModelScan(source, signal);
  return scan.model();
}

class ModelScan {
  private readonly scan: ProtoScan;
  private nodeCount = 0;

  constructor(source: ByteSource, signal?: AbortSignal) {
    this.scan = new ProtoScan(source, ONNX, signal);
  }

  async model(): Promise<OnnxModel> {
    const { scan } = this;
    let irVersion = 0;
    let graph: OnnxGraph | undefined;
    const facts: (readonly [string, string])[] = [];
    const opsets: Opset[] = [];
    const functions: OnnxFunction[] = [];
    const properties: OnnxProperty[] = [];
    let trainings = 0;
    await scan.walk(scan.whole, 1, async (field) => {
      const fact = FACTS[field.number];
      if (fact) facts.push([fact, await scan.text(field)]);
      else if (field.number === 1) irVersion = signed(field.value);
      else if (field.number === 5) facts.push(['model_version', String(signed(field.value))]);
      else if (field.number === 7) graph = await this.graph(field, 2);
      else if (field.number === 8) opsets.push(await this.opset(field));
      else if (field.number === 14) {
        const [key, value] = await scanPair(scan, field, 2);
        properties.push({ key, value, span: field });
      } else if (field.number === 20) trainings++;
      else if (field.number === 25) functions.push(await this.function(field));
    });
    if (!graph) throw scan.fail('it holds no graph', scan.cutAt);
    const { cutAt } = scan;
    return { irVersion, facts, opsets, graph, functions, properties, trainings, ...(cutAt !== undefined && { cutAt }) };
  }

  private async opset(span: ProtoField): Promise<Opset> {
    let [domain, version] = ['', 0];
    await this.scan.walk(span, 2, async (field) => {
      if (field.number === 1) domain = await this.scan.text(field);
      if (field.number === 2) version = signed(field.value);
    });
    return { domain, version };
  }

  private async graph(span: ProtoField, depth: number): Promise<OnnxGraph> {
    const { scan } = this;
    let [name, doc, annotations] = ['', '', 0];
    const nodes: OnnxNode[] = [];
    const initializers: OnnxTensor[] = [];
    const sparse: OnnxSparse[] = [];
    const values: readonly OnnxValue[][] = [[], [], []];
    if (span.wire !== 'bytes') throw scan.fail('a graph that is no message', span.start);
    await scan.walk(span, depth, async (field) => {
      if (field.number === 1) nodes.push(await this.node(field, depth + 1));
      else if (field.number === 2) name = await scan.text(field);
      else if (field.number === 5) initializers.push(await scanTensor(scan, field, depth + 1));
      else if (field.number === 10) doc = await scan.text(field);
      else if (field.number >= 11 && field.number <= 13)
        values[field.number - 11]!.push(await scanValue(scan, field, depth + 1));
      else if (field.number === 15) sparse.push(await scanSparse(scan, field, depth + 1));
      else if (field.number === 14) annotations++;
    });
    const [inputs, outputs, inner] = values as [OnnxValue[], OnnxValue[], OnnxValue[]];
    return { span, name, doc, nodes, initializers, sparse, inputs, outputs, values: inner, annotations };
  }

  private async node(span: ProtoField, depth: number): Promise<OnnxNode> {
    const { scan } = this;
    this.nodeCount++;
    if (this.nodeCount > LIMITS.onnxNodes) throw tooMany(scan.source.name, this.nodeCount);
    let [name, op, domain, attributes] = ['', '', '', 0];
    const inputs: string[] = [];
    const outputs: string[] = [];
    const found: Found = { tensors: [], sparse: [], graphs: [] };
    await scan.walk(span, depth, async (field) => {
      if (field.number === 1) inputs.push(await scan.text(field));
      else if (field.number === 2) outputs.push(await scan.text(field));
      else if (field.number === 3) name = await scan.text(field);
      else if (field.number === 4) op = await scan.text(field);
      else if (field.number === 7) domain = await scan.text(field);
      else if (field.number === 5) {
        attributes++;
        await this.attribute(field, depth + 1, found);
      }
    });
    return { span, name, op, domain, inputs, outputs, attributes, ...found };
  }

  /** What of an attribute holds tensors. Its name may come last. */
  private async attribute(span: ProtoField, depth: number, into: Found): Promise<void> {
    const { scan } = this;
    let name = '';
    const tensors: { tensor: OnnxTensor; index?: number }[] = [];
    const sparse: OnnxSparse[] = [];
    const graphs: OnnxGraph[] = [];
    await scan.walk(span, depth, async (field) => {
      if (field.number === 1) name = await scan.text(field);
      else if (field.number === 5) tensors.push({ tensor: await scanTensor(scan, field, depth + 1) });
      else if (field.number === 10)
        tensors.push({ tensor: await scanTensor(scan, field, depth + 1), index: tensors.length });
      else if (field.number === 6 || field.number === 11) graphs.push(await this.graph(field, depth + 1));
      else if (field.number === 22 || field.number === 23) sparse.push(await scanSparse(scan, field, depth + 1));
    });
    for (const tensor of tensors) into.tensors.push({ attribute: name, within: span, ...tensor });
    for (const one of sparse) into.sparse.push({ attribute: name, within: span, sparse: one });
    for (const [i, graph] of graphs.entries())
      into.graphs.push({ attribute: graphs.length > 1 ? `${name}.${i}` : name, within: span, graph });
  }

  private async function(span: ProtoField): Promise<OnnxFunction> {
    const { scan } = this;
    let [name, domain, doc] = ['', '', ''];
    const inputs: string[] = [];
    const outputs: string[] = [];
    const nodes: OnnxNode[] = [];
    await scan.walk(span, 2, async (field) => {
      if (field.number === 1) name = await scan.text(field);
      else if (field.number === 4) inputs.push(await scan.text(field));
      else if (field.number === 5) outputs.push(await scan.text(field));
      else if (field.number === 7) nodes.push(await this.node(field, 3));
      else if (field.number === 8) doc = await scan.text(field);
      else if (field.number === 10) domain = await scan.text(field);
    });
    return { span, name, domain, doc, inputs, outputs, nodes };
  }
}

interface Found {
  readonly tensors: OnnxAttributeTensor[];
  readonly sparse: OnnxNode['sparse'][number][];
  readonly graphs: OnnxNode['graphs'][number][];
}

const tooMany = (file: string, value: number): StateglassError =>
  new StateglassError({
    kind: 'limit',
    file,
    limit: 'onnxNodes',
    value,
    max: LIMITS.onnxNodes,
    detail: 'there are too many nodes for one document',
  });
