import { LIMITS } from '../../base/limits.ts';
import type { KeyPath, KeySyntax, PartKind, PathPart } from './key.ts';
import { readPythonInt, readPythonString, writePythonString } from './python-text.ts';
import { wholeText } from './whole-text.ts';

/**
 * `('layers', 0, 'kernel')`: flax.nnx paths and the keys of Orbax's `tree_metadata`, written by Python's `str(tuple)`.
 * Integers and texts differ (`0` is not `'0'`), one part is `('a',)`, the root is `()`.
 */
export const tuple: KeySyntax = {
  id: 'tuple',
  parse(raw): KeyPath {
    const read = readTuple(raw);
    return read ? { ...read, raw } : wholeText(raw);
  },
  format: (path) => path.raw ?? writeTuple(path.parts),
  recognises: (sample) => sample.some((key) => key !== '()') && sample.every((key) => readTuple(key) !== undefined),
};

function readTuple(raw: string): { parts: PathPart[]; kinds: PartKind[] } | undefined {
  if (!raw.startsWith('(') || !raw.endsWith(')')) return undefined;
  const parts: PathPart[] = [];
  const kinds: PartKind[] = [];
  let commas = 0;
  let at = skipSpaces(raw, 1);
  while (at < raw.length - 1) {
    if (parts.length === LIMITS.keyParts) return undefined;
    const text = readPythonString(raw, at);
    const digits = text ? undefined : /^-?[0-9]+/.exec(raw.slice(at, at + 20))?.[0];
    const int = digits === undefined ? undefined : readPythonInt(digits);
    if (text) parts.push(text.value);
    else if (int !== undefined) parts.push(int);
    else return undefined;
    kinds.push(text ? 'key' : 'index');
    at = skipSpaces(raw, text ? text.end : at + digits!.length);
    if (raw[at] === ',') {
      commas++;
      at = skipSpaces(raw, at + 1);
    } else if (at !== raw.length - 1) return undefined;
  }
  // `('a')` is a text in brackets, not a tuple.
  return at === raw.length - 1 && (parts.length !== 1 || commas === 1) ? { parts, kinds } : undefined;
}

function skipSpaces(text: string, at: number): number {
  let i = at;
  while (text[i] === ' ') i++;
  return i;
}

function writeTuple(parts: readonly PathPart[]): string {
  const items = parts.map((part) => (typeof part === 'number' ? String(part) : writePythonString(part)));
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
}
