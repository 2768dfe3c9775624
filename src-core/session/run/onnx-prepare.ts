/** A model made ready to be asked: inner values as outputs, and samples in the types that there are here. */
import { bufferSource } from '../../bytes/buffer.ts';
import { MessageWriter } from '../../bytes/proto-writer.ts';
import type { OnnxModel, OnnxValue } from '../../formats/onnx/model.ts';
import type { ElementType } from '../../graph/graph.ts';
import { runTypeOf } from './onnx-inputs.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** TensorProto.DataType. */
const ELEMENT: Readonly<Record<ElementType, number>> = { f32: 1, i64: 7, bool: 9 };
const GRAPH = { node: 1, output: 12 } as const;
/** AttributeProto.AttributeType.INT. */
const INT = 2;

/** Name under which an input of another type is fed. */
export const fedName = (name: string): string => `${name}/as fed`;

export interface PreparedModel {
  readonly bytes: Bytes;
  /** Names to feed inputs under, where they are others. */
  readonly feeds: ReadonlyMap<string, string>;
}

/**
 * Splices into a model: `also` are values that it shall give too; an input of f16, i32… takes f32 or i64, and a Cast behind it makes of
 * that what it was. Everything else stays.
 */
export async function prepareOnnx(bytes: Bytes, also: readonly string[]): Promise<PreparedModel> {
  const [{ scanModel }, { appendBytes, replaceBytes, spliceFile }, { feedsOf }, { elementTypeOf }] = await Promise.all([
    import('../../formats/onnx/scan-model.ts'),
    import('../../formats/onnx/splice.ts'),
    import('../../formats/onnx/metadata.ts'),
    import('../../formats/onnx/element-types.ts'),
  ]);
  const model = await scanModel(bufferSource(bytes, 'model'));
  const { graph } = model;
  const feeds = new Map<string, string>();
  const casts = feedsOf(graph).flatMap((value) => {
    const dtype = value.tensor && elementTypeOf(value.tensor.type).dtype;
    const as = runTypeOf(dtype);
    if (!value.tensor || !as || ELEMENT[as] === value.tensor.type) return [];
    feeds.set(value.name, fedName(value.name));
    return [{ value, as, type: value.tensor.type }];
  });
  const splices = casts.map(({ value, as }) => replaceBytes(value.span.start, value.span.end, writeFed(value, as)));
  if (casts.length > 0) {
    const nodes = new MessageWriter();
    for (const { value, type } of casts) nodes.message(GRAPH.node, (to) => writeCast(to, value.name, type));
    splices.push({ ...replaceBytes(graph.span.at, graph.span.at, nodes.done.slice()), inside: graph.span });
  }
  const outputs = new MessageWriter();
  for (const name of also) outputs.message(GRAPH.output, (to) => to.text(1, name));
  if (also.length > 0) splices.push(appendBytes(graph.span, outputs.done.slice()));
  return { bytes: splices.length === 0 ? bytes : assemble(bytes, model, splices, spliceFile), feeds };
}

function writeFed({ name, tensor, span }: OnnxValue, as: ElementType): Bytes {
  const to = new MessageWriter().message(span.number, (value) =>
    value.text(1, fedName(name)).message(2, (type) =>
      type.message(1, (of) =>
        of.int(1, ELEMENT[as]).message(2, (shape) => {
          for (const dim of tensor?.dims ?? [])
            shape.message(1, (at) => {
              if (typeof dim === 'number') at.int(1, dim);
              else if (dim !== undefined) at.text(2, dim);
            });
        }),
      ),
    ),
  );
  return to.done.slice();
}

function writeCast(to: MessageWriter, name: string, type: number): void {
  to.text(1, fedName(name)).text(2, name).text(3, `${name}/cast`).text(4, 'Cast');
  to.message(5, (attribute) => attribute.text(1, 'to').int(3, type).int(20, INT));
}

type SpliceFile = typeof import('../../formats/onnx/splice.ts').spliceFile;

function assemble(bytes: Bytes, model: OnnxModel, splices: Parameters<SpliceFile>[3], splice: SpliceFile): Bytes {
  const { size, parts } = splice('model', bytes.length, model, splices);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts()) {
    if (part.kind !== 'bytes' && part.kind !== 'copy') continue;
    const piece = part.kind === 'bytes' ? part.bytes : bytes.subarray(part.offset, part.offset + part.length);
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
