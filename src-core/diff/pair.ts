import type { RenameRule } from '../model/keys/rename-rules.ts';
import type { StateDict } from '../model/state-dict.ts';
import { finishPairing } from './finish.ts';
import { matchKeys, matchPinned, matchRules, type Pin } from './match-keys.ts';
import { matchMappings } from './match-mappings.ts';
import { matchNames } from './match-names.ts';
import type { Match, Pairing } from './pairing.ts';
import { makeSide, type Side } from './side.ts';

export interface PairOptions {
  /** From A's keys to B's, as they are stored: these come before equal keys. */
  readonly rules?: readonly RenameRule[];
  /** Whether known names of other systems are tried; yes unless told otherwise. */
  readonly mappings?: boolean;
  /** Whether what is left is paired by shape and likeness of names; yes unless told otherwise. */
  readonly guess?: boolean;
  /** Decided by a person, by key: these come first. */
  readonly pinned?: readonly Pin[];
}

/** Two states while partners are looked for. A match takes both rows, so that no row has two. */
export interface OpenPairing {
  readonly a: Side;
  readonly b: Side;
  /** By row of A, the row of B that has the same key, where that is all there is to tell; -1. Most pairs of most files are these. */
  readonly sameKey: Int32Array;
  /** All others. */
  readonly matches: readonly Match[];
  add(match: Match): void;
  addSameKey(rowA: number, rowB: number): void;
}

/**
 * Pairs the entries of two states of any formats by what a person pinned, by rules, keys and known mappings of names, and last
 * by shape and likeness of names. Reads no data.
 *
 * @throws `bad-input` for a rule that is no regular expression, `not-found` for a pinned key that is not there.
 */
export function pairEntries(a: StateDict, b: StateDict, options: PairOptions = {}): Pairing {
  const open = openPairing(a, b, options);
  if (options.guess !== false) matchNames(open);
  return finishPairing(open);
}

/** The same, up to where contents or names of what is left would be compared. */
export function openPairing(
  a: StateDict,
  b: StateDict,
  { rules = [], pinned = [], mappings = true }: PairOptions = {},
): OpenPairing {
  const [sideA, sideB] = [makeSide(a), makeSide(b)];
  const sameKey = new Int32Array(sideA.columns.count).fill(-1);
  const matches: Match[] = [];
  const take = (rowA: number, rowB: number): boolean => {
    if (sideA.taken[rowA] || sideB.taken[rowB]) return false;
    sideA.taken[rowA] = 1;
    sideB.taken[rowB] = 1;
    return true;
  };
  const open: OpenPairing = {
    a: sideA,
    b: sideB,
    sameKey,
    matches,
    add(match) {
      if (take(match.rowA, match.rowB)) matches.push(match);
    },
    addSameKey(rowA, rowB) {
      if (take(rowA, rowB)) sameKey[rowA] = rowB;
    },
  };
  matchPinned(open, pinned);
  const named = matchRules(open, rules);
  matchKeys(open);
  if (mappings) matchMappings(open, named);
  return open;
}
