import type { JsonNode } from '../../model/state-dict.ts';
import { editList, type Sheet } from './edit-list.ts';
import { editYamlBlock } from './edit-yaml-block.ts';
import { isSameNode } from './json-node.ts';
import { isContainer } from './slots.ts';
import { spellBehind, spellFlow, type YamlStyle } from './spell-yaml.ts';
import { indentAt, lineEnd, lineStart, newlineOf, orderEdits, type TextEdit } from './text-edit.ts';
import { type TextNode, type TextSource, toJson } from './tree.ts';
import type { Container, ListChange, TreeChange } from './tree-change.ts';
import { patchFolded, spellBlock } from './yaml-block.ts';
import { requoteYaml, spellYamlKey } from './yaml-quote.ts';
import type { YamlPlace, YamlText } from './yaml-scan.ts';

/** The edits of a YAML text that make a change of its nodes. `refuse` throws for what cannot be written, with a reason. */
export function editYaml(
  source: TextSource,
  scanned: YamlText,
  change: TreeChange,
  refuse: (why: string) => never,
): TextEdit[] {
  const { text, places: lines } = source;
  const { places, comments, copies } = scanned;
  const style: YamlStyle = { newline: newlineOf(text), unit: findUnit(text) };
  const sheet: Sheet = {
    text,
    comments: new Map(comments.map(({ start, end }) => [start, end])),
    newline: style.newline,
    unit: style.unit,
  };
  const edits: TextEdit[] = [];
  const values = new Map(change.values);
  settleCopies();
  for (const [{ keyStart, keyEnd, value }, key] of change.renames) {
    const at = placeOf(value);
    edits.push({ start: keyStart, end: keyEnd, text: spellYamlKey(key, at.isInFlow, text.slice(keyStart, keyEnd)) });
  }
  for (const [node, next] of values) edits.push(...editValue(node, placeOf(node), next));
  for (const [container, list] of change.lists) edits.push(...editContainer(container, placeOf(container), list));
  checkAnchors(orderEdits(edits));
  return edits;

  /** Where a node is written; what an alias or a merge repeats is not to be changed there. */
  function placeOf(node: TextNode): YamlPlace {
    const place = places.get(node);
    if (place) return place;
    const original = copies.get(node);
    const line = original ? lines.line(original.start) : 0;
    return refuse(
      `the value at line ${lines.line(node.start)} is repeated by an alias or a merge, and is written at line ${line}: change it there`,
    );
  }

  /** What changes alike where it is written and where it is repeated is written once; an alias of what changes alone is written out. */
  function settleCopies(): void {
    const gone = listGone();
    for (const [copy, original] of copies) {
      const [here, there] = [values.get(copy), values.get(original)];
      if (there && here && isSameNode(here, there, { numbers: 'value', ordered: true })) values.delete(copy);
      const isChanged = there !== undefined || (isContainer(original) && change.lists.has(original));
      if (!isChanged || here || gone.has(copy)) continue;
      if (places.get(copy)?.style === 'alias') values.set(copy, toJson(copy));
      else
        refuse(
          `what is written at line ${lines.line(original.start)} is repeated at line ${lines.line(copy.start)}: change both alike`,
        );
    }
  }

  /** Everything that is taken out, with what is in it. */
  function listGone(): ReadonlySet<TextNode> {
    const gone = new Set<TextNode>();
    const left: TextNode[] = [];
    for (const [container, { removed }] of change.lists)
      for (const i of removed)
        left.push(container.kind === 'object' ? container.members[i]!.value : container.items[i]!);
    for (let node = left.pop(); node; node = left.pop()) {
      gone.add(node);
      if (node.kind === 'object') for (const { value } of node.members) left.push(value);
      if (node.kind === 'array') left.push(...node.items);
    }
    return gone;
  }

  function editValue(node: TextNode, place: YamlPlace, next: JsonNode): TextEdit[] {
    const { start, end } = node;
    if (place.tag !== undefined && next.kind !== node.kind)
      refuse(`the value at line ${lines.line(start)} has the tag ${place.tag}: change it in a text editor`);
    const written = text.slice(start, end);
    switch (place.style) {
      case "'":
      case '"':
        if (next.kind === 'string') {
          const lineBreak = style.newline.repeat(2) + (indentOf(node, place) ?? '') + style.unit;
          return [{ start, end, text: requoteYaml(written, next.value, lineBreak) }];
        }
        break;
      case '|':
      case '>': {
        const block = next.kind === 'string' ? editBlockText(node, place, next.value) : undefined;
        const header = lineEnd(text, start);
        const comment = /[ \t]#.*$/.exec(text.slice(start, header))?.[0] ?? '';
        return [block ?? { start, end, text: spellFlow(next, place.isInFlow) + comment }];
      }
      case 'block':
        return [replaceBlock(node, place, next)];
      case 'documents':
        return refuse('documents are neither added nor taken away: change them in a text editor');
      case 'pair':
        return refuse(
          `the pair at line ${lines.line(start)} stands in a list without brackets of its own: change it in a text editor`,
        );
      default:
    }
    const gap = place.style === 'empty' ? ' ' : '';
    const isAlone = !place.isInFlow && text.slice(end, lineEnd(text, end)).trim() === '';
    const indent = indentOf(node, place);
    if (!isAlone || indent === undefined) return [{ start, end, text: gap + spellFlow(next, place.isInFlow) }];
    const isBehind = text.slice(place.head, start).trim() === '' && !text.slice(place.head, start).includes('\n');
    const spelt = spellBehind(next, indent, style);
    return isBehind && spelt.startsWith(style.newline)
      ? [{ start: place.head, end, text: spelt }]
      : [{ start, end, text: gap + spelt.trimStart() }];
  }

  /** As lines, folded ones where they were; undefined where it can only be quoted. */
  function editBlockText(node: TextNode, place: YamlPlace, next: string): TextEdit | undefined {
    const { start, end } = node;
    if (node.kind !== 'string') return undefined;
    const top = lineEnd(text, start);
    const head = text.slice(start, top);
    const [, mark = ''] = /^([|>][-+0-9]*)/.exec(head) ?? [];
    const body = end > top ? text.slice(top, end).split(/\r?\n/).slice(1) : [];
    const first = body.find((line) => line.trim() !== '');
    const outer = indentOf(node, place) ?? '';
    const own = /[1-9]/.exec(mark)?.[0];
    const indent = own ? outer + ' '.repeat(Number(own)) : first ? (/^ */.exec(first)?.[0] ?? '') : outer + style.unit;
    const block = spellBlock(next, indent, outer);
    if (!block) return undefined;
    const rest = text.slice(end);
    // Empty lines behind it would count.
    if (block.header.endsWith('+') && !mark.includes('+') && /^\r?\n[ \t]*\r?\n/.test(rest)) return undefined;
    const folded = mark.startsWith('>') ? patchFolded(body, indent, node.value, next) : undefined;
    const header = folded ? block.header.replace(/^\|[0-9]?/, '>') : block.header;
    const extra = folded
      ? Array.from({ length: block.lines.length - block.lines.join('\n').trimEnd().split('\n').length }, () => '')
      : [];
    const made = [header + head.slice(mark.length), ...(folded ? [...folded, ...extra] : block.lines)];
    const isLast = rest === '' && !block.header.includes('-');
    return { start, end, text: made.join(style.newline) + (isLast ? style.newline : '') };
  }

  /** The lines of a list or map become something else; a remark behind `key:` stays. */
  function replaceBlock(node: TextNode, { head }: YamlPlace, next: JsonNode): TextEdit {
    const { start, end } = node;
    const between = text.slice(head, start);
    const isBelow = between.includes('\n');
    const indent = indentAt(text, Math.max(0, head - 1));
    if (!isBelow || head === 0) return { start, end, text: spellFlow(next, false) };
    const comment = /^[ \t]*#.*/.exec(between)?.[0] ?? '';
    const isShort = next.kind !== 'array' && next.kind !== 'object';
    const spelt = comment === '' || isShort ? spellBehind(next, indent, style) : ` ${spellFlow(next, false)}`;
    const isInline = !spelt.includes('\n');
    return { start: head, end, text: isInline ? spelt + comment : spelt };
  }

  /** The indent of the key or the dash a value belongs to; undefined for the root and what stands behind another on its line. */
  function indentOf(node: TextNode, { head }: YamlPlace): string | undefined {
    if (node === scanned.root) return undefined;
    const from = lineStart(text, Math.max(0, head - 1));
    const before = /^ *((?:- +)*)/.exec(text.slice(from, head));
    return before ? ' '.repeat(before[0].length) : undefined;
  }

  function editContainer(container: Container, place: YamlPlace, list: ListChange): TextEdit[] {
    const { members, items } = place;
    const line = lines.line(container.start);
    if (place.style === 'documents') refuse('documents are neither added nor taken away: change them in a text editor');
    if (place.style === 'alias')
      refuse(`the alias at line ${line} stands for what is written elsewhere: change it there`);
    if (place.style === 'pair')
      refuse(`the pair at line ${line} stands in a list without brackets of its own: change it in a text editor`);
    const isObject = container.kind === 'object';
    // Pairs of the text by members: what is merged has none.
    const at = (index: number): number => {
      if (!isObject) return index;
      const found = members.indexOf(index);
      if (found < 0) placeOf(container.members[index]!.value);
      return found;
    };
    // Behind the last of its own, a merge stands too.
    const pairBefore = (index: number): number =>
      members.every((member) => member <= index)
        ? members.length - 1
        : members.findLastIndex((member) => member >= 0 && member <= index);
    const removed = new Set([...list.removed].map(at));
    const inserted = list.inserted.map((insertion) => ({
      ...insertion,
      after: isObject ? pairBefore(insertion.after) : insertion.after,
    }));
    if (place.style === 'block')
      return editYamlBlock({ text, style }, { isObject, items, removed, inserted, isRoot: container === scanned.root });
    return editList(sheet, {
      start: container.start,
      end: container.end,
      items: isObject ? items : container.items,
      removed,
      inserted: inserted.map(({ after, key, node }) => ({
        after,
        spell: () => (isObject ? `${spellYamlKey(key, true)}: ${spellFlow(node, true)}` : spellFlow(node, true)),
      })),
      lined: false,
      pad: '',
      gap: ' ',
    });
  }

  /** What an alias names has to stay before it. */
  function checkAnchors(ordered: readonly TextEdit[]): void {
    const isCut = (at: number) => ordered.some(({ start, end }) => at >= start && at < end);
    for (const { name, start, aliases } of scanned.anchors) {
      const left = isCut(start) ? aliases.find((alias) => !isCut(alias.start)) : undefined;
      if (left) refuse(`it holds the anchor &${name}, which line ${lines.line(left.start)} repeats: change that first`);
    }
  }
}

/** The blanks of the first line that is deeper than the one before. */
function findUnit(text: string): string {
  return /(?:^|\n)[^\s#-][^\n]*:[ \t]*\r?\n( {1,8})[^\s#]/.exec(text)?.[1] ?? '  ';
}
