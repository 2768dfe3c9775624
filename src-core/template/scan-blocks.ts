import { LIMITS } from '../base/limits.ts';
import { lineAt, templateError } from './template-error.ts';

/** Text, or what stands between delimiters, without them and their signs. */
export interface Block {
  readonly kind: 'text' | 'expression' | 'statement';
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

export interface WhiteSpace {
  /** The line end after a statement goes, and the indent before it: `trim_blocks` and `lstrip_blocks`, as for chat templates. */
  readonly trimsBlocks: boolean;
}

const CLOSES: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const RAW = /\{%[-+]?\s*raw\s*([-+]?)%\}/y;
const ENDRAW = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;

type Piece = Block & { readonly left: string; readonly right: string; readonly isComment?: true };

/**
 * Splits a template as Jinja's lexer does: strings and brackets hide delimiters, `raw` is text, white space goes as the signs say.
 * https://jinja.palletsprojects.com/en/stable/templates/#whitespace-control
 *
 * @throws `template` for what is never closed, with the line where it begins.
 */
export function scanBlocks(source: string, { trimsBlocks }: WhiteSpace): readonly Block[] {
  const text = source.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  const pieces = splitPieces(text);
  const blocks: Block[] = [];
  for (const [i, piece] of pieces.entries()) {
    if (piece.isComment) continue;
    if (piece.kind !== 'text') {
      blocks.push(piece);
      continue;
    }
    const shown = trimText(piece.text, pieces[i - 1], pieces[i + 1], trimsBlocks);
    if (shown !== '') blocks.push({ kind: 'text', text: shown, line: piece.line });
  }
  return blocks;
}

function trimText(text: string, before: Piece | undefined, after: Piece | undefined, trimsBlocks: boolean): string {
  let shown = text;
  let startsLine = before === undefined;
  if (before?.right === '-') shown = shown.trimStart();
  else if (trimsBlocks && before && before.kind !== 'expression' && before.right !== '+' && shown.startsWith('\n')) {
    shown = shown.slice(1);
    startsLine = true;
  }
  if (after?.left === '-') return shown.trimEnd();
  if (!trimsBlocks || !after || after.kind === 'expression' || after.left === '+') return shown;
  const start = shown.lastIndexOf('\n') + 1;
  return (start > 0 || startsLine) && shown.slice(start).trim() === '' ? shown.slice(0, start) : shown;
}

function splitPieces(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let [at, line] = [0, 1];
  const advance = (to: number): string => {
    const part = text.slice(at, to);
    line += part.split('\n').length - 1;
    at = to;
    return part;
  };
  while (at < text.length) {
    const start = findOpening(text, at);
    // Empty texts stand too: they say what the signs of their neighbours reach.
    pieces.push({ kind: 'text', line, text: advance(start), left: '', right: '' });
    if (start === text.length) break;
    const begun = line;
    RAW.lastIndex = at;
    const raw = RAW.exec(text);
    if (raw) {
      ENDRAW.lastIndex = at + raw[0].length;
      const end = ENDRAW.exec(text);
      if (!end) throw templateError('syntax', '{% raw %} is never closed by {% endraw %}', begun);
      const left = raw[0][2] ?? '';
      pieces.push({ kind: 'statement', line, text: '', left, right: raw[1] ?? '', isComment: true });
      advance(at + raw[0].length);
      pieces.push({ kind: 'text', line, text: advance(end.index), left: '', right: '' });
      pieces.push({ kind: 'statement', line, text: '', left: end[1] ?? '', right: end[2] ?? '', isComment: true });
      advance(end.index + end[0].length);
    } else {
      const { end, ...piece } = readBlock(text, at, begun);
      pieces.push(piece);
      advance(end);
    }
  }
  return pieces;
}

function findOpening(text: string, from: number): number {
  for (let at = text.indexOf('{', from); at >= 0; at = text.indexOf('{', at + 1))
    if ('{%#'.includes(text[at + 1] ?? '?')) return at;
  return text.length;
}

function readBlock(text: string, at: number, line: number): Piece & { readonly end: number } {
  const mark = text[at + 1]!;
  const left = text[at + 2] === '-' || text[at + 2] === '+' ? text[at + 2]! : '';
  const from = at + 2 + left.length;
  const close = mark === '#' ? text.indexOf('#}', from) : findClosing(text, from, mark === '%' ? '%}' : '}}', line);
  if (close < 0) throw templateError('syntax', `{${mark} is never closed`, line);
  if (close - from > LIMITS.templateBlockCharacters)
    throw templateError('limit', `{${mark} … has more than ${LIMITS.templateBlockCharacters} characters`, line);
  const signed = close > from && (text[close - 1] === '-' || (text[close - 1] === '+' && mark !== '{'));
  const right = signed ? text[close - 1]! : '';
  return {
    kind: mark === '{' ? 'expression' : 'statement',
    text: text.slice(from, close - right.length),
    line,
    left,
    right,
    end: close + 2,
    ...(mark === '#' && { isComment: true }),
  };
}

/** Where a block ends: not in a string, nor between brackets. */
function findClosing(text: string, from: number, end: string, line: number): number {
  const open: string[] = [];
  for (let at = from; at < text.length; at++) {
    const c = text[at]!;
    if (open.length === 0 && text.startsWith(end, at)) return at;
    if (c === '"' || c === "'") {
      const closed = skipString(text, at);
      if (closed < 0)
        throw templateError('syntax', `a string is never closed`, line + lineAt(text.slice(from, at), at) - 1);
      at = closed - 1;
    } else if (c in CLOSES) open.push(CLOSES[c]!);
    else if (c === ')' || c === ']' || c === '}') {
      const wanted = open.pop();
      if (wanted === c) continue;
      const detail = wanted === undefined ? `unexpected ${c}` : `unexpected ${c}, expected ${wanted}`;
      throw templateError('syntax', detail, line + lineAt(text.slice(from, at), at) - 1);
    }
  }
  return -1;
}

/** One past the closing quote of a string that begins at `at`; −1 when there is none. */
export function skipString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === text[at]) return i + 1;
  }
  return -1;
}
