import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { JsonNode, MetaItem, Problem } from '../../model/state-dict.ts';
import type { Places } from './places.ts';

/**
 * What a scanner makes of a text: every value with its place, in source order, nothing merged or rounded. Places are
 * offsets in UTF-16 units, `end` is one past the last. A later edit replaces ranges of the text and leaves the rest alone.
 */
export type TextNode = ScalarNode | ArrayNode | ObjectNode;

export interface TextRange {
  start: number;
  end: number;
}

export type ScalarNode = TextRange &
  (
    | { readonly kind: 'null' }
    | { readonly kind: 'bool'; readonly value: boolean }
    | { readonly kind: 'number'; readonly lexeme: string }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'literal'; readonly lexeme: string; readonly what: string }
  );

export interface ArrayNode extends TextRange {
  readonly kind: 'array';
  readonly items: TextNode[];
  readonly container: 'array' | 'array of tables';
}

export interface ObjectNode extends TextRange {
  readonly kind: 'object';
  readonly members: Member[];
  /** How it is written. A TOML table may come about by its header, by dotted keys or only by what is below it. */
  container: 'object' | 'table' | 'inline table' | 'dotted keys' | 'implied table';
}

export interface Member {
  readonly key: string;
  /** The key as written, quotes included. */
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: TextNode;
  /** An earlier member of the same object has the same key. */
  readonly duplicate: boolean;
}

/** A remark on the text that does not stop the reading. */
export type TextNote = Pick<Problem, 'code' | 'severity' | 'message' | 'advice'> & { readonly offset: number };

export interface ScannedText {
  readonly root: TextNode;
  /** In source order, marks (`#`, `//`) included. */
  readonly comments: readonly TextRange[];
  readonly notes: readonly TextNote[];
  /** What is read from elsewhere in the text (an alias of YAML), by what stands in its place: the value that is written out. */
  readonly copies?: ReadonlyMap<TextNode, TextNode>;
  /** What is said beside a value: the tags of YAML. */
  readonly declared?: ReadonlyMap<TextNode, readonly MetaItem[]>;
}

/** A text with the name it is spoken of by, for errors with a place. */
export interface TextSource {
  readonly file: string;
  /** `JSON`, `TOML`, `YAML`. */
  readonly format: string;
  /** A byte order mark is its first character when the file has one. */
  readonly text: string;
  /** Whether byte offsets can be told from text offsets: not where damaged UTF-8 was replaced. */
  readonly exact: boolean;
  readonly places: Places;
}

/** A `malformed` error that names line, column and byte. */
export function failAt(source: TextSource, detail: string, offset: number): StateglassError {
  const { file, format } = source;
  const at = byteOffset(source, offset);
  const message = `${detail}, line ${source.places.place(offset)}`;
  return new StateglassError(
    at === undefined
      ? { kind: 'malformed', file, format, detail: message }
      : { kind: 'malformed', file, format, detail: message, at },
  );
}

export function byteOffset(source: TextSource, offset: number): number | undefined {
  return source.exact ? source.places.bytes(offset) : undefined;
}

/** Counts values and levels, so that a small file cannot make a huge tree. */
export class TreeGuard {
  private nodes = 0;
  private copies = 0;
  private readonly source: TextSource;
  constructor(source: TextSource) {
    this.source = source;
  }

  addNode(): void {
    if (++this.nodes > LIMITS.textNodes) throw this.exceed('textNodes', this.nodes, 'too many values');
  }

  /** A value that an alias repeats. */
  addCopy(): void {
    this.addNode();
    if (++this.copies > LIMITS.yamlAliasNodes)
      throw this.exceed('yamlAliasNodes', this.copies, 'aliases repeat too many values');
  }

  checkDepth(depth: number): void {
    if (depth > LIMITS.textDepth) throw this.exceed('textDepth', depth, 'values are nested too deeply');
  }

  private exceed(limit: 'textNodes' | 'textDepth' | 'yamlAliasNodes', value: number, detail: string): StateglassError {
    return new StateglassError({ kind: 'limit', file: this.source.file, limit, value, max: LIMITS[limit], detail });
  }
}

/** The value without its places. */
export function toJson(node: TextNode): JsonNode {
  switch (node.kind) {
    case 'null':
      return { kind: 'null' };
    case 'bool':
      return { kind: 'bool', value: node.value };
    case 'number':
      return { kind: 'number', lexeme: node.lexeme };
    case 'string':
      return { kind: 'string', value: node.value };
    case 'literal':
      return { kind: 'literal', lexeme: node.lexeme, what: node.what };
    case 'array':
      return { kind: 'array', items: node.items.map(toJson) };
    case 'object':
      return { kind: 'object', members: node.members.map((member) => [member.key, toJson(member.value)] as const) };
  }
}

/** The last member of that name wins, as in every JSON reader that keeps one. */
export function memberOf(node: TextNode, key: string): TextNode | undefined {
  return node.kind === 'object' ? node.members.findLast((member) => member.key === key)?.value : undefined;
}
