/**
 * An ONNX file with its edits, by splicing: bytes of messages that were not touched are copied, unknown fields among them, and only
 * the lengths of the messages around an edit are written anew. Values in a file of external data are written in their places there.
 */
import { StateglassError } from '../../base/errors.ts';
import { ProtoScan, type ProtoSpan } from '../../bytes/proto.ts';
import { MessageWriter } from '../../bytes/proto-writer.ts';
import type { ByteSource, FileId } from '../../bytes/source.ts';
import { isSameValue } from '../../model/homes.ts';
import type { ByteSlice, Entry, MetaItem, Problem, StateDict, TensorValue } from '../../model/state-dict.ts';
import type { Save, SavedFile } from '../format.ts';
import { copyFile, patchFile } from '../patch-file.ts';
import { elementTypeOf } from './element-types.ts';
import { type ListedTensor, listTensors, namesOf } from './list-tensors.ts';
import { PROPERTIES } from './metadata.ts';
import type { OnnxModel } from './model.ts';
import { refuse } from './refuse.ts';
import { ONNX, scanModel } from './scan-model.ts';
import { appendBytes, replaceBytes, type Splice, spliceFile } from './splice.ts';
import { spliceName, spliceOut } from './splice-names.ts';
import { addTensor, describeTensor, spliceShape, spliceTensor } from './splice-tensor.ts';

/** Protocol Buffers' own limit. */
const PROTOBUF_BYTES = 2 ** 31;

export const save: Save = async ({ before, after, files, signal }) => {
  const id = before.files.find(({ part }) => part === 'model')?.id as FileId;
  const source = files.get(id) as ByteSource;
  const changes = findChanges(before, after);
  const beside = before.files.filter(({ id: other, part }) => part === 'data' && files.has(other));
  if (!changes.any)
    return [id, ...beside.map((file) => file.id)].map((file) => copyFile(file, (files.get(file) as ByteSource).size));
  const model = await scanModel(source, signal);
  if (model.cutAt !== undefined)
    throw new StateglassError({
      kind: 'unsupported',
      file: source.name,
      format: ONNX,
      detail: 'the file was cut off, and what is not there cannot be written again',
    });
  const { splices, external } = await planSplices(new ProtoScan(source, ONNX, signal), model, before, changes);
  const { size, parts } = splices.length > 0 ? spliceFile(id, source.size, model, splices) : copyFile(id, source.size);
  if ((size ?? 0) >= PROTOBUF_BYTES && source.size < PROTOBUF_BYTES)
    throw new StateglassError({
      kind: 'unsupported',
      file: source.name,
      format: ONNX,
      detail: 'it would be longer than 2 GiB, which no ONNX file can be',
    });
  const own: SavedFile = { file: id, losses: tellTies(after), parts, ...(size !== undefined && { size }) };
  return [
    own,
    ...beside.map((file) => patchPlaces(file.id, files.get(file.id) as ByteSource, external.get(file.id) ?? [])),
  ];
};

interface Changes {
  readonly any: boolean;
  /** By row in the file. */
  readonly values: ReadonlyMap<number, Entry>;
  readonly names: ReadonlyMap<number, Entry>;
  readonly gone: readonly Entry[];
  readonly added: readonly Entry[];
  readonly properties?: readonly MetaItem[];
}

function findChanges(before: StateDict, after: StateDict): Changes {
  const values = new Map<number, Entry>();
  const names = new Map<number, Entry>();
  const added: Entry[] = [];
  const seen = new Set<number>();
  for (let row = 0; row < after.entries.length; row++) {
    const entry = after.entries.at(row);
    const source = entry.source === undefined ? row : entry.source;
    if (source === null) {
      added.push(entry);
      continue;
    }
    seen.add(source);
    const was = before.entries.at(source);
    if (!isSameValue(was.value, entry.value)) values.set(source, entry);
    if (was.key !== entry.key) names.set(source, entry);
  }
  const gone: Entry[] = [];
  for (let row = 0; row < before.entries.length; row++) if (!seen.has(row)) gone.push(before.entries.at(row));
  const properties = propertiesOf(after);
  const isSame = JSON.stringify(properties) === JSON.stringify(propertiesOf(before));
  const any = values.size + names.size + gone.length + added.length > 0 || !isSame;
  return { any, values, names, gone, added, ...(!isSame && { properties }) };
}

const propertiesOf = ({ metadata }: StateDict): readonly MetaItem[] =>
  metadata.filter(({ section }) => section === PROPERTIES);

