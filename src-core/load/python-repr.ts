import { StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { readPythonString } from '../model/keys/python-text.ts';

/** What `repr` printed, as data. A word is anything else between separators: a number, `True`, `torch.float32`, `...`. */
export type ReprNode =
  | { readonly is: 'text'; readonly value: string }
  | { readonly is: 'word'; readonly word: string }
  | { readonly is: 'items'; readonly open: '[' | '('; readonly items: readonly ReprNode[] }
  | { readonly is: 'dict'; readonly pairs: readonly (readonly [ReprNode, ReprNode])[] }
  | {
      readonly is: 'call';
      readonly name: string;
      readonly items: readonly ReprNode[];
      readonly named: ReadonlyMap<string, ReprNode>;
    };

/** Reads the first value at `at` or after it. @throws `bad-input` with the place that cannot be read. */
export function readRepr(text: string, at = 0): ReprNode {
  return new ReprReader(text, at).value(0);
}

const SPACE = /\s*/y;
/** An object of a class without a repr of its own has spaces inside. */
const WORD = /<[^>\n]*>|[^\s,()[\]{}:='"]+/y;

class ReprReader {
  readonly #text: string;
  #at: number;
  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  value(depth: number): ReprNode {
    if (depth > LIMITS.textDepth) throw this.#refuse('it is nested too deep');
    switch (this.#peek()) {
      case '{':
        return { is: 'dict', pairs: this.#list('}', () => this.#pair(depth)) };
      case '[':
        return { is: 'items', open: '[', items: this.#list(']', () => this.value(depth + 1)) };
      case '(':
        return { is: 'items', open: '(', items: this.#list(')', () => this.value(depth + 1)) };
      case "'":
      case '"':
        return this.#string();
      default:
        return this.#wordOrCall(depth);
    }
  }

  #pair(depth: number): readonly [ReprNode, ReprNode] {
    const key = this.value(depth + 1);
    if (this.#peek() !== ':') throw this.#refuse('a colon is missing');
    this.#at++;
    return [key, this.value(depth + 1)];
  }

  #string(): ReprNode {
    const read = readPythonString(this.#text, this.#at);
    if (!read) throw this.#refuse('the text does not end');
    this.#at = read.end;
    return { is: 'text', value: read.value };
  }

  #wordOrCall(depth: number): ReprNode {
    const word = this.#word();
    if (word === undefined) throw this.#refuse('a value is missing');
    if (this.#text[this.#at] !== '(') return { is: 'word', word };
    const named = new Map<string, ReprNode>();
    const items = this.#list(')', () => {
      const start = this.#at;
      const name = this.#word();
      if (name !== undefined && this.#peek() === '=') {
        this.#at++;
        named.set(name, this.value(depth + 1));
        return undefined;
      }
      this.#at = start;
      return this.value(depth + 1);
    });
    return { is: 'call', name: word, items: items.filter((item) => item !== undefined), named };
  }

  #list<T>(end: string, read: () => T): T[] {
    const items: T[] = [];
    this.#at++;
    while (this.#peek() !== end) {
      items.push(read());
      const next = this.#peek();
      if (next === ',') this.#at++;
      else if (next !== end) throw this.#refuse(`a comma or ${end} is missing`);
    }
    this.#at++;
    return items;
  }

  #word(): string | undefined {
    this.#peek();
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0];
    if (word !== undefined) this.#at += word.length;
    return word;
  }

  #peek(): string | undefined {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
    return this.#text[this.#at];
  }

  #refuse(detail: string): StateglassError {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    return new StateglassError({
      kind: 'bad-input',
      detail: `the printout cannot be read: ${detail} (line ${line})`,
      at: this.#at,
    });
  }
}
