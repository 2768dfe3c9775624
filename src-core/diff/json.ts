import { writeJson } from '../model/json-write.ts';
import type { JsonNode } from '../model/state-dict.ts';
import { diffSequences } from './myers.ts';

/** A value that differs; of what only one side has, the other is absent. */
export interface JsonDifference {
  readonly path: readonly (string | number)[];
  readonly a?: JsonNode;
  readonly b?: JsonNode;
}

/**
 * What differs between two JSON values, by path. Members go by name, their order says nothing; items of lists are aligned, and
 * their positions are those in B, or in A for what only A has.
 */
export function diffJson(a: JsonNode, b: JsonNode): JsonDifference[] {
  const found: JsonDifference[] = [];
  compare(a, b, [], found);
  return found;
}

type Path = readonly (string | number)[];

function compare(a: JsonNode, b: JsonNode, path: Path, found: JsonDifference[]): void {
  if (a.kind === 'object' && b.kind === 'object') {
    const membersB = new Map(b.members);
    const names = new Set(a.members.map(([name]) => name));
    for (const [name, value] of a.members) {
      const other = membersB.get(name);
      if (other) compare(value, other, [...path, name], found);
      else found.push({ path: [...path, name], a: value });
    }
    for (const [name, value] of b.members) if (!names.has(name)) found.push({ path: [...path, name], b: value });
  } else if (a.kind === 'array' && b.kind === 'array') compareItems(a.items, b.items, path, found);
  else if (canonical(a) !== canonical(b)) found.push({ path, a, b });
}

function compareItems(a: readonly JsonNode[], b: readonly JsonNode[], path: Path, found: JsonDifference[]): void {
  const runs = diffSequences(a.map(canonical), b.map(canonical));
  for (const [i, { kind, fromA, toA, fromB, toB }] of runs.entries()) {
    if (kind === 'same' || (kind === 'added' && runs[i - 1]?.kind === 'removed')) continue;
    const next = runs[i + 1];
    const against = kind === 'removed' && next?.kind === 'added' ? next : { fromB, toB };
    const [removed, added] = [toA - fromA, against.toB - against.fromB];
    for (let at = 0; at < Math.max(removed, added); at++) {
      const [itemA, itemB] = [at < removed ? a[fromA + at] : undefined, at < added ? b[against.fromB + at] : undefined];
      if (itemA && itemB) compare(itemA, itemB, [...path, against.fromB + at], found);
      else if (itemA) found.push({ path: [...path, fromA + at], a: itemA });
      else if (itemB) found.push({ path: [...path, against.fromB + at], b: itemB });
    }
  }
}

/** One text for values that are equal: members in the order of their names, numbers by what they are. */
export function canonical(node: JsonNode): string {
  if (node.kind === 'array') return `[${node.items.map(canonical).join()}]`;
  if (node.kind !== 'object') return writeJson(node, { number: canonicalNumber });
  const members = node.members.map(([name, value]) => `${JSON.stringify(name)}:${canonical(value)}`);
  return `{${members.sort().join()}}`;
}

/** `1e3` is `1000.0`. An integer is told from a float, as Python does, and kept whole however long it is. */
function canonicalNumber(lexeme: string): string {
  if (/^-?\d+$/.test(lexeme)) return String(BigInt(lexeme));
  const value = Number(lexeme);
  return Number.isNaN(value) ? lexeme : `${value}f`;
}
