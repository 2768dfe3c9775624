import type { MetaItem } from '../../model/state-dict.ts';
import {
  type ArrayNode,
  failAt,
  type Member,
  type ObjectNode,
  type ScannedText,
  type TextNode,
  type TextRange,
  type TextSource,
  TreeGuard,
} from './tree.ts';
import { YamlNotes } from './yaml-notes.ts';
import {
  type CST,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseYaml,
  type YamlAlias,
  type YamlDocument,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
  type YamlSeq,
} from './yaml-parse.ts';
import { resolveYaml, type YamlValue, type YamlVersion } from './yaml-scalar.ts';

/** How a value is written and where. Values that an alias repeats have none. */
export interface YamlPlace {
  /** Where it may begin: behind `key:` or `-`, and behind its tag and its anchor. */
  readonly head: number;
  /** `pair`: the map of one pair that `[a: 1]` makes. */
  readonly style: 'empty' | 'plain' | "'" | '"' | '|' | '>' | 'alias' | 'block' | 'flow' | 'pair' | 'documents';
  readonly isInFlow: boolean;
  /** As written. */
  readonly tag?: string;
  readonly alias?: string;
  /** Of a block collection: from the key (or what stands before it) or the dash to the end of the value. */
  readonly items: readonly TextRange[];
  /** Of a map: where its pairs stand among its members, which may be merged into it. */
  readonly members: readonly number[];
}

export interface YamlAnchor {
  readonly name: string;
  readonly start: number;
  readonly aliases: TextRange[];
}

export interface YamlText extends ScannedText {
  readonly places: ReadonlyMap<TextNode, YamlPlace>;
  readonly anchors: readonly YamlAnchor[];
  readonly copies: ReadonlyMap<TextNode, TextNode>;
}

/** Where a value stands, as its container knows. */
interface Seat {
  readonly head: number;
  readonly depth: number;
  readonly isInFlow: boolean;
}
type Draft = Partial<Pick<YamlPlace, 'items' | 'members' | 'alias' | 'tag'>> & Pick<YamlPlace, 'style'>;

/**
 * YAML 1.2 (https://yaml.org/spec/1.2.2/), and 1.1 where the file says so, with the place of everything. Aliases are read as what
 * they name and merge keys (`<<`) as the keys they bring, as in Python; both are marked as written elsewhere. Keys are texts here
 * whatever YAML makes of them. Several documents are a list of them.
 */
