import type { JsonNode } from '../../model/state-dict.ts';
import type { Dim } from './data.ts';
import { badInput } from './raise.ts';

type ObjectNode = Extract<JsonNode, { kind: 'object' }>;
type Members = ObjectNode['members'];

/** The members of a `$form`, each read at most once; `finish` complains about the ones nobody asked for. */
export class Fields {
  readonly #tag: string;
  readonly #members: Members;
  readonly #read = new Set<string>();
  constructor(tag: string, members: Members) {
    this.#tag = tag;
    this.#members = members;
    this.#read.add(tag);
  }

  get own(): JsonNode {
    return this.get(this.#tag) ?? { kind: 'null' };
  }

  get(name: string): JsonNode | undefined {
    this.#read.add(name);
    return this.#members.find(([key]) => key === name)?.[1];
  }

  text(name: string): string | undefined {
    const node = this.get(name);
    if (node === undefined || node.kind === 'null') return undefined;
    return readText(node, `"${name}" of ${this.#tag}`);
  }

  flag(name: string, otherwise: boolean): boolean {
    const node = this.get(name);
    if (node === undefined) return otherwise;
    if (node.kind !== 'bool') throw badInput(`"${name}" of ${this.#tag} has to be true or false`);
    return node.value;
  }

  int(name: string): bigint | undefined {
    const node = this.get(name);
    if (node === undefined || node.kind === 'null') return undefined;
    if (node.kind !== 'number' || !isInt(node.lexeme))
      throw badInput(`"${name}" of ${this.#tag} has to be a whole number`);
    return BigInt(node.lexeme);
  }

  /** The items of an array. */
  items(name: string): readonly JsonNode[] {
    const node = this.get(name);
    if (node?.kind !== 'array') throw badInput(`"${name}" of ${this.#tag} has to be an array`);
    return node.items;
  }

  /** Members of an object, or of an array of pairs, in order and with repeats. */
  members(name: string): Members {
    const node = this.get(name);
    if (node === undefined) return [];
    if (node.kind === 'object') return node.members;
    if (node.kind === 'array')
      return node.items.map((item): readonly [string, JsonNode] => {
        const [key, value] = item.kind === 'array' ? item.items : [];
        if (key === undefined || value === undefined) throw badInput(`"${name}" of ${this.#tag} has to hold pairs`);
        return [readText(key, `a name in "${name}" of ${this.#tag}`), value];
      });
    throw badInput(`"${name}" of ${this.#tag} has to be an object or an array of pairs`);
  }

  /** A shape: whole numbers, and texts for symbolic dimensions. */
  dims(name: string): readonly Dim[] {
    return this.items(name).map((item) => {
      if (item.kind === 'string') return item.value;
      if (item.kind === 'number' && isInt(item.lexeme) && !item.lexeme.startsWith('-')) return BigInt(item.lexeme);
      throw badInput('a dimension has to be a whole number, or a text when it is symbolic');
    });
  }

  finish(): void {
    const other = this.#members.find(([key]) => !this.#read.has(key));
    if (other) throw badInput(`${this.#tag} has no member "${other[0]}"`);
  }
}

export const isInt = (lexeme: string): boolean => /^-?\d+$/.test(lexeme);

export function readText(node: JsonNode, what: string): string {
  if (node.kind !== 'string') throw badInput(`${what} has to be a text`);
  return node.value;
}