/** Tensors that were tied: every initialiser has values of its own. */
function tellTies({ shares, entries }: StateDict): readonly Problem[] {
  const [tied] = shares;
  if (!tied) return [];
  const [a, b] = [tied.owner, ...tied.aliases].map((row) => entries.at(row).key);
  const message = `${a} and ${b} share memory, which this format has no way to say: each is written in full.`;
  return [{ code: 'tie-lost', severity: 'note', message }];
}

/** Elements of a file of external data, in their places. */
interface Patch {
  readonly slice: ByteSlice;
  readonly value: TensorValue;
}

async function planSplices(
  scan: ProtoScan,
  model: OnnxModel,
  before: StateDict,
  { values, names, gone, added, properties }: Changes,
): Promise<{ readonly splices: readonly Splice[]; readonly external: ReadonlyMap<FileId, readonly Patch[]> }> {
  const listed = listTensors(model);
  const at = (row: number) => listed[row] as ListedTensor;
  const splices: Splice[] = [];
  const external = new Map<FileId, Patch[]>();
  for (const [row, entry] of values) {
    requireDeclared(at(row), entry);
    const slice = outside(before, at(row), row, entry);
    if (slice) {
      const value = entry.value as TensorValue;
      external.set(slice.file, [...(external.get(slice.file) ?? []), { slice, value }]);
      splices.push(...(await spliceShape(scan, at(row).tensor, value.shape)));
    } else splices.push(...(await spliceTensor(scan, at(row).tensor, entry)));
  }
  for (const [row, entry] of names) splices.push(...(await spliceName(scan, model, at(row), entry)));
  for (const entry of gone) splices.push(...spliceOut(at(entry.id), entry));
  const taken = new Set([...namesOf(model.graph), ...[...names.values()].map(({ key }) => key)]);
  for (const entry of added) {
    if (taken.has(entry.key)) throw refuse(entry, 'another value of the graph is called so');
    splices.push(addTensor(model.graph.span, entry));
  }
  if (properties) splices.push(...spliceProperties(model, properties, scan.whole));
  return { splices, external };
}

/** An older file says type and shape of an initialiser once more, among its inputs. */
function requireDeclared({ graph, name, tensor, part }: ListedTensor, entry: Entry): void {
  const { value } = entry;
  if (value.type !== 'tensor') return;
  const isAlike = elementTypeOf(tensor.type).dtype === value.dtype && tensor.dims.join() === value.shape.join();
  if (isAlike) return;
  if (part) throw refuse(entry, 'it is a part of a sparse tensor, whose type and shape stay');
  if (graph && [...graph.inputs, ...graph.values].some((declared) => declared.name === name))
    throw refuse(entry, 'the graph declares its type and shape in another place too, which would no longer hold');
}

/** The place of a tensor's values in another file, where new ones fit. */
function outside(before: StateDict, { tensor }: ListedTensor, row: number, entry: Entry): ByteSlice | undefined {
  const was = before.entries.at(row).value;
  if (!tensor.external || was.type !== 'tensor' || was.storage === undefined) return undefined;
  const data = before.storages.get(was.storage)?.data;
  const slice = data?.kind === 'slices' ? data.slices[0] : undefined;
  const { type, bytes } = describeTensor(entry);
  return slice && type === tensor.type && slice.length === bytes ? slice : undefined;
}

function spliceProperties({ properties }: OnnxModel, wanted: readonly MetaItem[], whole: ProtoSpan): readonly Splice[] {
  const to = new MessageWriter();
  const kept = new Set<number>();
  for (const { key, value } of wanted) {
    if (value.kind !== 'string') throw refuse({ key }, 'metadata of this format are texts');
    const same = properties.findIndex((one, i) => !kept.has(i) && one.key === key && one.value === value.value);
    if (same >= 0) kept.add(same);
    else to.message(14, (item) => item.text(1, key).text(2, value.value));
  }
  const dropped = properties.filter((_, i) => !kept.has(i));
  return [
    ...dropped.map(({ span }) => replaceBytes(span.start, span.end, new Uint8Array(0))),
    ...(to.done.length > 0 ? [appendBytes(whole, to.done.slice())] : []),
  ];
}

/** Tensors that share a place are written once. */
function patchPlaces(file: FileId, { size }: ByteSource, patches: readonly Patch[]): SavedFile {
  let end = 0;
  const apart = patches
    .toSorted((a, b) => a.slice.offset - b.slice.offset)
    .filter(({ slice }) => {
      if (slice.offset < end) return false;
      end = slice.offset + slice.length;
      return true;
    });
  return patchFile(
    file,
    size,
    apart.map(({ slice, value }) => ({ ...slice, value })),
  );
}
