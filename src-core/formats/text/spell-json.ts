import type { JsonNode } from '../../model/state-dict.ts';
import { patchInside, type Quoting } from './patch-string.ts';
import { newlineOf } from './text-edit.ts';
import type { TextNode } from './tree.ts';

/** How a file writes JSON: what is put into it looks like what is there. */
export interface JsonStyle {
  readonly newline: string;
  /** One level; undefined when everything is on one line. */
  readonly unit: string | undefined;
  /** Between key and value, with the blanks around. */
  readonly colon: string;
  readonly gap: string;
  /** Other letters than ASCII as escapes, as Python does by itself. */
  readonly isAscii: boolean;
}

export function findStyle(text: string, root: TextNode): JsonStyle {
  const member = findMember(root);
  const between = member ? text.slice(member.keyEnd, member.value.start) : ': ';
  const colon = /^[ \t]*:[ \t]*$/.test(between) ? between : ': ';
  return {
    newline: newlineOf(text),
    unit: /[[{][^"\n]*\n([ \t]*)["\d[{\-tfn]/.exec(text)?.[1],
    colon,
    gap: / $/.test(colon) ? ' ' : '',
    isAscii: !/[^\uFEFF\x00-\x7f]/.test(text) && /\\u(?!00[0-7])[0-9a-f]{4}/i.test(text),
  };
}

function findMember(node: TextNode): { keyEnd: number; value: TextNode } | undefined {
  if (node.kind === 'array') {
    for (const item of node.items) {
      const found = findMember(item);
      if (found) return found;
    }
  }
  return node.kind === 'object' ? node.members[0] : undefined;
}

/** `indent` is that of the line it begins on; undefined keeps it on that line. */
export function spellJson(node: JsonNode, style: JsonStyle, indent: string | undefined): string {
  switch (node.kind) {
    case 'null':
      return 'null';
    case 'bool':
      return String(node.value);
    case 'number':
      return spellNumber(node.lexeme);
    case 'string':
    case 'literal':
      return quoteJson(node.kind === 'string' ? node.value : node.lexeme, style);
    case 'array':
      return enclose('[', ']', node.items.length, (i, deeper) => spellJson(node.items[i]!, style, deeper));
    case 'object':
      return enclose('{', '}', node.members.length, (i, deeper) => spellMember(...node.members[i]!, style, deeper));
  }

  function enclose(open: string, close: string, count: number, spell: (i: number, indent?: string) => string): string {
    const isLined = indent !== undefined && style.unit !== undefined;
    const deeper = isLined ? indent + style.unit : undefined;
    const parts = Array.from({ length: count }, (_, i) => spell(i, deeper));
    if (count === 0 || !isLined) return open + parts.join(`,${style.gap}`) + close;
    return `${open}${style.newline}${deeper}${parts.join(`,${style.newline}${deeper}`)}${style.newline}${indent}${close}`;
  }
}

export const spellMember = (key: string, node: JsonNode, style: JsonStyle, indent: string | undefined): string =>
  `${quoteJson(key, style)}${style.colon}${spellJson(node, style, indent)}`;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function spellNumber(lexeme: string): string {
  if (NUMBER.test(lexeme)) return lexeme;
  if (/nan$/i.test(lexeme)) return 'NaN';
  if (/inf/i.test(lexeme)) return lexeme.startsWith('-') ? '-Infinity' : 'Infinity';
  if (/^0[xob]/.test(lexeme)) return BigInt(lexeme.replaceAll('_', '')).toString();
  return lexeme.replaceAll('_', '').replace(/^\+/, '');
}

export const isFiniteLexeme = (lexeme: string): boolean => !/inf|nan/i.test(lexeme);

function quoteJson(text: string, style: JsonStyle): string {
  const quoted = JSON.stringify(text);
  return style.isAscii
    ? quoted.replace(/[\x7f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : quoted;
}

/** A quoted text (`written`) with another value, the way it is written. */
export function requoteJson(written: string, next: string, style: JsonStyle): string {
  const quoting: Quoting = {
    piece: /\\(?:u[0-9a-fA-F]{4}|.)|[^\\]+/gs,
    decode: (piece) => JSON.parse(`"${piece}"`) as string,
    isPlain: (piece) => !piece.startsWith('\\'),
    write: (text) => quoteJson(text, style).slice(1, -1),
  };
  const patched = `"${patchInside(written.slice(1, -1), next, quoting)}"`;
  return JSON.parse(patched) === next ? patched : quoteJson(next, style);
}
