import { editList, type NewItem, type Sheet } from './edit-list.ts';
import { insertStatements, keyPath } from './insert-toml.ts';
import { removeStatements } from './remove-toml.ts';
import { spellKey, spellPair, spellToml } from './spell-toml.ts';
import { newlineOf, type TextEdit } from './text-edit.ts';
import { requoteToml } from './toml-quote.ts';
import type { TomlStatement } from './toml-tables.ts';
import type { ScannedText, TextNode, TextSource } from './tree.ts';
import { type Container, type Insertion, isInOnePlace, type TreeChange } from './tree-change.ts';

/** A scanned TOML with its statements: `lines` those with lines of their own, `inline` those of inline tables. */
export interface TomlText extends ScannedText {
  readonly lines: readonly TomlStatement[];
  readonly inline: readonly TomlStatement[];
}

/** The edits of a TOML text that make a change of its nodes. */
export function editToml({ text }: TextSource, scanned: TomlText, change: TreeChange): TextEdit[] {
  const { lines, inline, comments } = scanned;
  const newline = newlineOf(text);
  const sheet: Sheet = { text, comments: new Map(comments.map(({ start, end }) => [start, end])), newline, unit: '  ' };
  const edits: TextEdit[] = [];
  for (const [node, next] of change.values) {
    const { start, end } = node;
    const isText = node.kind === 'string' && next.kind === 'string';
    edits.push({
      start,
      end,
      text: isText ? requoteToml(text.slice(start, end), next.value, newline) : spellToml(next),
    });
  }
  const gone = new Set<TextNode>();
  for (const [container, { removed }] of change.lists)
    for (const index of removed)
      gone.add(container.kind === 'object' ? container.members[index]!.value : container.items[index]!);
  const { kept, removals } = removeStatements(text, lines, gone);
  edits.push(...removals);
  for (const { key, steps } of [...kept, ...inline]) {
    if (steps.some(({ member }) => gone.has(member.value))) continue;
    for (const [i, { member }] of steps.entries()) {
      const name = change.renames.get(member);
      const { start, end } = key.places[i]!;
      if (name !== undefined) edits.push({ start, end, text: spellKey(name, text.slice(start, end)) });
    }
  }
  const brackets = new Map<Container, NewItem[]>();
  for (const [container, { inserted }] of change.lists) {
    const inside = inline.findLast(({ steps }) => steps.some(({ node }) => node === container));
    if (inside && container.kind === 'object' && container.container === 'dotted keys') {
      const prefix = `${keyPath(text, change.renames, inside, container)}.`;
      addItems(inside.base, inserted, ({ key, node }) => prefix + spellPair(key, node));
    } else if (!isInOnePlace(container))
      edits.push(...insertStatements({ text, newline, scanned, kept, names: change.renames }, container, inserted));
    else if (container.kind === 'array') addItems(container, inserted, ({ node }) => spellToml(node));
    else addItems(container, inserted, ({ key, node }) => spellPair(key, node));
  }
  for (const [container, inserted] of brackets) edits.push(...editBrackets(container, inserted));
  return edits;

  function addItems(container: Container, inserted: readonly Insertion[], spell: (item: Insertion) => string): void {
    const items = brackets.get(container) ?? [];
    brackets.set(container, items);
    // Dotted keys make more pairs than members: in a table the end is the only place that is sure.
    const last = container.kind === 'array' ? undefined : Number.MAX_SAFE_INTEGER;
    for (const item of inserted) items.push({ after: last ?? item.after, spell: () => spell(item) });
  }

  function editBrackets(container: Container, inserted: readonly NewItem[]): TextEdit[] {
    const isArray = container.kind === 'array';
    const items = isArray ? container.items : inline.filter(({ base }) => base === container);
    const isGone = (item: TextNode | TomlStatement) =>
      'steps' in item ? item.steps.some(({ member }) => gone.has(member.value)) : gone.has(item);
    return editList(sheet, {
      start: container.start,
      end: container.end,
      items,
      removed: new Set([...items.keys()].filter((i) => isGone(items[i]!))),
      inserted,
      lined: false,
      pad: isArray ? '' : ' ',
      gap: ' ',
    });
  }
}