export function scanYaml(source: TextSource): YamlText {
  const { text } = source;
  const { documents, comments } = parseYaml(source);
  const guard = new TreeGuard(source);
  const notes = new YamlNotes(source);
  const places = new Map<TextNode, YamlPlace>();
  const copies = new Map<TextNode, TextNode>();
  const declared = new Map<TextNode, MetaItem[]>();
  const anchors: YamlAnchor[] = [];
  let named = new Map<string, { anchor: YamlAnchor; node: TextNode | undefined }>();
  let version: YamlVersion = '1.2';

  const roots = documents.map(readDocument);
  const [first] = roots;
  const root: TextNode = roots.length === 1 && first ? first : listDocuments(roots);
  dropUnused(copies, root);
  return { root, comments, notes: notes.list(), copies, declared, places, anchors };

  function readDocument(document: YamlDocument): TextNode {
    named = new Map();
    version = document.directives.yaml.explicit && document.directives.yaml.version === '1.1' ? '1.1' : '1.2';
    const { contents } = document;
    if (contents && !(isScalar(contents) && contents.srcToken === undefined && !contents.tag && !contents.anchor))
      return readNode(contents, { head: contents.range[0], depth: 1, isInFlow: false });
    // Nothing but comments: a state dict that has nothing in it yet.
    guard.addNode();
    const node: ObjectNode = { kind: 'object', members: [], container: 'object', start: text.length, end: text.length };
    return place(node, { head: text.length, depth: 1, isInFlow: false }, { style: 'block' });
  }

  function listDocuments(items: TextNode[]): TextNode {
    notes.noteDocuments(items.length);
    const node: ArrayNode = { kind: 'array', items, container: 'array', start: 0, end: text.length };
    return place(node, { head: 0, depth: 0, isInFlow: false }, { style: 'documents' });
  }

  function place<T extends TextNode>(node: T, { head, isInFlow }: Seat, draft: Draft): T {
    places.set(node, { head, isInFlow, items: [], members: [], ...draft });
    return node;
  }

  function readNode(node: YamlNode, seat: Seat): TextNode {
    guard.checkDepth(seat.depth);
    if (isAlias(node)) return readAlias(node, seat);
    const opened = node.anchor === undefined ? undefined : openAnchor(node.anchor, seat);
    guard.addNode();
    const made = isMap(node) ? readMap(node, seat) : isSeq(node) ? readSeq(node, seat) : readScalar(node, seat);
    if (opened) opened.node = made;
    const tag = node.tag;
    if (tag !== undefined && tag !== '!' && !isScalar(node)) noteTag(made, tag);
    return made;
  }

  function openAnchor(name: string, { head }: Seat): { anchor: YamlAnchor; node: TextNode | undefined } {
    const anchor = { name, start: text.lastIndexOf(`&${name}`, head), aliases: [] };
    anchors.push(anchor);
    const opened = { anchor, node: undefined };
    named.set(name, opened);
    return opened;
  }

  function readAlias(node: YamlAlias, seat: Seat): TextNode {
    const [start, end] = node.range;
    const found = named.get(node.source);
    if (!found) throw failAt(source, `the alias *${node.source} names nothing that stands before it`, start);
    if (!found.node) throw failAt(source, `the alias *${node.source} is inside what it names, which has no end`, start);
    found.anchor.aliases.push({ start, end });
    const copy = copyNode(found.node, { start, end }, seat.depth);
    return place(copy, seat, { style: 'alias', alias: node.source });
  }

  /** A value that is written elsewhere; its range is that of what stands for it. */
  function copyNode(node: TextNode, range: TextRange, depth: number): TextNode {
    guard.addCopy();
    guard.checkDepth(depth);
    const copy: TextNode =
      node.kind === 'object'
        ? {
            ...node,
            ...range,
            members: node.members.map((member) => copyMember(member, range, depth)),
          }
        : node.kind === 'array'
          ? { ...node, ...range, items: node.items.map((item) => copyNode(item, range, depth + 1)) }
          : { ...node, ...range };
    copies.set(copy, copies.get(node) ?? node);
    const said = declared.get(node);
    if (said) declared.set(copy, said);
    return copy;
  }

  function copyMember({ key, value }: Member, { start, end }: TextRange, depth: number): Member {
    const copy = copyNode(value, { start, end }, depth + 1);
    return { key, keyStart: start, keyEnd: end, value: copy, duplicate: false };
  }

  function readScalar(node: YamlScalar, seat: Seat): TextNode {
    const token = node.srcToken;
    const written = String(node.value ?? '');
    if (!token) {
      const value = { ...readValue(node, written, seat.head), start: seat.head, end: seat.head };
      return finish(value, 'empty');
    }
    const [start, stop] = node.range;
    const isBlock = token.type === 'block-scalar';
    const value = readValue(node, written, start);
    return finish({ ...value, start, end: isBlock ? endOfBlock(token, stop) : stop }, styleOf(token, text));

    function finish(made: TextNode, style: YamlPlace['style']): TextNode {
      const tag = node.tag === undefined ? {} : { tag: node.tag };
      if (node.tag !== undefined && !isCoreTag(node.tag)) noteTag(made, node.tag);
      return place(made, seat, { style, ...tag });
    }
  }

  /** Behind the last line that counts; with `+` all of them do. */
  function endOfBlock(token: CST.BlockScalar, stop: number): number {
    const header = token.props.find(({ type }) => type === 'block-scalar-header');
    const isKept = header && 'source' in header && header.source.includes('+');
    const from = stop - token.source.length;
    const body = isKept ? token.source.replace(/\r?\n$/, '') : token.source.trimEnd();
    return body === '' ? text.slice(0, from).trimEnd().length : from + body.length;
  }

  function readValue({ type, tag }: YamlScalar, written: string, at: number): YamlValue {
    const value = type === 'PLAIN' && tag !== '!' ? resolveYaml(written, version) : undefined;
    if (tag === undefined && value) notes.noteVersions(written, version, at);
    return tag === undefined ? (value ?? { kind: 'string', value: written }) : readTagged(tag, written, version);
  }

  function noteTag(node: TextNode, tag: string): void {
    const shown = tag.replace(/^tag:yaml\.org,2002:/, '!!');
    declared.set(node, [{ section: 'yaml', key: 'tag', value: { kind: 'string', value: shown } }]);
    notes.noteTag(shown, node.start);
  }

  function readSeq(node: YamlSeq, seat: Seat): TextNode {
    const token = node.srcToken;
    const isFlow = token?.type === 'flow-collection';
    const own = (token?.items ?? []).filter(({ start, key, sep, value }) =>
      isFlow ? key || sep || value || start.some(isProp) : start.some(({ type }) => type === 'seq-item-ind'),
    );
    const [start] = node.range;
    const items = node.items.map((item, i) => {
      const tokens = own[i]?.start ?? [];
      const mark = tokens.find(({ type }) => type === 'seq-item-ind');
      const head = headOf(tokens, 'seq-item-ind') ?? item.range[0];
      const isInFlow = seat.isInFlow || isFlow;
      const made = readNode(item, { head, depth: seat.depth + 1, isInFlow });
      return { made, range: { start: mark?.offset ?? made.start, end: Math.max(made.end, head) } };
    });
    const ranges = items.map(({ range }) => range);
    const end = isFlow ? node.range[1] : (ranges.at(-1)?.end ?? node.range[1]);
    const array: ArrayNode = { kind: 'array', items: items.map(({ made }) => made), container: 'array', start, end };
    return place(array, seat, { style: isFlow ? 'flow' : 'block', items: ranges, ...tagOf(node) });
  }

  function readMap(node: YamlMap, seat: Seat): TextNode {
    const isFlow = node.flow === true;
    const isInFlow = seat.isInFlow || isFlow;
    const style = !isFlow ? 'block' : node.srcToken ? 'flow' : 'pair';
    const members: Member[] = [];
    const merged: Member[] = [];
    const ranges: TextRange[] = [];
    const positions: number[] = [];
    const seen = new Set<string>();
    for (const { key, value, srcToken } of node.items) {
      const { start: tokens = [], sep = [] } = srcToken ?? {};
      const name = readKey(key, headOf(tokens, 'explicit-key-ind') ?? seat.head);
      const head = headOf(sep, 'map-value-ind') ?? name.end;
      const inner = { head, depth: seat.depth + 1, isInFlow };
      const from = tokens.find(isProp)?.offset ?? name.start;
      if (name.isMerge && value && isMergeable(value)) {
        ranges.push({ start: from, end: readMerge(value, inner, name, merged) });
        positions.push(-1);
        continue;
      }
      const made = value ? readNode(value, inner) : readAbsent(inner);
      positions.push(members.length);
      // A comma right behind a colon belongs to the key, to some readers.
      const isOpen = isFlow && made.end <= head && text[head] === ' ';
      ranges.push({ start: from, end: isOpen ? head + 1 : Math.max(made.end, head) });
      members.push({
        key: name.text,
        keyStart: name.start,
        keyEnd: name.end,
        value: made,
        duplicate: seen.has(name.text),
      });
      seen.add(name.text);
    }
    const [start, stop] = node.range;
    const end = style === 'flow' ? stop : (ranges.at(-1)?.end ?? stop);
    const object: ObjectNode = { kind: 'object', members: addMerged(members, merged), container: 'object', start, end };
    return place(object, seat, { style, items: ranges, members: positions, ...tagOf(node) });
  }

  /** `key` without a colon. */
  function readAbsent(seat: Seat): TextNode {
    guard.addNode();
    return place({ kind: 'null', start: seat.head, end: seat.head }, seat, { style: 'empty' });
  }

  function readKey(node: YamlNode, head: number): { text: string; start: number; end: number; isMerge: boolean } {
    const [start, end] = node.range ?? [head, head];
    if (isAlias(node)) {
      const value = readAlias(node, { head, depth: 1, isInFlow: true });
      if (value.kind === 'string') return { text: value.value, start, end, isMerge: false };
      throw failAt(source, 'a key that is a list or a map, which no path has a name for', start);
    }
    if (!isScalar(node)) throw failAt(source, 'a key that is a list or a map, which no path has a name for', start);
    if (node.anchor !== undefined) {
      const range = { start, end };
      openAnchor(node.anchor, { head: start, depth: 1, isInFlow: true }).node = {
        kind: 'string',
        value: String(node.value),
        ...range,
      };
    }
    const written = String(node.value ?? '');
    const isPlain = node.type === 'PLAIN' && node.tag === undefined;
    if (isPlain && resolveYaml(written, version).kind !== 'string') notes.noteKey(written, start);
    else if (isPlain) notes.noteVersions(written, version, start);
    return { text: written, start, end, isMerge: isPlain && written === '<<' };
  }

  function isMergeable(node: YamlNode): boolean {
    const isSource = (one: YamlNode) => isMap(one) || (isAlias(one) && named.get(one.source)?.node?.kind === 'object');
    return isSource(node) || (isSeq(node) && node.items.length > 0 && node.items.every((item) => isSource(item)));
  }

  /** Takes the keys that a merge brings; earlier maps win, own keys win over all. Its end. */
  function readMerge(node: YamlNode, seat: Seat, key: TextRange, merged: Member[]): number {
    const value = readNode(node, seat);
    const maps = value.kind === 'array' ? value.items : [value];
    for (const map of maps)
      for (const { key: name, value: item } of map.kind === 'object' ? map.members : []) {
        const copy = copies.has(item) ? item : copyNode(item, { start: item.start, end: item.end }, seat.depth + 1);
        const range = { keyStart: key.start, keyEnd: key.end };
        merged.push({ key: name, ...range, value: copy, duplicate: false });
      }
    return Math.max(value.end, seat.head);
  }
}

