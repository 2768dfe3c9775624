import { StateglassError } from '../base/errors.ts';
import { countElements, type DType, packedBytes } from '../tensor/dtype.ts';
import type { PathPart } from './keys/key.ts';
import { marksEntry } from './problem-list.ts';
import {
  type Entries,
  type Entry,
  type EntryColumns,
  type EntryId,
  type JsonNode,
  NO_SHAPE,
  PART_INT,
  PART_TEXT,
  type Problem,
  ROLE_ORDER,
  ROW_FLAG,
  type ShareGroup,
  type Storages,
  VALUE_ORDER,
  type Value,
} from './state-dict.ts';

export interface EntryListOptions {
  /** Where the bytes are. Without it every tensor that names a storage counts as present. */
  readonly storages?: Storages;
  readonly shares?: readonly ShareGroup[];
  readonly problems?: readonly Problem[];
  /** Aliases that look at bytes of their own: tied, and counted all the same. */
  readonly countedApart?: ReadonlySet<EntryId>;
  /** Bytes of an entry in the file, where the reader knows better than `valueBytes`. */
  readonly bytesOf?: (entry: Entry) => number | undefined;
  readonly isSecret?: (entry: Entry) => boolean;
}

/**
 * Entries that exist as objects, for readers whose files are small or whose entries are not alike. Readers of half a million
 * like rows keep columns and make entries on demand instead.
 */
export function listEntries(entries: readonly Entry[], options: EntryListOptions = {}): Entries {
  return {
    length: entries.length,
    at(row) {
      const entry = entries[row];
      if (!entry) throw new StateglassError({ kind: 'not-found', what: `row ${row}`, detail: 'no such entry' });
      return entry;
    },
    // Built anew for each caller: the arrays are transferred to other threads, which empties them here.
    columns: () => buildColumns(entries, options),
  };
}

export function buildColumns(entries: readonly Entry[], options: EntryListOptions): EntryColumns {
  const count = entries.length;
  const types = new Uint8Array(count);
  const dtype = new Uint16Array(count);
  const shape = new Uint32Array(count).fill(NO_SHAPE);
  const params = new Float64Array(count);
  const bytes = new Float64Array(count);
  const flags = rowFlags(entries, options);
  const roles = new Uint8Array(count);
  const pathStart = new Uint32Array(count + 1);
  const paths = new PathWriter();
  const dtypes = new Map<DType, number>();
  const shapes = new Map<string, number>();
  const shapeList: (readonly number[])[] = [];

  for (const [row, entry] of entries.entries()) {
    const { value } = entry;
    for (const part of entry.path.parts) paths.add(part);
    pathStart[row + 1] = paths.length;
    types[row] = VALUE_ORDER.indexOf(value.type);
    roles[row] = ROLE_ORDER.indexOf(entry.role.role);
    bytes[row] = options.bytesOf?.(entry) ?? valueBytes(value, options.storages);
    if (value.type !== 'tensor' || value.undeclared) continue;
    // A repeated view may claim more elements than a number holds; totals must stay numbers.
    params[row] = Math.min(countElements(value.shape), Number.MAX_SAFE_INTEGER);
    let code = dtypes.get(value.dtype);
    if (code === undefined) {
      code = dtypes.size + 1;
      dtypes.set(value.dtype, code);
    }
    dtype[row] = code;
    const shapeKey = value.shape.join();
    let index = shapes.get(shapeKey);
    if (index === undefined) {
      index = shapeList.push(value.shape) - 1;
      shapes.set(shapeKey, index);
    }
    shape[row] = index;
  }
  return {
    count,
    paths: paths.finish(),
    pathStart,
    types,
    dtype,
    dtypes: [...dtypes.keys()],
    shape,
    shapes: shapeList,
    params,
    bytes,
    flags,
    roles,
  };
}

