import type { FileId } from '../../bytes/source.ts';
import type { Part } from '../format.ts';
import type { TextRange, TextSource } from './tree.ts';

/** A range of the original text and what stands there instead. */
export interface TextEdit extends TextRange {
  readonly text: string;
  /** Which comes first of those that are put in at one place; the order they came in where it is the same. */
  readonly rank?: number;
}

/** In order of place, apart from each other: removals that overlap become one, what was put inside one stands after it. */
export function orderEdits(edits: readonly TextEdit[]): TextEdit[] {
  const ordered: { start: number; end: number; text: string }[] = [];
  for (const edit of edits.toSorted((a, b) => a.start - b.start || (a.rank ?? 0) - (b.rank ?? 0))) {
    const last = ordered.at(-1);
    if (last && edit.start < last.end) {
      last.end = Math.max(last.end, edit.end);
      last.text += edit.text;
    } else if (edit.start < edit.end || edit.text !== '') ordered.push({ ...edit });
  }
  return ordered;
}

/** The edited text as parts: what was not touched is copied from the file. */
export function composeParts({ text, places }: TextSource, edits: readonly TextEdit[], file: FileId): Part[] {
  const parts: Part[] = [];
  const encoder = new TextEncoder();
  let from = 0;
  const copyTo = (end: number) => {
    const [offset, stop] = [places.bytes(from), places.bytes(end)];
    if (stop > offset) parts.push({ kind: 'copy', file, offset, length: stop - offset });
  };
  for (const { start, end, text: added } of edits) {
    copyTo(start);
    if (added !== '') parts.push({ kind: 'bytes', bytes: encoder.encode(added) });
    from = end;
  }
  copyTo(text.length);
  return parts;
}

/** Where the line of an offset ends, without its line break. */
export function lineEnd(text: string, offset: number): number {
  const next = text.indexOf('\n', offset);
  if (next < 0) return text.length;
  return next > offset && text[next - 1] === '\r' ? next - 1 : next;
}

/** Behind the line break of the line of an offset. */
export function nextLine(text: string, offset: number): number {
  const next = text.indexOf('\n', offset);
  return next < 0 ? text.length : next + 1;
}

export function lineStart(text: string, offset: number): number {
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  return start === 0 && text.startsWith('\uFEFF') ? 1 : start;
}

/** The blanks the line of an offset begins with. */
export function indentAt(text: string, offset: number): string {
  const start = lineStart(text, offset);
  let end = start;
  while (text[end] === ' ' || text[end] === '\t') end++;
  return text.slice(start, end);
}

/** The line break of the file. */
export const newlineOf = (text: string): '\n' | '\r\n' => (/\r\n/.test(text) && !/[^\r]\n/.test(text) ? '\r\n' : '\n');
