import { indentAt, nextLine, type TextEdit } from './text-edit.ts';
import type { TextRange } from './tree.ts';

/** A text whose lists are edited, with the ends of its comments by their starts. */
export interface Sheet {
  readonly text: string;
  readonly comments: ReadonlyMap<number, number>;
  readonly newline: string;
  /** One level. */
  readonly unit: string;
}

/** A list between brackets, with commas: of values, or of keys and values. */
export interface BracketList extends TextRange {
  readonly items: readonly TextRange[];
  readonly removed: ReadonlySet<number>;
  readonly inserted: readonly NewItem[];
  /** Whether items stand on lines of their own, where none tells. */
  readonly lined: boolean;
  /** What is between a bracket and an item on the same line, and behind a comma. */
  readonly pad: string;
  readonly gap: string;
}

export interface NewItem {
  readonly after: number;
  /** Its text; `indent` is that of its line, undefined when it is not on one of its own. */
  spell(indent: string | undefined): string;
}

/** The edits that take items out of a list and put others in, with their commas and lines. */
export function editList(sheet: Sheet, list: BracketList): TextEdit[] {
  const { text, newline } = sheet;
  const { items, removed, start, end } = list;
  const [head] = items;
  const isLined = head ? text.slice(start, head.start).includes('\n') : list.lined;
  const indent = !isLined ? undefined : head ? indentAt(text, head.start) : indentAt(text, start) + sheet.unit;
  const inserted = list.inserted.map(({ after, spell }) => ({ after, text: spell(indent) }));
  const hasComments = [...sheet.comments.keys()].some((at) => at > start && at < end);
  if (removed.size === items.length && !hasComments) return [{ start: start + 1, end: end - 1, text: fillEmpty() }];

  const commas = items.map((item) => findComma(sheet, item.end));
  const endsInComma = (commas.at(-1) ?? -1) >= 0;
  const lastKept = items.findLastIndex((_, i) => !removed.has(i));
  const lastNew = inserted.reduce((last, { after }) => Math.max(last, after), -2);
  const first = head?.start ?? start + 1;
  const edits: TextEdit[] = [];
  for (const [i, item] of items.entries()) {
    if (removed.has(i)) {
      edits.push(removeItem(sheet, item, commas[i]!, i > lastKept && i > lastNew));
      continue;
    }
    const needsComma = i < lastKept || lastNew >= i || endsInComma;
    if (needsComma && commas[i]! < 0) edits.push({ start: item.end, end: item.end, text: ',' });
    if (!needsComma && commas[i]! >= 0) edits.push({ start: commas[i]!, end: commas[i]! + 1, text: '' });
  }
  for (const [n, { after, text: added }] of inserted.entries()) {
    const previous = items.findLastIndex((_, i) => i <= after && !removed.has(i));
    const isLast = n === inserted.length - 1 && lastKept <= after;
    const comma = !isLast || endsInComma ? ',' : '';
    const anchor = previous < 0 ? start + 1 : Math.max(items[previous]!.end, commas[previous]! + 1);
    if (indent !== undefined) {
      const at = endOfBlankLine(sheet, anchor) ?? anchor;
      edits.push({ start: at, end: at, text: `${newline}${indent}${added}${comma}` });
    } else if (previous < 0) edits.push({ start: first, end: first, text: `${added}${comma}${list.gap}` });
    else edits.push({ start: anchor, end: anchor, text: `${list.gap}${added}${comma}` });
  }
  return edits;

  function fillEmpty(): string {
    if (inserted.length === 0) return '';
    const texts = inserted.map((item) => item.text);
    if (indent === undefined) return `${list.pad}${texts.join(`,${list.gap}`)}${list.pad}`;
    return `${newline}${indent}${texts.join(`,${newline}${indent}`)}${newline}${indentAt(text, start)}`;
  }
}

/** With its comma: the whole line where it has one to itself, else the blanks on one side too. */
function removeItem(sheet: Sheet, item: TextRange, comma: number, isTail: boolean): TextEdit {
  const { text } = sheet;
  const end = comma < 0 ? item.end : comma + 1;
  let blank = item.start;
  while (isBlank(text[blank - 1])) blank--;
  const rest = text[blank - 1] === '\n' ? endOfBlankLine(sheet, end) : undefined;
  if (rest !== undefined && rest < text.length) return { start: blank, end: nextLine(text, rest), text: '' };
  if (isTail) return { start: blank, end, text: '' };
  let to = end;
  while (isBlank(text[to])) to++;
  return { start: item.start, end: to, text: '' };
}

/** The comma behind an item; −1 when there is none. */
function findComma({ text, comments }: Sheet, from: number): number {
  for (let at = from; ; ) {
    const comment = comments.get(at);
    if (comment !== undefined) at = comment;
    else if (isBlank(text[at]) || text[at] === '\n' || text[at] === '\r') at++;
    else return text[at] === ',' ? at : -1;
  }
}

/** Where the line ends, when only blanks and comments are left on it. */
function endOfBlankLine({ text, comments }: Sheet, from: number): number | undefined {
  for (let at = from; ; ) {
    const comment = comments.get(at);
    if (comment !== undefined) at = comment;
    else if (isBlank(text[at])) at++;
    else return at === text.length || /^\r?\n/.test(text.slice(at, at + 2)) ? at : undefined;
  }
}

const isBlank = (c: string | undefined): boolean => c === ' ' || c === '\t';