function rowFlags(entries: readonly Entry[], options: EntryListOptions): Uint8Array<ArrayBuffer> {
  const flags = new Uint8Array(entries.length);
  const rowOf = rowsById(entries);
  const mark = (id: EntryId, bits: number) => {
    const row = rowOf(id);
    if (row !== undefined && row < flags.length) flags[row]! |= bits;
  };
  for (const [row, entry] of entries.entries()) {
    if (entry.roleSource === 'heuristic') flags[row]! |= ROW_FLAG.guessedRole;
    // A sparse tensor has no storage of its own, and bytes all the same.
    if (isAbsent(entry.value, options.storages) && !options.bytesOf?.(entry)) flags[row]! |= ROW_FLAG.absent;
    if (options.isSecret?.(entry)) flags[row]! |= ROW_FLAG.secret;
  }
  for (const group of options.shares ?? []) {
    mark(group.owner, ROW_FLAG.tied);
    for (const alias of group.aliases) {
      mark(alias, options.countedApart?.has(alias) ? ROW_FLAG.tied : ROW_FLAG.tied | ROW_FLAG.alias);
    }
  }
  for (const problem of options.problems ?? []) {
    if (problem.entry !== undefined && marksEntry(problem)) mark(problem.entry, ROW_FLAG.problem);
  }
  return flags;
}

/** Ids are rows until an edit says otherwise; the usual case needs no map. */
function rowsById(entries: readonly Entry[]): (id: EntryId) => number | undefined {
  if (entries.every((entry, row) => entry.id === row)) return (id) => id;
  const rows = new Map(entries.map((entry, row) => [entry.id, row]));
  return (id) => rows.get(id);
}

function isAbsent(value: Value, storages: Storages | undefined): boolean {
  if (value.type !== 'tensor' && value.type !== 'bytes') return false;
  if (value.storage === undefined) return true;
  if (!storages) return false;
  const storage = storages.get(value.storage);
  return !storage || storage.data.kind === 'absent';
}

/**
 * Bytes a value takes in its file: exact for tensors and byte strings, the written length for the rest. A view that repeats
 * elements (stride 0) takes no more than its storage.
 */
export function valueBytes(value: Value, storages?: Storages): number {
  switch (value.type) {
    case 'tensor': {
      if (value.storage === undefined) return 0;
      const stored = storages?.get(value.storage);
      if (stored?.data.kind === 'absent') return 0;
      const packed = packedBytes(value.dtype, countElements(value.shape));
      return Math.min(packed ?? stored?.byteLength ?? 0, stored?.byteLength ?? Number.MAX_SAFE_INTEGER);
    }
    case 'bytes':
      return value.length;
    case 'text':
      return utf8Length(value.text);
    case 'int':
      return value.digits.length;
    case 'float':
      return value.lexeme?.length ?? 8;
    case 'bool':
      return 1;
    case 'complex':
      return 16;
    case 'json':
      return jsonBytes(value.json);
    case 'opaque':
    case 'empty':
    case 'null':
      return 0;
  }
}

/** Length of the text written without spaces. Walks with a stack: nesting is as deep as the file likes. */
function jsonBytes(root: JsonNode): number {
  let total = 0;
  const stack: JsonNode[] = [root];
  for (let node = stack.pop(); node; node = stack.pop()) {
    switch (node.kind) {
      case 'null':
        total += 4;
        break;
      case 'bool':
        total += node.value ? 4 : 5;
        break;
      case 'number':
      case 'literal':
        total += node.lexeme.length;
        break;
      case 'string':
        total += utf8Length(node.value) + 2;
        break;
      case 'array':
        total += 2 + Math.max(0, node.items.length - 1);
        for (const item of node.items) stack.push(item);
        break;
      case 'object':
        total += 2 + Math.max(0, node.members.length - 1);
        for (const [key, value] of node.members) {
          total += utf8Length(key) + 3;
          stack.push(value);
        }
        break;
    }
  }
  return total;
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    // A surrogate pair is two units and four bytes, so each half adds one.
    length += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2;
  }
  return length;
}

/** Appends path parts as tag byte and UTF-8 to one growing buffer. */
class PathWriter {
  private bytes = new Uint8Array(4096);
  length = 0;

  add(part: PathPart): void {
    const text = typeof part === 'number' ? String(part) : part;
    this.reserve(1 + text.length * 3);
    this.bytes[this.length++] = typeof part === 'number' ? PART_INT : PART_TEXT;
    this.length = writeText(this.bytes, this.length, text);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

const encoder = new TextEncoder();

/** Nearly all parts are short ASCII, where a plain loop beats a call into the encoder. */
function writeText(bytes: Uint8Array<ArrayBuffer>, start: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return start + encoder.encodeInto(text, bytes.subarray(start)).written;
    bytes[start + i] = code;
  }
  return start + text.length;
}
