import { PART_INT } from '../model/state-dict.ts';
import { ByteTally } from './byte-tally.ts';
import type { OpenPairing } from './pair.ts';
import { leftRows, type Side } from './side.ts';

const [DOT, ZERO, NINE, HASH] = [0x2e, 0x30, 0x39, 0x23];

/**
 * How often modules, and names with # for their numbers, occur among pairs that have one name. Of a hundred thousand such pairs no
 * text is made, and of modules only those are counted that entries without a partner are in.
 */
export class SameNames {
  readonly #modules = new ByteTally();
  readonly #patterns = new Map<string, number>();

  constructor({ a, b, sameKey }: OpenPairing) {
    for (const side of [a, b]) this.#watchModules(side);
    const { paths, pathStart } = a.columns;
    const longest = longestOf(pathStart);
    const name: Name = { key: new Uint8Array(longest), pattern: new Uint8Array(longest), module: 0, length: 0 };
    const patterns = new ByteTally();
    for (let row = 0; row < sameKey.length; row++) {
      if (sameKey[row]! < 0) continue;
      readName(paths, pathStart[row]!, pathStart[row + 1]!, name);
      // Of a name at the root there is no module.
      if (name.module > 0) this.#modules.addKnown(name.key, 0, name.module);
      patterns.add(name.pattern, 0, name.length);
    }
    for (const [text, count] of patterns.entries()) this.#addPattern(text, count);
  }

  countModule = (module: string): number => this.#modules.countOf(module);
  countPattern = (pattern: string): number => this.#patterns.get(pattern) ?? 0;

  #watchModules(side: Side): void {
    for (const row of leftRows(side)) {
      const key = side.keyOf(row);
      this.#modules.watch(key.slice(0, Math.max(0, key.lastIndexOf('.'))));
    }
  }

  /** That of a name, and that of its module. */
  #addPattern(pattern: string, count: number): void {
    const dot = pattern.lastIndexOf('.');
    for (const text of dot < 0 ? [pattern] : [pattern, pattern.slice(0, dot)])
      this.#patterns.set(text, this.countPattern(text) + count);
  }
}

/** The name of one row: what is read of the next is put in its place. */
interface Name {
  /** Parts joined by dots, with a dot in front. */
  readonly key: Uint8Array;
  /** The same with every number as one #. */
  readonly pattern: Uint8Array;
  /** Bytes of the key that are its module's; 0 where it has none. */
  module: number;
  /** Bytes of the pattern. */
  length: number;
}

function readName(paths: Uint8Array, from: number, to: number, name: Name): void {
  const { key, pattern } = name;
  let module = 0;
  let length = 0;
  let inNumber = false;
  for (let i = from; i < to; i++) {
    const byte = paths[i]! >= PART_INT ? DOT : paths[i]!;
    if (byte === DOT) module = i - from;
    const isDigit = byte >= ZERO && byte <= NINE;
    if (!isDigit || !inNumber) pattern[length++] = isDigit ? HASH : byte;
    inNumber = isDigit;
    key[i - from] = byte;
  }
  // The root entry has no part, and gets a dot too.
  if (length === 0) pattern[length++] = DOT;
  name.module = module;
  name.length = length;
}

/** One byte at least. */
function longestOf(starts: Uint32Array): number {
  let longest = 1;
  for (let row = 1; row < starts.length; row++) longest = Math.max(longest, starts[row]! - starts[row - 1]!);
  return longest;
}
