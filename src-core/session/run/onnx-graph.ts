/** The graph of a document that is an ONNX file, for running it and for looking at its nodes. */
import { StateglassError } from '../../base/errors.ts';
import type { ByteSource, FileId } from '../../bytes/source.ts';
import type { OnnxModel } from '../../formats/onnx/model.ts';
import type { Document } from '../document.ts';

export const isOnnx = ({ state }: Pick<Document, 'state'>): boolean => state.format === 'onnx';

const models = new WeakMap<ByteSource, Promise<OnnxModel>>();

/** As the file has it, without edits. It is scanned once. */
export function readOnnxModel(document: Document, signal?: AbortSignal): Promise<OnnxModel> {
  const { source } = onnxFile(document);
  const known = models.get(source);
  if (known) return known;
  const model = import('../../formats/onnx/scan-model.ts').then(({ scanModel }) => scanModel(source, signal));
  models.set(source, model);
  model.catch(() => models.delete(source));
  return model;
}

/** The file that holds the graph. */
export function onnxFile({ state, files, name }: Document): { readonly id: FileId; readonly source: ByteSource } {
  const id = state.files.find(({ part }) => part === 'model')?.id;
  const source = id === undefined ? undefined : files.get(id);
  if (id === undefined || !source)
    throw new StateglassError({ kind: 'not-found', what: name, detail: 'its file is not open' });
  return { id, source };
}
