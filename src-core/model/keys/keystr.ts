import { LIMITS } from '../../base/limits.ts';
import type { KeyPath, KeySyntax, PartKind, PathPart } from './key.ts';
import { readPythonInt, readPythonString, writePythonString } from './python-text.ts';
import { wholeText } from './whole-text.ts';

/**
 * `.layers[0].norm['b']`: what `jax.tree_util.keystr` writes, and so inox. An attribute is `.name`, a dict key `[repr(key)]`,
 * a list position `[0]`, a position without a key `[<flat index 0>]`; the root is the empty text.
 *
 * The text cannot always be read back: `[0]` is a position or an integer dict key, `.a.b` is b of a or one attribute `a.b`.
 * Dict keys other than text and integers (`[True]`, `[(1, 2)]`) are rare and leave the key whole.
 */
export const keystr: KeySyntax = {
  id: 'keystr',
  parse(raw): KeyPath {
    const read = readSteps(raw);
    if (!read) return wholeText(raw);
    const ambiguous = otherReadings(read.parts, read.kinds);
    return ambiguous.length > 0 ? { ...read, raw, ambiguous } : { ...read, raw };
  },
  format: (path) => path.raw ?? writeSteps(path),
  recognises: (sample) => sample.some((key) => key !== '') && sample.every((key) => readSteps(key) !== undefined),
};

const FLAT = /^<flat index ([0-9]+)>$/;

function readSteps(raw: string): { parts: PathPart[]; kinds: PartKind[] } | undefined {
  const parts: PathPart[] = [];
  const kinds: PartKind[] = [];
  let at = 0;
  while (at < raw.length) {
    if (parts.length === LIMITS.keyParts) return undefined;
    if (raw[at] === '.') {
      const end = endOfName(raw, at + 1);
      if (end === at + 1) return undefined;
      parts.push(raw.slice(at + 1, end));
      kinds.push('attr');
      at = end;
      continue;
    }
    if (raw[at] !== '[') return undefined;
    const text = readPythonString(raw, at + 1);
    if (text) {
      parts.push(text.value);
      kinds.push('key');
      at = text.end;
    } else {
      const end = raw.indexOf(']', at);
      if (end < 0) return undefined;
      const inside = raw.slice(at + 1, end);
      const flat = FLAT.exec(inside)?.[1];
      const index = readPythonInt(flat ?? inside);
      if (index === undefined) return undefined;
      parts.push(index);
      kinds.push(flat === undefined ? 'index' : 'flat');
      at = end;
    }
    if (raw[at] !== ']') return undefined;
    at++;
  }
  return { parts, kinds };
}

function endOfName(raw: string, start: number): number {
  let end = start;
  while (end < raw.length && !'.[]'.includes(raw[end]!)) end++;
  return end;
}

/** Enough to show that the key is not certain; a chain of n attributes has 2^(n-1) readings. */
const MAX_READINGS = 8;

/** The same parts first when only a kind is open (`[0]`), then neighbouring attributes joined, the longest chains last. */
function otherReadings(parts: readonly PathPart[], kinds: readonly PartKind[]): PathPart[][] {
  const readings: PathPart[][] = kinds.includes('index') ? [[...parts]] : [];
  for (let size = 2; size <= parts.length && readings.length < MAX_READINGS; size++) {
    for (let start = 0; start + size <= parts.length && readings.length < MAX_READINGS; start++) {
      if (!kinds.slice(start, start + size).every((kind) => kind === 'attr')) continue;
      readings.push([
        ...parts.slice(0, start),
        parts.slice(start, start + size).join('.'),
        ...parts.slice(start + size),
      ]);
    }
  }
  return readings;
}

function writeSteps(path: KeyPath): string {
  const only = path.parts[0];
  if (path.parts.length === 1 && path.kinds[0] === 'unknown' && typeof only === 'string') return only;
  return path.parts.map((part, i) => writeStep(part, path.kinds[i] ?? 'unknown')).join('');
}

function writeStep(part: PathPart, kind: PartKind): string {
  if (kind === 'flat') return `[<flat index ${part}>]`;
  if (typeof part === 'number') return `[${part}]`;
  if (kind === 'attr') return `.${part}`;
  if (kind === 'key') return `[${writePythonString(part)}]`;
  if (readPythonInt(part) !== undefined) return `[${part}]`;
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(part) ? `.${part}` : `[${writePythonString(part)}]`;
}
