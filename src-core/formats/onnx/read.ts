import { throwIfAborted } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { decodeText } from '../../bytes/wtf8.ts';
import { listEntries } from '../../model/entries.ts';
import { guessRole } from '../../model/guess-role.ts';
import type {
  Entry,
  EntryId,
  FileInfo,
  JsonNode,
  NodeInfo,
  Problem,
  Role,
  Storage,
  Value,
} from '../../model/state-dict.ts';
import { listStorages } from '../../model/storages.ts';
import { bitsOf, countElements, type DType } from '../../tensor/dtype.ts';
import type { Read, ReadContext } from '../format.ts';
import { elementTypeOf, STRING_TYPE } from './element-types.ts';
import { ExternalFiles } from './external.ts';
import { type ListedTensor, listTensors } from './list-tensors.ts';
import { type LocateContext, locateTensor } from './locate.ts';
import { listMetadata, listTensorMeta } from './metadata.ts';
import type { OnnxModel } from './model.ts';
import { ONNX, scanModel } from './scan-model.ts';

/** Protocol Buffers' own limit: no other program reads a longer file. */
const PROTOBUF_BYTES = 2 ** 31;

/** Reads what an ONNX file says, and no number of a tensor but those of small lists of integers. */
export const read: Read = async (context) => {
  const { id, source, files, signal } = context;
  const model = await scanModel(source, signal);
  const external = new ExternalFiles(id, files);
  const place: LocateContext = { id, source, files, external, signal };
  const listed = listTensors(model);
  const found: Found = { entries: [], storages: [], problems: [...problemsOf(model, context)], told: 0 };
  for (const [row, tensor] of listed.entries()) {
    throwIfAborted(signal);
    found.entries.push(await readEntry(place, tensor, row, found));
  }
  tellDuplicates(listed, found);
  const storages = listStorages(found.storages);
  const own: FileInfo = { id, name: source.name, size: source.size, part: 'model' };
  const beside = external.list();
  context.onProgress?.(1, 1);
  const { problems } = found;
  return {
    state: {
      format: 'onnx',
      formatVersion: `IR ${model.irVersion}${opsetText(model)}`,
      dialect: 'generic',
      layout: 'nested',
      entries: listEntries(found.entries, { storages, problems }),
      storages,
      nodes: nodesOf(listed),
      shares: [],
      metadata: listMetadata(model),
      problems,
      files: [own, ...beside],
    },
    used: [id, ...beside.filter(({ id: other }) => files.has(other)).map(({ id: other }) => other)],
  };
};

interface Found {
  readonly entries: Entry[];
  readonly storages: Storage[];
  readonly problems: Problem[];
  /** Tensors that something is wrong with; past a number only counted. */
  told: number;
}

async function readEntry(place: LocateContext, listed: ListedTensor, id: EntryId, found: Found): Promise<Entry> {
  const { path, tensor } = listed;
  const value = await readValue(place, listed, id, found);
  const key = path.raw ?? path.parts.join('.');
  const meta = listTensorMeta(listed);
  const role = roleOf(listed, value);
  return {
    id,
    path,
    key: key === '' ? `(nameless tensor at byte ${tensor.span.start})` : key,
    value,
    role,
    roleSource: 'heuristic',
    ...(meta.length > 0 && { meta }),
  };
}

async function readValue(
  place: LocateContext,
  { tensor, path }: ListedTensor,
  id: EntryId,
  found: Found,
): Promise<Value> {
  const key = path.raw ?? path.parts.join('.');
  const tell = (fault: string, severity: Problem['severity'] = 'error') => {
    found.told++;
    if (found.told > LIMITS.problemsPerKind) return;
    const message = `The tensor ${JSON.stringify(key)} ${fault}.`;
    found.problems.push({ code: 'bad-tensor', severity, message, entry: id, file: place.id, at: tensor.span.start });
  };
  if (tensor.type === STRING_TYPE) return readTexts(place, tensor.dims, tensor.texts, tell);
  const { dtype: known, name } = elementTypeOf(tensor.type);
  const dtype: DType = known ?? `other:${name}`;
  const storage = found.storages.length;
  const isShape =
    tensor.dims.length <= LIMITS.tensorRank && tensor.dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  if (!isShape) {
    tell(`has a shape that cannot be: ${tensor.dims.slice(0, 8).join('×')}`);
    const why = 'its shape cannot be';
    found.storages.push({ id: storage, byteLength: 0, endian: 'little', data: { kind: 'absent', why } });
    return { type: 'tensor', dtype, shape: [], offset: 0, storage, undeclared: true };
  }
  const shape = tensor.dims;
  if (bitsOf(dtype) === undefined) {
    tell(`is of an element type that is not known (${name})`, 'warning');
    const { raw } = tensor;
    const length = raw ? raw.end - raw.at : 0;
    const data = raw
      ? ({ kind: 'slices', slices: [{ file: place.id, offset: raw.at, length }] } as const)
      : ({ kind: 'absent', why: 'its element type is not known' } as const);
    found.storages.push({ id: storage, byteLength: length, endian: 'little', data });
  } else {
    const located = await locateTensor(place, tensor, dtype, shape, storage);
    if (located.fault) tell(located.fault);
    found.storages.push(located.storage);
  }
  return { type: 'tensor', dtype, shape, offset: 0, storage };
}

