/** The bytes of an ONNX document with its edits, and of the files its tensors are in, as the runtime takes them. */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { openHandle } from '../../bytes/open-handle.ts';
import type { FileId } from '../../bytes/source.ts';
import type { OnnxModel } from '../../formats/onnx/model.ts';
import { notRunnable } from '../../graph/build.ts';
import type { Document } from '../document.ts';
import type { EditedDocument } from '../edits.ts';
import type { OnnxModel as RuntimeModel } from '../ports.ts';
import { planSave, type SavePlanFile } from '../save.ts';
import { writePlan } from '../write-plan.ts';
import { onnxFile, readOnnxModel } from './onnx-graph.ts';

/** What cannot be run is the whole file. */
const ALL = { path: '' };

type Bytes = Uint8Array<ArrayBuffer>;

/** @throws `limit` when all of it does not fit, `not-runnable` when a file of data is not open, and what saving the edits throws. */
export async function readOnnxBytes(document: Document, signal?: AbortSignal): Promise<RuntimeModel> {
  const { id, source } = onnxFile(document);
  const model = await readOnnxModel(document, signal);
  const data = await findData(document, model);
  const ids = [...new Set([id, ...data.map(({ file }) => file)])];
  const total = ids.reduce((sum, file) => sum + (document.files.get(file)?.size ?? 0), 0);
  requireOnnxRoom(document.name, total);
  const plans = new Map<FileId, SavePlanFile>();
  if (isEdited(document)) for (const plan of (await planSave(document, signal)).files) plans.set(plan.file, plan);
  const read = async (file: FileId): Promise<Bytes> => {
    const plan = plans.get(file);
    const of = document.files.get(file) ?? source;
    return plan && !plan.isCopy ? collect(document, plan, signal) : of.read(0, of.size, signal);
  };
  const bytes = await read(id);
  const named = await Promise.all(data.map(async ({ name, file }) => ({ name, bytes: await read(file) })));
  return { bytes, ...(named.length > 0 && { data: named }) };
}

/** Refuses what the runtime has no room for. @throws `limit`. */
export function requireOnnxRoom(file: string, value: number): void {
  if (value <= LIMITS.runOnnxBytes) return;
  const detail = 'the model is too large to be run here: it has to lie in memory twice';
  throw new StateglassError({ kind: 'limit', file, limit: 'runOnnxBytes', value, max: LIMITS.runOnnxBytes, detail });
}

const isEdited = (document: Document): document is EditedDocument =>
  'base' in document && document.base !== document.state;

/** Files of external data, by the names that tensors have for them. */
async function findData(
  { files, ...document }: Document,
  model: OnnxModel,
): Promise<readonly { readonly name: string; readonly file: FileId }[]> {
  const { ExternalFiles, listLocations } = await import('../../formats/onnx/external.ts');
  const external = new ExternalFiles(onnxFile({ files, ...document }).id, files);
  return listLocations(model).map((name) => {
    const file = external.find(name);
    if (file === undefined)
      throw notRunnable(ALL, `${name}, which holds its weights, is not open`, 'Open it together with the model');
    return { name, file };
  });
}

async function collect({ files }: Document, plan: SavePlanFile, signal: AbortSignal | undefined): Promise<Bytes> {
  const whole = new Uint8Array(plan.size ?? 0);
  const sources = [...files.values()];
  await writePlan(
    plan,
    { write: async (at, bytes) => whole.set(bytes, at) },
    async (handle) => sources.find((source) => source.handle === handle) ?? openHandle(handle),
    signal ? { signal } : {},
  );
  return whole;
}
