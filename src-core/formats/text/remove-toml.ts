import { lineEnd, lineStart, nextLine, type TextEdit } from './text-edit.ts';
import type { TomlStatement } from './toml-tables.ts';
import type { TextNode } from './tree.ts';

/**
 * Takes out the lines of everything that names a node that is gone. Of a table that goes as a whole, what is written between its
 * lines goes with it; comments elsewhere stay.
 */
export function removeStatements(
  text: string,
  lines: readonly TomlStatement[],
  gone: ReadonlySet<TextNode>,
): { kept: ReadonlySet<TomlStatement>; removals: TextEdit[] } {
  const kept = new Set<TomlStatement>();
  const removals: TextEdit[] = [];
  if (gone.size === 0) return { kept: new Set(lines), removals };
  const goneTables = new Set<TextNode>();
  let section: { start: number; end: number } | undefined;
  for (const statement of lines) {
    const { kind, base, steps, start, end } = statement;
    const isGone = goneTables.has(base) || steps.some(({ member, node }) => gone.has(member.value) || gone.has(node));
    if (section && (kind === 'header' || !isGone)) closeSection();
    if (!isGone) {
      kept.add(statement);
      continue;
    }
    if (kind === 'header') {
      goneTables.add(steps.at(-1)!.node);
      section = { start: lineStart(text, start), end: nextLine(text, end) };
    } else if (section) section.end = nextLine(text, end);
    else removals.push({ start: lineStart(text, start), end: nextLine(text, end), text: '' });
  }
  closeSection();
  return { kept, removals };

  function closeSection(): void {
    if (section) removals.push({ ...widen(text, section), text: '' });
    section = undefined;
  }
}

/** With the blank lines behind it, or before it at the end of the file: no gap is left. */
function widen(text: string, { start, end }: { start: number; end: number }): { start: number; end: number } {
  let to = end;
  while (to < text.length && text.slice(to, lineEnd(text, to)).trim() === '') to = nextLine(text, to);
  if (to < text.length) return { start, end: to };
  let from = start;
  while (from > 0) {
    const line = lineStart(text, from - 1);
    if (line >= from || text.slice(line, from).trim() !== '') break;
    from = line;
  }
  return { start: from, end };
}
