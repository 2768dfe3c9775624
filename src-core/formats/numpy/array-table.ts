/** Arrays of a file as entries: each a tensor, its fields tensors of their own, texts and objects what they are. */
import { guessRole } from '../../model/guess-role.ts';
import type { KeyPath, KeySyntax } from '../../model/keys/key.ts';
import { ProblemList } from '../../model/problem-list.ts';
import { keyOfPath } from '../../model/rename-path.ts';
import type { Entry, EntryId, MetaItem, Problem, Storage, StorageData, Value } from '../../model/state-dict.ts';
import { countElements } from '../../tensor/dtype.ts';
import type { ElementType } from './descr.ts';
import type { NpyHeader } from './npy-header.ts';
import { byteStrides, viewBytes } from './view-bytes.ts';

/** Where the elements of an array are. */
export interface ArrayPlace {
  readonly data: StorageData;
  /** Bytes that are there, those before the first element included. */
  readonly byteLength: number;
  /** Bytes before the first element. */
  readonly skip: number;
}

/** Elements of one type in an array: all of it, or one field. */
export interface Leaf {
  readonly row: EntryId;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Bytes from one element to the next, per dimension. */
  readonly strides: readonly number[];
  /** Bytes from the first element of the array. */
  readonly offset: number;
}

/** Leaves that are not numbers: what is in them has to be read. */
export interface Unread {
  readonly key: string;
  readonly header: NpyHeader;
  readonly place: ArrayPlace;
  readonly leaves: readonly Leaf[];
}

export class ArrayTable {
  readonly entries: Entry[] = [];
  readonly storages: Storage[] = [];
  readonly problems = new ProblemList();
  readonly unread: Unread[] = [];
  /** Bytes of each entry in the file. */
  readonly bytes: number[] = [];
  private readonly syntax: KeySyntax;
  private voids = 0;

  constructor(syntax: KeySyntax) {
    this.syntax = syntax;
  }

  addArray(key: string, header: NpyHeader, place: ArrayPlace): void {
    const { type, shape, fortranOrder } = header;
    const needed = countElements(shape) * type.bytes;
    const hasObjects = containsObjects(type);
    const row = this.entries.length;
    const strides = byteStrides(shape, type.bytes, fortranOrder);
    const leaves: Leaf[] = [];
    const files = new Map<string, number>();
    const storageOf = (endian: 'little' | 'big'): number => {
      const id = files.get(endian) ?? this.addStorage(place.data, place.byteLength, endian);
      files.set(endian, id);
      return id;
    };
    const add = (name: string, leaf: Omit<Leaf, 'row'>, path: KeyPath): void => {
      const { is } = leaf.type;
      if (is.kind === 'fields' && !hasObjects) {
        for (const field of is.fields) {
          const inner = {
            type: field.type,
            shape: [...leaf.shape, ...field.shape],
            strides: [...leaf.strides, ...byteStrides(field.shape, field.type.bytes, false)],
            offset: leaf.offset + field.offset,
          };
          const raw = joinField(name, field.name);
          add(raw, inner, { parts: [...path.parts, field.name], kinds: [...path.kinds, 'key'], raw });
        }
        return;
      }
      const isNumbers = is.kind === 'numbers' || is.kind === 'void';
      const endian = isNumbers ? is.endian : 'little';
      const id = storageOf(endian);
      const dtype = isNumbers ? is.dtype : (`other:${hasObjects ? 'object' : leaf.type.descr.slice(1)}` as const);
      const view = viewBytes({ ...leaf, dtype, endian, storage: this.storages[id] as Storage, skip: place.skip });
      const storage = view.made ? this.addStorage(view.made.data, view.made.byteLength, 'little') : id;
      const value: Value = { type: 'tensor', dtype, ...view.layout, storage };
      const at = this.addEntry(path, value, metaOf(leaf.type, leaf.shape, fortranOrder, hasObjects));
      this.bytes[at] = hasObjects ? place.byteLength - place.skip : countElements(leaf.shape) * leaf.type.bytes;
      if (is.kind === 'void' && leaf.type.bytes === 2) this.voids++;
      if (!isNumbers) leaves.push({ ...leaf, row: at });
    };
    add(key, { type, shape, strides, offset: 0 }, this.syntax.parse(key));
    if (leaves.length > 0) this.unread.push({ key, header, place, leaves });
    const missing = needed - (place.byteLength - place.skip);
    if (missing > 0 && !hasObjects && this.entries.length > row) {
      const message = `${key} is ${missing} bytes shorter than its shape asks for.`;
      this.addProblem({ code: 'truncated', severity: 'error', message, entry: row });
    }
    if (this.entries.length === row) {
      const message = `${key} has no fields: there is nothing in it to show.`;
      this.addProblem({ code: 'no-fields', severity: 'note', message });
    }
  }

