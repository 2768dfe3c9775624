import type { JsonNode } from '../../model/state-dict.ts';
import { spellTomlText } from './toml-quote.ts';
import { isTomlNumber } from './toml-scalar.ts';

/** A value on one line: of tables inline ones. */
export function spellToml(node: JsonNode): string {
  switch (node.kind) {
    case 'null':
      throw new Error('TOML has no null');
    case 'bool':
      return String(node.value);
    case 'number':
      return spellNumber(node.lexeme);
    case 'literal':
      return node.lexeme;
    case 'string':
      return spellTomlText(node.value, '"');
    case 'array':
      return `[${node.items.map(spellToml).join(', ')}]`;
    case 'object':
      return node.members.length === 0
        ? '{}'
        : `{ ${node.members.map(([key, value]) => spellPair(key, value)).join(', ')} }`;
  }
}

export const spellPair = (key: string, node: JsonNode): string => `${spellKey(key)} = ${spellToml(node)}`;

/** A table by its header, its pairs and, below, the tables in it. `path` is the name as the header has it. */
export function spellTable(path: string, members: ObjectMembers, isItem = false): string[] {
  const isTable = ([, node]: ObjectMembers[number]) => node.kind === 'object' && node.members.length > 0;
  const pairs = members.filter((member) => !isTable(member));
  const lines = [isItem ? `[[${path}]]` : `[${path}]`, ...pairs.map(([key, node]) => spellPair(key, node))];
  const below = members.filter(isTable).flatMap(([key, node]) => {
    const inner = node.kind === 'object' ? node.members : [];
    return ['', ...spellTable(`${path}.${spellKey(key)}`, inner)];
  });
  // A table that only holds others needs no header of its own.
  return pairs.length === 0 && below.length > 0 && !isItem ? below.slice(1) : [...lines, ...below];
}

type ObjectMembers = Extract<JsonNode, { kind: 'object' }>['members'];

const BARE = /^[A-Za-z0-9_-]+$/;

/** Bare where it can be, and where the key that stood there was. */
export function spellKey(key: string, written?: string): string {
  const quote = written?.[0];
  if (quote === '"' || quote === "'") return spellTomlText(key, quote);
  return BARE.test(key) ? key : spellTomlText(key, '"');
}

function spellNumber(lexeme: string): string {
  if (isTomlNumber(lexeme)) return lexeme;
  const sign = /^[+-]/.exec(lexeme)?.[0] ?? '';
  return sign + (/nan$/i.test(lexeme) ? 'nan' : 'inf');
}

/** Why TOML has no way to write it. */
export function refuseToml(node: JsonNode): string | undefined {
  if (node.kind === 'null') return 'TOML has no null: delete the entry, or write it as a text';
  if (node.kind === 'string') return refuseTomlKey(node.value);
  if (node.kind === 'array') return node.items.map(refuseToml).find((why) => why !== undefined);
  if (node.kind !== 'object') return undefined;
  if (new Set(node.members.map(([key]) => key)).size < node.members.length) return 'TOML takes no key twice';
  return node.members.map(([key, value]) => refuseTomlKey(key) ?? refuseToml(value)).find((why) => why !== undefined);
}

export const refuseTomlKey = (text: string): string | undefined =>
  text.isWellFormed() ? undefined : 'it has half a surrogate pair, which TOML has no escape for';