/** Texts of a string tensor, in C order: labels and vocabularies. */
async function readTexts(
  { source, signal }: LocateContext,
  dims: readonly number[],
  spans: readonly { readonly at: number; readonly end: number }[],
  tell: (fault: string) => void,
): Promise<Value> {
  const bytes = spans.reduce((sum, { at, end }) => sum + end - at, 0);
  const [first, last] = [spans[0], spans.at(-1)];
  const typeName = `string [${dims.join(', ')}]`;
  if (!first || !last) return { type: 'json', json: { kind: 'array', items: [] }, flavour: typeName };
  if (bytes > LIMITS.onnxStringBytes || last.end - first.at > 2 * LIMITS.onnxStringBytes)
    return { type: 'opaque', text: `${spans.length} texts, ${bytes} bytes`, typeName };
  const row = await source.read(first.at, last.end, signal);
  const items = spans.map(({ at, end }): JsonNode => {
    const value = decodeText(row.subarray(at - first.at, end - first.at));
    return { kind: 'string', value };
  });
  if (items.length !== countElements(dims)) tell(`has ${items.length} texts and needs ${countElements(dims)}`);
  return { type: 'json', json: { kind: 'array', items }, flavour: typeName };
}

/** Nothing in the format says what is trained. Whole numbers and constants are not, by all experience. */
function roleOf({ origin, path }: ListedTensor, value: Value): Role {
  const isFloat = value.type === 'tensor' && /^(?:f|bf|c|i4|u4|i8|u8|i2|u2)/.test(value.dtype);
  if (origin === 'constant' || !isFloat) return { role: 'buffer' };
  return { role: guessRole(String(path.parts.at(-1) ?? '')) };
}

function opsetText({ opsets }: OnnxModel): string {
  const own = opsets.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  return own ? `, opset ${own.version}` : '';
}

/** What sparse tensors are, where they stand as two entries. */
function nodesOf(listed: readonly ListedTensor[]): ReadonlyMap<string, NodeInfo> {
  const nodes = new Map<string, NodeInfo>();
  for (const { part, path } of listed)
    if (part) nodes.set(path.parts.slice(0, -1).join('.'), { container: `sparse ${part.of.dims.join('×')}` });
  return nodes;
}

function problemsOf(model: OnnxModel, { id, source }: ReadContext): readonly Problem[] {
  const problems: Problem[] = [];
  if (model.cutAt !== undefined)
    problems.push({
      code: 'truncated',
      severity: 'error',
      message: `The file ends inside a message that begins at byte ${model.cutAt}.`,
      advice: 'What comes before it is shown. Download or copy the file again.',
      file: id,
      at: model.cutAt,
    });
  if (source.size >= PROTOBUF_BYTES)
    problems.push({
      code: 'too-large',
      severity: 'warning',
      message: `The file is ${source.size} bytes long, and ${ONNX} files end below 2 GiB.`,
      advice: 'No other program reads it. Larger models keep their tensors in files beside them (external data).',
      file: id,
    });
  return problems;
}

function tellDuplicates(listed: readonly ListedTensor[], { problems }: Found): void {
  const seen = new Set<string>();
  for (const [entry, { path, origin }] of listed.entries()) {
    if (origin !== 'initializer') continue;
    const key = path.raw ?? path.parts.join('\0');
    if (seen.has(key) && problems.length < LIMITS.problemsPerKind)
      problems.push({
        code: 'duplicate-key',
        severity: 'warning',
        message: `The name ${JSON.stringify(key)} is there twice.`,
        entry,
      });
    seen.add(key);
  }
}
