import type { JsonNode } from '../../model/state-dict.ts';
import type { TomlText } from './edit-toml.ts';
import { spellKey, spellPair, spellTable } from './spell-toml.ts';
import { indentAt, lineEnd, lineStart, type TextEdit } from './text-edit.ts';
import type { TomlStatement } from './toml-tables.ts';
import type { Member, TextNode } from './tree.ts';
import type { Container, Insertion, ObjectJson } from './tree-change.ts';

export interface TomlPage {
  readonly text: string;
  readonly newline: string;
  readonly scanned: TomlText;
  /** Of its lines. */
  readonly kept: ReadonlySet<TomlStatement>;
  readonly names: ReadonlyMap<Member, string>;
}

/** Puts members into a table that is written as lines, or tables into a list of them. */
export function insertStatements(page: TomlPage, container: Container, inserted: readonly Insertion[]): TextEdit[] {
  if (inserted.length === 0) return [];
  if (container.kind === 'array')
    return inserted.flatMap(({ node }) =>
      insertTable(page, container, headerPath(page, container), membersOf(node), true),
    );
  // Dotted keys are in the middle of a table, where no header can stand.
  const isDotted = container.container === 'dotted keys';
  const isTable = ({ node }: Insertion) => !isDotted && node.kind === 'object' && node.members.length > 0;
  const pairs = inserted.filter((insertion) => !isTable(insertion));
  const path = headerPath(page, container);
  return [
    ...(pairs.length > 0 ? insertPairs(page, container, pairs) : []),
    ...inserted.filter(isTable).flatMap(({ key, node }) => {
      const name = path === '' ? spellKey(key) : `${path}.${spellKey(key)}`;
      return insertTable(page, container, name, membersOf(node), false);
    }),
  ];
}

const membersOf = (node: JsonNode): ObjectJson['members'] => (node.kind === 'object' ? node.members : []);

/** Behind the last line of everything below `container`. */
function insertTable(
  page: TomlPage,
  container: Container,
  path: string,
  members: ObjectJson['members'],
  isItem: boolean,
): TextEdit[] {
  const { text, newline } = page;
  const lines = spellTable(path, members, isItem).join(newline);
  const last = linesBelow(page, container).findLast((line) => page.kept.has(line));
  // An inner table has to come before one that is further out.
  const rank = 1000 - path.split('.').length;
  if (last) {
    const at = lineEnd(text, last.end);
    return [{ start: at, end: at, text: `${newline}${newline}${lines}`, rank }];
  }
  const isEnded = text === '' || text.endsWith('\n');
  return [
    { start: text.length, end: text.length, text: `${isEnded ? '' : newline}${lines}${isEnded ? newline : ''}`, rank },
  ];
}

/** `prefix` is what their keys begin with. */
function insertPairs(page: TomlPage, container: Container, pairs: readonly Insertion[], prefix = ''): TextEdit[] {
  const { text, newline, scanned, kept } = page;
  const spell = (indent: string, dotted = prefix) =>
    pairs.map(({ key, node }) => `${indent}${dotted}${spellPair(key, node)}`).join(newline);
  const behind = (line: TomlStatement, dotted?: string): TextEdit[] => {
    const at = lineEnd(text, line.end);
    return [{ start: at, end: at, text: newline + spell(indentAt(text, line.start), dotted) }];
  };
  const isBelow = ({ steps }: TomlStatement) => steps.some(({ node }) => node === container);
  const line =
    scanned.lines.findLast((own) => own.kind === 'pair' && own.base === container && kept.has(own)) ??
    scanned.lines.find(({ kind, steps }) => kind === 'header' && steps.at(-1)?.node === container);
  if (line) return behind(line);
  const dotted = scanned.lines.filter((pair) => pair.kind === 'pair' && isBelow(pair));
  const left = dotted.findLast((pair) => kept.has(pair)) ?? dotted.at(-1);
  if (left) {
    const path = `${keyPath(text, page.names, left, container)}.`;
    return kept.has(left) ? behind(left, path) : insertPairs(page, left.base, pairs, path);
  }
  const isRoot = container === scanned.root;
  const first = scanned.lines.find((header) => header.kind === 'header' && (isRoot || isBelow(header)));
  const body = isRoot ? spell('') : [`[${headerPath(page, container)}]`, spell('')].join(newline);
  const at = first ? startOfBlock(text, first.start) : text.length;
  const isEnded = at === 0 || text[at - 1] === '\n' || text[at - 1] === '\uFEFF';
  return [{ start: at, end: at, text: `${isEnded ? '' : newline}${body}${newline}${first ? newline : ''}` }];
}

/** Statements that name a container or are in one that is below it. */
function linesBelow({ scanned: { lines, root } }: TomlPage, container: Container): readonly TomlStatement[] {
  if (container === root) return lines;
  const bases = new Set<TextNode>([container]);
  return lines.filter(({ kind, base, steps }) => {
    const isBelow =
      bases.has(base) || steps.some(({ node, member }) => node === container || member.value === container);
    if (isBelow && kind === 'header') bases.add(steps.at(-1)!.node);
    return isBelow;
  });
}

/** The name of a table or list as headers have it, with the names that change; empty for the root. */
function headerPath(page: TomlPage, container: Container): string {
  const isStep = ({ node, member }: TomlStatement['steps'][number]) => node === container || member.value === container;
  const header = page.scanned.lines.find(({ kind, steps }) => kind === 'header' && steps.some(isStep));
  return header ? keyPath(page.text, page.names, header, container) : '';
}

/** The part of a key that leads to a container. */
export function keyPath(
  text: string,
  names: ReadonlyMap<Member, string>,
  { key, steps }: TomlStatement,
  container: Container,
): string {
  const depth = steps.findIndex(({ node, member }) => node === container || member.value === container);
  return steps
    .slice(0, depth + 1)
    .map(({ member }, i) => {
      const { start, end } = key.places[i]!;
      const written = text.slice(start, end);
      const name = names.get(member);
      return name === undefined ? written : spellKey(name, written);
    })
    .join('.');
}

/** With the comment lines right above a line. */
function startOfBlock(text: string, offset: number): number {
  let start = lineStart(text, offset);
  while (start > 0) {
    const above = lineStart(text, start - 1);
    if (above >= start || !/^[ \t]*#/.test(text.slice(above, start))) break;
    start = above;
  }
  return start;
}
