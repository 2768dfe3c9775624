/** What is read as a file is opened because it is no number: texts, within bounds, and what the pickles of object arrays would do. */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { latin1 } from '../../bytes/latin1.ts';
import { itemsOf, type PickleNode } from '../../bytes/pickle/nodes.ts';
import { showNode } from '../../bytes/pickle/show.ts';
import type { FileSet } from '../../bytes/source.ts';
import { PickleReader } from '../../model/pickle/read-pickles.ts';
import type { Entry, JsonNode, PickleReport, Value } from '../../model/state-dict.ts';
import { countElements } from '../../tensor/dtype.ts';
import { openStorage } from '../../tensor/stored.ts';
import type { ArrayTable, Leaf, Unread } from './array-table.ts';
import { containsObjects } from './array-table.ts';

const FORMAT = 'NumPy';
const CHARACTER = 4;
/** As `torch.load(weights_only=True)` would answer. */
const NOT_TORCH = 'arrays of objects are for np.load(allow_pickle=True)';

/** Puts texts and objects in the place of their entries. */
export async function readLeaves(
  table: ArrayTable,
  files: FileSet,
  file: string,
  signal: AbortSignal | undefined,
): Promise<PickleReport | undefined> {
  const pickles = new PickleReader();
  let hasObjects = false;
  let left = LIMITS.numpyTextBytes;
  for (const unread of table.unread) {
    const { key, header, place, leaves } = unread;
    const isObjects = containsObjects(header.type);
    const there = place.byteLength - place.skip;
    // A text of no length costs memory too.
    const length = isObjects ? there : countElements(header.shape) * Math.max(CHARACTER, header.type.bytes);
    const most = isObjects ? LIMITS.pickleBytes : left;
    // It is told that it is cut off.
    if (countElements(header.shape) * header.type.bytes > there && !isObjects) continue;
    if (length > most) {
      tellUnread(table, unread, isObjects, most);
      continue;
    }
    if (!isObjects) left -= length;
    try {
      const within = { start: place.skip, end: place.byteLength };
      const storage = { byteLength: place.byteLength, endian: 'little' as const, data: place.data };
      const bytes = await openStorage(storage, files, { name: key, format: FORMAT, within })(
        place.skip,
        place.byteLength,
        signal,
      );
      if (isObjects) {
        hasObjects = true;
        const result = pickles.read(bytes, { file, ...baseOf(unread) });
        for (const leaf of leaves) replaceValue(table, leaf, showObjects(result.root));
      } else for (const leaf of leaves) replaceValue(table, leaf, readText(bytes, leaf));
    } catch (error) {
      if (!(error instanceof StateglassError) || !['malformed', 'limit', 'unsupported'].includes(error.info.kind))
        throw error;
      const entry = leaves[0]?.row as number;
      const message = `What ${key} holds cannot be read: ${error.message}.`;
      table.addProblem({ code: 'unreadable-array', severity: 'error', message, entry });
    }
  }
  for (const problem of pickles.problems()) table.addProblem(problem);
  return hasObjects ? pickles.report(NOT_TORCH) : undefined;
}

function tellUnread(table: ArrayTable, { key, leaves, place }: Unread, isObjects: boolean, most: number): void {
  const entry = leaves[0]?.row as number;
  const bytes = place.byteLength - place.skip;
  const message = isObjects
    ? `${key} is a pickle of ${bytes} bytes, which was not looked into.`
    : `The texts of ${key} take ${bytes} bytes and are not shown: ${most} bytes of texts are read from one file.`;
  table.addProblem({ code: 'not-read', severity: isObjects ? 'warning' : 'note', message, entry });
}

function baseOf({ place: { data, skip } }: Unread): { base?: number } {
  const slice = data.kind === 'slices' ? data.slices[0] : undefined;
  return slice && !slice.codec ? { base: slice.offset + skip } : {};
}

function replaceValue(table: ArrayTable, { row }: Leaf, value: Value): void {
  const { role: _, ...entry } = table.entries[row] as Entry;
  table.entries[row] = { ...entry, value, role: { role: 'unknown' } };
}

/** The list of objects, or the only one; what `np.save` pickles is the whole array. */
function showObjects(root: PickleNode): Value {
  const state = root.kind === 'reduce' ? itemsOf(root.states?.at(-1)) : undefined;
  const [, shape, , , list] = state ?? [];
  const items = itemsOf(list);
  const isOne = items?.length === 1 && itemsOf(shape)?.length === 0;
  const shown = isOne ? (items[0] as PickleNode) : items && list ? list : root;
  return { type: 'opaque', text: showNode(shown), typeName: 'numpy.ndarray' };
}

function readText(bytes: Uint8Array<ArrayBuffer>, leaf: Leaf): Value {
  const { shape, type, strides } = leaf;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = (at: number): string =>
    type.is.kind === 'text' && type.is.of === 'characters'
      ? readCharacters(view, at, type.bytes, type.is.endian === 'little')
      : readBytes(bytes.subarray(at, at + type.bytes));
  if (shape.length === 0) return { type: 'text', text: read(leaf.offset) };
  const nest = (axis: number, at: number): JsonNode => {
    if (axis === shape.length) return { kind: 'string', value: read(at) };
    const step = strides[axis] as number;
    return {
      kind: 'array',
      items: Array.from({ length: shape[axis] as number }, (_, i) => nest(axis + 1, at + i * step)),
    };
  };
  if (countElements(shape) === 0) return { type: 'json', json: { kind: 'array', items: [] }, flavour: type.descr };
  return { type: 'json', json: nest(0, leaf.offset), flavour: type.descr };
}

/** Characters of four bytes each; zeros at the end are padding. What is no character is replaced. */
function readCharacters(view: DataView, at: number, length: number, little: boolean): string {
  let text = '';
  for (let i = at; i + 4 <= Math.min(at + length, view.byteLength); i += 4) {
    const code = view.getUint32(i, little);
    text += code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? '\uFFFD' : String.fromCodePoint(code);
  }
  return text.replace(/\0+$/, '');
}

/** Bytes as the text they nearly always are. */
function readBytes(bytes: Uint8Array<ArrayBuffer>): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const used = bytes.subarray(0, end);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(used);
  } catch {
    return latin1(used);
  }
}
