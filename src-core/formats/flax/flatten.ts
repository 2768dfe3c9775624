/** From the nodes of a file to entries: maps and arrays nest, everything else is an entry. */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { FileId } from '../../bytes/source.ts';
import { guessCollection } from '../../model/guess-collection.ts';
import type { PartKind, PathPart } from '../../model/keys/key.ts';
import type { ProblemList } from '../../model/problem-list.ts';
import type { Entry, MetaItem, NodeInfo, Storage, Value } from '../../model/state-dict.ts';
import { CHUNKED, findTensor } from './find-tensor.ts';
import type { PackedNode } from './nodes.ts';

/** What is told of one file or of several, one after the other. Ids are positions. */
export interface Listing {
  readonly entries: Entry[];
  /** Where the value of each entry stands. */
  readonly leaves: PackedNode[];
  readonly storages: Storage[];
  readonly nodes: Map<string, NodeInfo>;
  readonly problems: ProblemList;
}

interface Place {
  readonly parts: readonly PathPart[];
  readonly kinds: readonly PartKind[];
}

/** @throws `limit` for more entries than a document may have. */
export function listFile(root: PackedNode, file: FileId, into: Listing): void {
  visit(root, { parts: [], kinds: [] });

  function visit(node: PackedNode, place: Place): void {
    const tensor = findTensor(node, file);
    if (tensor) {
      const storage = into.storages.length;
      const { dtype, shape, slices, bytes, meta, wrong } = tensor;
      into.storages.push({ id: storage, byteLength: bytes, endian: 'little', data: { kind: 'slices', slices } });
      push(node, place, { type: 'tensor', dtype, shape, offset: 0, storage }, meta);
      if (wrong !== undefined) tell('size-mismatch', `${keyOf(place)} ${wrong}.`);
      return;
    }
    if ((node.kind !== 'map' && node.kind !== 'array') || node.items.length === 0) {
      push(node, place, makeValue(node, file, into.storages));
      return;
    }
    into.nodes.set(place.parts.join('.'), { container: node.kind === 'map' ? 'dict' : 'list' });
    if (node.kind === 'array') {
      for (const [i, item] of node.items.entries()) visit(item, below(place, i, 'index'));
      return;
    }
    const seen = new Set<PathPart>();
    for (const { key, value } of node.items) {
      const part = partOf(key);
      const next = below(place, part, 'key');
      const before = into.entries.length;
      if (part === CHUNKED) tellOfFile('bad-chunks', `${keyOf(place)} is cut into chunks in a way that flax does not.`);
      visit(value, next);
      if (seen.has(part)) tell('duplicate-key', `${keyOf(next)} is there twice: readers keep the last one.`, before);
      seen.add(part);
      if (key.kind !== 'text' && key.kind !== 'int')
        tell('odd-key', `${keyOf(next)} is written as ${key.kind}, which flax does not write.`, before);
    }
  }

  function push(node: PackedNode, { parts, kinds }: Place, value: Value, meta?: readonly MetaItem[]): void {
    const id = into.entries.length;
    if (id >= LIMITS.entries) throw tooMany(file, id + 1);
    const path = { parts, kinds, raw: null };
    const role = guessCollection(path, value);
    into.entries.push({ id, path, key: parts.join('.'), value, role, roleSource: 'heuristic', ...(meta && { meta }) });
    into.leaves.push(node);
  }

  function tell(code: string, message: string, entry = into.entries.length - 1): void {
    into.problems.add({ code, severity: 'error', message, entry, file });
  }
  function tellOfFile(code: string, message: string): void {
    into.problems.add({ code, severity: 'error', message, file });
  }
}

const keyOf = ({ parts }: Place): string => (parts.length === 0 ? 'The root' : parts.join('.'));

const below = ({ parts, kinds }: Place, part: PathPart, kind: PartKind): Place => ({
  parts: [...parts, part],
  kinds: [...kinds, kind],
});

/** A key of a map as a part of a path: texts and integers as they are, others as Python would print them. */
export function partOf(key: PackedNode): PathPart {
  switch (key.kind) {
    case 'text':
      return key.text;
    case 'int':
      return Number.isSafeInteger(Number(key.digits)) ? Number(key.digits) : key.digits;
    case 'nil':
      return 'None';
    case 'bool':
      return key.value ? 'True' : 'False';
    case 'float':
      return String(key.value);
    default:
      return `${key.kind} at byte ${key.start}`;
  }
}

function makeValue(node: PackedNode, file: FileId, storages: Storage[]): Value {
  switch (node.kind) {
    case 'map':
      return { type: 'empty', of: 'dict' };
    case 'array':
      return { type: 'empty', of: 'list' };
    case 'nil':
      return { type: 'null' };
    case 'bool':
      return { type: 'bool', value: node.value };
    case 'int':
      return { type: 'int', digits: node.digits };
    case 'float':
      return { type: 'float', value: node.value };
    case 'text':
      return { type: 'text', text: node.text };
    case 'complex':
      return { type: 'complex', re: node.re, im: node.im };
    case 'bin': {
      const { at, length } = node;
      const id = storages.length;
      const slices = [{ file, offset: at, length }];
      storages.push({ id, byteLength: length, endian: 'little', data: { kind: 'slices', slices } });
      return { type: 'bytes', storage: id, length };
    }
    default: {
      const code = node.kind === 'ext' ? node.code : 0;
      const text = `msgpack.ExtType(${code}, ${node.end - node.start} bytes)`;
      return { type: 'opaque', text, typeName: 'msgpack.ExtType' };
    }
  }
}

const tooMany = (file: string, value: number): StateglassError =>
  new StateglassError({
    kind: 'limit',
    file,
    limit: 'entries',
    value,
    max: LIMITS.entries,
    detail: 'too many entries',
  });