/** Without what a merge did not take, because the map has it itself. */
function dropUnused(copies: Map<TextNode, TextNode>, root: TextNode): void {
  if (copies.size === 0) return;
  const used = new Set<TextNode>();
  const left = [root];
  for (let node = left.pop(); node; node = left.pop()) {
    if (copies.has(node)) used.add(node);
    if (node.kind === 'object') for (const { value } of node.members) left.push(value);
    if (node.kind === 'array') left.push(...node.items);
  }
  for (const copy of copies.keys()) if (!used.has(copy)) copies.delete(copy);
}

/** The members and those a merge brings, behind them as in ruamel.yaml; what the map itself has is not taken from there. */
function addMerged(own: readonly Member[], merged: readonly Member[]): Member[] {
  const taken = new Set(own.map(({ key }) => key));
  const brought = merged.filter(({ key }) => !taken.has(key) && taken.add(key));
  return [...own, ...brought];
}

const tagOf = ({ tag }: { tag?: string | undefined }): { tag?: string } =>
  tag === undefined || tag === '!' ? {} : { tag };

const isProp = ({ type }: CST.SourceToken): boolean =>
  type === 'anchor' || type === 'tag' || type === 'explicit-key-ind';

/** Behind the mark, the tag and the anchor; undefined without any. */
function headOf(tokens: readonly CST.SourceToken[], mark: CST.SourceToken['type']): number | undefined {
  const last = tokens.findLast(({ type }) => type === mark || type === 'anchor' || type === 'tag');
  return last && last.offset + last.source.length;
}

