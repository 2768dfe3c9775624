import { bitsOf, blockOf, type TensorValue } from '../../../src-core/index.ts';
import type { StoredPages } from '../../state/stored-pages.ts';
import type { Cell, CellRange, CellSource } from '../../ui/cell-source.ts';

export const BYTES_A_ROW = 16;

/** The bytes of the element, or of the block from an element on, that has byte `at` of the storage; undefined for types of unknown size. */
export function elementAround(
  { dtype }: TensorValue,
  at: number,
): { readonly element: number; readonly start: number; readonly end: number } | undefined {
  const block = blockOf(dtype);
  if (block) {
    const start = at - (at % block.bytes);
    return { element: (start / block.bytes) * block.elements, start, end: start + block.bytes };
  }
  const bits = bitsOf(dtype);
  if (bits === undefined) return undefined;
  const element = Math.floor((at * 8) / bits);
  const start = Math.floor((element * bits) / 8);
  return { element, start, end: Math.max(start + 1, Math.ceil(((element + 1) * bits) / 8)) };
}

/** Bytes as cells, sixteen in a row. `marked` lie on a coloured ground. */
export function byteSource(pages: StoredPages, byteLength: number, marked: CellRange): CellSource {
  const rows = Math.ceil(byteLength / BYTES_A_ROW);
  const digits = Math.max(4, (byteLength - 1).toString(16).length);
  const cell = (row: number, column: number): Cell | 'waiting' | 'none' => {
    const at = row * BYTES_A_ROW + column;
    if (at >= byteLength) return 'none';
    const byte = pages.byteAt(at);
    if (byte === undefined) return 'waiting';
    const isMarked = at >= marked.from && at < marked.to;
    return {
      text: byte.toString(16).padStart(2, '0'),
      tone: byte === 0 ? 'faint' : undefined,
      ground: isMarked ? 'var(--select)' : undefined,
    };
  };
  return {
    rows,
    columns: BYTES_A_ROW,
    rowHead: (row) => (row * BYTES_A_ROW).toString(16).padStart(digits, '0'),
    columnHead: (column) => `+${column.toString(16)}`,
    cell,
    rowTail(row) {
      let text = '';
      for (let at = row * BYTES_A_ROW; at < Math.min(byteLength, (row + 1) * BYTES_A_ROW); at++) {
        const byte = pages.byteAt(at);
        text += byte === undefined ? ' ' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
      }
      return text;
    },
    want: (down) => pages.want(down.from * BYTES_A_ROW, Math.min(byteLength, down.to * BYTES_A_ROW)),
    subscribe: pages.subscribe,
  };
}
