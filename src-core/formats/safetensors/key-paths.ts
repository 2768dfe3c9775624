import { LIMITS } from '../../base/limits.ts';
import { dotted } from '../../model/keys/dotted.ts';
import type { KeySyntax } from '../../model/keys/key.ts';
import { PART_INT, PART_TEXT } from '../../model/state-dict.ts';
import type { TensorRows } from './tensor-rows.ts';

const DOT = 0x2e;

/** Paths of all rows as EntryColumns has them. */
export interface Paths {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly start: Uint32Array<ArrayBuffer>;
}

/** Paths of all rows, in arrays of the caller's own. Dotted keys have theirs already. */
export function readPaths(rows: TensorRows, syntax: KeySyntax): Paths {
  return syntax.id === dotted.id ? copyPaths(rows) : parseAll(rows, syntax);
}

function copyPaths(rows: TensorRows): Paths {
  const { count } = rows;
  const start = rows.keyStart.slice(0, count + 1);
  const bytes = rows.keys.slice(0, start[count]!);
  for (let row = 0; row < count; row++) {
    if (start[row + 1]! - start[row]! > LIMITS.keyParts) keepWhole(bytes, start[row]!, start[row + 1]!);
  }
  return { bytes, start };
}

/** A key with too many parts is one part, as `dotted.parse` has it. */
function keepWhole(bytes: Uint8Array, from: number, to: number): void {
  let parts = 0;
  for (let i = from; i < to; i++) if (bytes[i] === PART_TEXT) parts++;
  if (parts <= LIMITS.keyParts) return;
  for (let i = from + 1; i < to; i++) if (bytes[i] === PART_TEXT) bytes[i] = DOT;
}

function parseAll(rows: TensorRows, syntax: KeySyntax): Paths {
  const encoder = new TextEncoder();
  const start = new Uint32Array(rows.count + 1);
  let bytes = new Uint8Array(Math.max(1024, rows.keyStart[rows.count]! * 2));
  let at = 0;
  for (let row = 0; row < rows.count; row++) {
    for (const part of syntax.parse(rows.key(row)).parts) {
      const text = String(part);
      if (at + 1 + text.length * 3 > bytes.length) {
        const wider = new Uint8Array(bytes.length * 2 + text.length * 3);
        wider.set(bytes.subarray(0, at));
        bytes = wider;
      }
      bytes[at++] = typeof part === 'number' ? PART_INT : PART_TEXT;
      at += encoder.encodeInto(text, bytes.subarray(at)).written;
    }
    start[row + 1] = at;
  }
  return { bytes: bytes.slice(0, at), start };
}
