import { spellBehind, spellPair, type YamlStyle } from './spell-yaml.ts';
import { lineEnd, lineStart, nextLine, type TextEdit } from './text-edit.ts';
import type { TextRange } from './tree.ts';
import type { Insertion } from './tree-change.ts';

/** A list or a map that is written as lines. */
interface BlockList {
  readonly isObject: boolean;
  readonly isRoot: boolean;
  /** From the key or the dash to the end of the value. */
  readonly items: readonly TextRange[];
  readonly removed: ReadonlySet<number>;
  readonly inserted: readonly Insertion[];
}

/** The edits that take items out of a block and put others in, with their lines. */
export function editYamlBlock({ text, style }: { text: string; style: YamlStyle }, list: BlockList): TextEdit[] {
  const { items, removed } = list;
  const { newline } = style;
  const [head] = items;
  const indent = head ? ' '.repeat(head.start - lineStart(text, head.start)) : '';
  const inserted = list.inserted.map(({ after, key, node }) => ({
    after,
    text: list.isObject ? spellPair(key, node, indent, style) : `-${spellBehind(node, indent, style, true)}`,
  }));
  if (!head) return [addToNothing()];
  const kept = items.findIndex((_, i) => !removed.has(i));
  if (kept < 0 && inserted.length > 0) {
    const added = inserted.map((item) => item.text).join(newline + indent);
    return [{ start: head.start, end: items.at(-1)!.end, text: added }];
  }
  const edits: TextEdit[] = [];
  const isCompact = text.slice(lineStart(text, head.start), head.start).trim() !== '';
  // The first ones stand behind a dash: the next one moves up to it.
  const moved = isCompact && kept > 0 ? kept : 0;
  if (moved > 0) edits.push({ start: head.start, end: items[moved]!.start, text: '' });
  for (const [i, item] of items.entries())
    if (i >= moved && removed.has(i))
      edits.push({ start: lineStart(text, item.start), end: nextLine(text, item.end), text: '' });
  for (const { after, text: added } of inserted) {
    const previous = items.findLastIndex((_, i) => i <= after && !removed.has(i));
    if (previous < 0)
      edits.push({ start: items[kept]!.start, end: items[kept]!.start, text: added + newline + indent });
    else {
      const at = lineEnd(text, items[previous]!.end);
      edits.push({ start: at, end: at, text: newline + indent + added });
    }
  }
  return edits;

  /** A text of comments only, or of nothing. */
  function addToNothing(): TextEdit {
    const isEnded = text === '' || /[\n\uFEFF]$/.test(text);
    const lines = inserted.map((item) => item.text).join(newline);
    return { start: text.length, end: text.length, text: `${isEnded ? '' : newline}${lines}${newline}` };
  }
}
