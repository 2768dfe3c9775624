import { editList, type Sheet } from './edit-list.ts';
import { findStyle, requoteJson, spellJson, spellMember } from './spell-json.ts';
import { indentAt, type TextEdit } from './text-edit.ts';
import type { ScannedText, TextNode, TextSource } from './tree.ts';
import type { Container, ListChange, TreeChange } from './tree-change.ts';

/** The edits of a JSON text that make a change of its nodes. */
export function editJson({ text }: TextSource, { root, comments }: ScannedText, change: TreeChange): TextEdit[] {
  const style = findStyle(text, root);
  const sheet: Sheet = {
    text,
    comments: new Map(comments.map(({ start, end }) => [start, end])),
    newline: style.newline,
    unit: style.unit ?? '',
  };
  const edits: TextEdit[] = [];
  for (const [{ keyStart: start, keyEnd: end }, key] of change.renames)
    edits.push({ start, end, text: requoteJson(text.slice(start, end), key, style) });
  for (const [node, next] of change.values) {
    const { start, end } = node;
    const isText = node.kind === 'string' && next.kind === 'string';
    const spelt = isText
      ? requoteJson(text.slice(start, end), next.value, style)
      : spellJson(next, style, 'value' in next ? undefined : indentAt(text, start));
    edits.push({ start, end, text: spelt });
  }
  for (const [container, list] of change.lists) edits.push(...editContainer(container, list));
  return edits;

  function editContainer(container: Container, { removed, inserted }: ListChange): TextEdit[] {
    const isObject = container.kind === 'object';
    return editList(sheet, {
      start: container.start,
      end: container.end,
      items: isObject ? container.members.map((m) => ({ start: m.keyStart, end: m.value.end })) : container.items,
      removed,
      inserted: inserted.map(({ after, key, node }) => ({
        after,
        spell: (indent) => (isObject ? spellMember(key, node, style, indent) : spellJson(node, style, indent)),
      })),
      lined: style.unit !== undefined,
      pad: padOf(container),
      gap: style.gap,
    });
  }

  /** `{ "a": 1 }` or `{"a": 1}`. */
  function padOf(container: Container): string {
    const first: TextNode | { keyStart: number } | undefined =
      container.kind === 'object' ? container.members[0] : container.items[0];
    if (!first) return '';
    const between = text.slice(container.start + 1, 'keyStart' in first ? first.keyStart : first.start);
    return /^[ \t]+$/.test(between) ? between : '';
  }
}
