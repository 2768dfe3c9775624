import { compileRules } from '../model/keys/rename-rules.ts';
import { VALUE_ORDER } from '../model/state-dict.ts';
import type { Wrapper } from './mappings/mapping.ts';
import { findPrefix, PREFIX } from './mappings/prefix.ts';
import { MAPPINGS, WRAPPERS } from './mappings/registry.ts';
import type { RuledNames } from './match-keys.ts';
import type { OpenPairing } from './pair.ts';
import { leftRows, type Side } from './side.ts';

/** Names of what one side has left, by row, without what wraps them. */
interface Names {
  readonly byRow: Map<number, string>;
  /** What was taken away of any. */
  readonly wrappers: Set<string>;
}

type Rename = (key: string) => string;

/** By names alone it is certain which pairs a known mapping means. */
const SURE = 0.98;
/** Prefixes that are found one after the other: two towers of a model each have one. */
const MOST_PREFIXES = 4;

/** Pairs what is left by known mappings of names: wrappers taken away on each side, then other systems' names, either way. */
export function matchMappings(open: OpenPairing, ruled: RuledNames): void {
  const namesA = unwrap(open.a, ruled);
  const namesB = unwrap(open.b);
  if (namesA.byRow.size === 0 || namesB.byRow.size === 0) return;
  const isOn = ({ wrappers }: Names, { id }: Wrapper) => wrappers.has(id);
  const wrapper =
    WRAPPERS.find((one) => isOn(namesA, one) !== isOn(namesB, one)) ?? WRAPPERS.find((one) => isOn(namesA, one));
  if (wrapper) pairEqual(open, namesA, namesB, wrapper.id);
  matchPrefixes(open, namesA, namesB);
  for (const { id, left, right, toRight, toLeft } of MAPPINGS) {
    const has = (names: Names, sign: RegExp) => [...names.byRow.values()].some((name) => sign.test(name));
    const [there, back] = [compileRules(toRight), compileRules(toLeft)];
    if (has(namesA, left) && has(namesB, right)) {
      pairEqual(open, namesA, namesB, id, there);
      pairEqual(open, namesA, namesB, id, undefined, back);
    }
    if (has(namesA, right) && has(namesB, left)) {
      pairEqual(open, namesA, namesB, id, undefined, there);
      pairEqual(open, namesA, namesB, id, back);
    }
  }
}

function unwrap(side: Side, ruled?: RuledNames): Names {
  const byRow = new Map<number, string>();
  for (const row of leftRows(side)) byRow.set(row, ruled?.[row] ?? side.keyOf(row));
  const wrappers = new Set<string>();
  // A wrapper may be found inside another, whichever was put on first.
  for (let pass = 0; pass < 2; pass++)
    for (const wrapper of WRAPPERS) if (takeAway(side, byRow, wrapper)) wrappers.add(wrapper.id);
  return { byRow, wrappers };
}

const TENSOR = VALUE_ORDER.indexOf('tensor');

function takeAway({ columns }: Side, byRow: Map<number, string>, { strip, when }: Wrapper): boolean {
  let changed = false;
  const plain = new Map<number, string>();
  for (const [row, name] of byRow) {
    const to = name.replace(strip, '');
    if (to === name || to === '') {
      if (when === 'every' && columns.types[row] === TENSOR) return false;
    } else plain.set(row, to);
  }
  for (const [row, to] of plain) {
    byRow.set(row, to);
    changed = true;
  }
  return changed;
}

/** Pairs names that are the same once either was renamed. */
function pairEqual(open: OpenPairing, a: Names, b: Names, id: string, renameA?: Rename, renameB?: Rename): void {
  const rows = new Map<string, number>();
  for (const [row, name] of b.byRow) {
    const to = renameB ? renameB(name) : name;
    if (!rows.has(to)) rows.set(to, row);
  }
  for (const [rowA, name] of [...a.byRow]) {
    const rowB = rows.get(renameA ? renameA(name) : name);
    if (rowB === undefined || !b.byRow.has(rowB)) continue;
    open.add({ rowA, rowB, how: 'mapping', mapping: id, confidence: SURE });
    a.byRow.delete(rowA);
    b.byRow.delete(rowB);
  }
}

function matchPrefixes(open: OpenPairing, a: Names, b: Names): void {
  for (let i = 0; i < MOST_PREFIXES && a.byRow.size > 0 && b.byRow.size > 0; i++) {
    const found = findPrefix(new Set(a.byRow.values()), new Set(b.byRow.values()));
    if (!found) return;
    const { byRow } = found.side === 'a' ? a : b;
    for (const [row, name] of byRow) if (name.startsWith(found.prefix)) byRow.set(row, name.slice(found.prefix.length));
    const before = a.byRow.size;
    pairEqual(open, a, b, PREFIX);
    if (a.byRow.size === before) return;
  }
}