function styleOf(token: CST.FlowScalar | CST.BlockScalar, text: string): YamlPlace['style'] {
  if (token.type === 'block-scalar') return text[token.offset] === '>' ? '>' : '|';
  return token.type === 'single-quoted-scalar' ? "'" : token.type === 'double-quoted-scalar' ? '"' : 'plain';
}

const CORE = 'tag:yaml.org,2002:';
const isCoreTag = (tag: string): boolean =>
  tag === '!' || /^tag:yaml\.org,2002:(?:str|int|float|bool|null|timestamp)$/.test(tag);

/** A scalar whose type is said. A tag that only a program knows leaves the text. */
function readTagged(tag: string, written: string, version: YamlVersion): YamlValue {
  const value = resolveYaml(written, version);
  switch (tag.startsWith(CORE) ? tag.slice(CORE.length) : tag) {
    case 'int':
    case 'bool':
    case 'null':
      return value.kind === 'string' ? { kind: 'string', value: written } : value;
    case 'float':
      return value.kind === 'number' && /^[-+]?\d+$/.test(value.lexeme)
        ? { ...value, lexeme: `${value.lexeme}.0` }
        : value;
    case 'timestamp':
      return { kind: 'literal', lexeme: written, what: 'timestamp' };
    case 'binary':
      return { kind: 'literal', lexeme: written.replace(/\s/g, ''), what: 'binary' };
    default:
      return { kind: 'string', value: written };
  }
}
