/** The structure of a MessagePack file, payloads left where they are. */
import { malformed, StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { Cursor } from '../../bytes/cursor.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { decodeText } from '../../bytes/wtf8.ts';
import { ByteWindow } from './byte-window.ts';
import { HEADER_BYTES, type LeafHeader, readHeader } from './header.ts';
import { INNER_BYTES, readComplex, readInner } from './inner.ts';
import { EXT, type PackedItem, type PackedNode } from './nodes.ts';

export const FORMAT = 'MessagePack';

export interface Scanned {
  readonly root: PackedNode;
  /** Where and why the file breaks off; what stands before is in `root`. */
  readonly broken?: StateglassError;
  /** Bytes behind the value. */
  readonly trailing: number;
}

/** A map or array that is being read. */
interface Frame {
  readonly kind: 'map' | 'array';
  readonly start: number;
  left: number;
  key?: PackedNode;
  readonly items: PackedItem[];
  readonly values: PackedNode[];
}

/**
 * Reads the headers of everything in a file. One that breaks off inside its outermost map gives what was whole before.
 *
 * @throws `malformed` when nothing was, `limit` for one too deep or with too many values.
 */
export async function scanFile(source: ByteSource, signal?: AbortSignal): Promise<Scanned> {
  const { name, size } = source;
  const window = new ByteWindow(source, signal);
  const stack: Frame[] = [];
  let at = 0;
  let count = 0;
  try {
    for (;;) {
      if (++count > LIMITS.msgpackNodes) throw exceed(name, 'msgpackNodes', count, 'it holds too many values');
      if (!window.holds(at, HEADER_BYTES)) await window.fetch(at, HEADER_BYTES);
      const start = at;
      const header = readHeader(cursorAt(at, HEADER_BYTES), start, size);
      at += header.length;
      if ('count' in header) {
        stack.push({ kind: header.kind, start, left: header.count, items: [], values: [] });
        if (stack.length > LIMITS.msgpackDepth)
          throw exceed(name, 'msgpackDepth', stack.length, 'its maps and arrays are nested too deeply');
      } else {
        const node = await readLeaf(header, start);
        at = node.end;
        if (stack.length === 0) return { root: node, trailing: size - at };
        put(stack.at(-1)!, node);
      }
      for (let frame = stack.at(-1); frame?.left === 0; frame = stack.at(-1)) {
        stack.pop();
        const node = close(frame, at);
        const outer = stack.at(-1);
        if (!outer) return { root: node, trailing: size - at };
        put(outer, node);
      }
    }
  } catch (error) {
    if (!(error instanceof StateglassError) || error.info.kind !== 'malformed') throw error;
    const root = closeAll(stack, at);
    if (!root) throw error;
    return { root, broken: error, trailing: 0 };
  }

  function cursorAt(from: number, length: number): Cursor {
    const skip = Math.min(from - window.start, window.bytes.length);
    return new Cursor(window.bytes.subarray(skip, skip + length), { file: name, format: FORMAT, base: from });
  }

  async function readLeaf(header: LeafHeader, start: number): Promise<PackedNode> {
    if (header.kind === 'scalar') return { ...header.node, start, end: at };
    const { length: headLength, payload: length } = header;
    const from = start + headLength;
    const place = { start, end: from + length };
    if (from + length > size)
      throw malformed(name, FORMAT, `${length} bytes should follow, and the file ends after ${size - from}`, start);
    if (header.kind === 'text') {
      if (length > LIMITS.textBytes) throw exceed(name, 'textBytes', length, 'it holds a text that is too long');
      if (!window.holds(from, length)) await window.fetch(from, length);
      return { kind: 'text', text: decodeText(cursorAt(from, length).take(length)), ...place };
    }
    const payload = { at: from, length };
    if (header.kind === 'bin') return { kind: 'bin', ...payload, ...place };
    const { code } = header;
    const inside = Math.min(length, INNER_BYTES);
    const known = code === EXT.array || code === EXT.scalar || code === EXT.complex;
    if (known && !window.holds(from, inside)) await window.fetch(from, inside);
    if (code === EXT.complex) {
      const found = readComplex(cursorAt(from, inside));
      if (found) return { kind: 'complex', ...found, ...place };
    } else if (known) {
      const found = readInner(cursorAt(from, inside), from, length);
      if (found) return { kind: 'tensor', code, ...found, ...place };
    }
    return { kind: 'ext', code, ...payload, ...place };
  }
}

function put(frame: Frame, node: PackedNode): void {
  if (frame.kind === 'array') frame.values.push(node);
  else if (!frame.key) {
    frame.key = node;
    return;
  } else {
    frame.items.push({ key: frame.key, value: node });
    delete frame.key;
  }
  frame.left--;
}

const close = ({ kind, start, items, values }: Frame, end: number): PackedNode =>
  kind === 'map' ? { kind, items, start, end } : { kind, items: values, start, end };

/** What is whole of a file that breaks off; undefined when that is nothing. */
function closeAll(stack: Frame[], end: number): PackedNode | undefined {
  for (;;) {
    const frame = stack.pop();
    if (!frame) return undefined;
    const outer = stack.at(-1);
    const isEmpty = frame.items.length === 0 && frame.values.length === 0;
    if (!outer) return isEmpty ? undefined : close(frame, end);
    // A map that is only a key is none: `key` of the outer frame stays without a value.
    if (!isEmpty && (outer.kind === 'array' || outer.key)) put(outer, close(frame, end));
  }
}

const exceed = (
  file: string,
  limit: 'msgpackNodes' | 'msgpackDepth' | 'textBytes',
  value: number,
  detail: string,
): StateglassError => new StateglassError({ kind: 'limit', file, limit, value, max: LIMITS[limit], detail });