  /** A member that is no array. */
  addBytes(key: string, data: StorageData, length: number): EntryId {
    const value: Value = { type: 'bytes', storage: this.addStorage(data, length, 'little'), length };
    const row = this.addEntry(this.syntax.parse(key), value, []);
    this.bytes[row] = length;
    return row;
  }

  addProblem(problem: Problem): void {
    this.problems.add(problem);
  }

  /** Problems, and what is said of raw bytes that are taken for bfloat16. */
  finish(): readonly Problem[] {
    const { voids } = this;
    if (voids > 0) {
      const message = `${voids === 1 ? 'One array is' : `${voids} arrays are`} stored as two raw bytes for each element (V2), and shown as bf16.`;
      const advice =
        'MLX and ml_dtypes write bfloat16 so. Where it is something else, the edit “View as another type” takes its bytes for that.';
      this.addProblem({ code: 'void-as-bf16', severity: 'note', message, advice });
    }
    return this.problems.finish();
  }

  private addStorage(data: StorageData, byteLength: number, endian: 'little' | 'big'): number {
    return this.storages.push({ id: this.storages.length, byteLength, endian, data }) - 1;
  }

  private addEntry(path: KeyPath, value: Value, meta: readonly MetaItem[]): EntryId {
    const id = this.entries.length;
    const key = keyOfPath(path);
    const role = value.type === 'tensor' ? guessRole(String(path.parts.at(-1) ?? '')) : 'unknown';
    const entry: Entry = { id, path, key, value, role: { role }, roleSource: 'heuristic' };
    this.entries.push(meta.length > 0 ? { ...entry, meta } : entry);
    return id;
  }
}

/** As its array is written: whatever else is in the file, a field keeps its name. */
const joinField = (name: string, field: string): string => `${name}${name.includes('/') ? '/' : '.'}${field}`;

export const containsObjects = ({ is }: ElementType): boolean =>
  is.kind === 'objects' || (is.kind === 'fields' && is.fields.some(({ type }) => containsObjects(type)));

const SECTION = 'numpy';
const metaText = (key: string, value: string): MetaItem => ({
  section: SECTION,
  key,
  value: { kind: 'string', value },
});

/** What the tensor does not show. */
function metaOf(
  { descr, is }: ElementType,
  shape: readonly number[],
  fortranOrder: boolean,
  hasObjects: boolean,
): MetaItem[] {
  const isPlain = is.kind === 'numbers' && is.unit === undefined && is.endian === 'little';
  return [
    ...(isPlain && !hasObjects ? [] : [metaText('type', hasObjects ? 'object' : descr)]),
    ...(is.kind === 'numbers' && is.unit !== undefined ? [metaText('unit', is.unit)] : []),
    ...(is.kind === 'text' || hasObjects ? [metaText('shape', `[${shape.join(', ')}]`)] : []),
    ...(fortranOrder && shape.length > 1 ? [metaText('order', 'Fortran: the first axis varies fastest')] : []),
  ];
}
