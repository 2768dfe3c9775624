/** `repr(model)` of PyTorch, on one line or on several: what each module is and how it was made. Nothing of it is executed. */
import { LIMITS } from '../base/limits.ts';

/** An argument as it is printed: a number, a text, a flag, `undefined` for None, or several numbers. */
export type PrintedValue = number | string | boolean | undefined | readonly number[];

export interface PrintedModule {
  /** The class. */
  readonly type: string;
  readonly positional: readonly PrintedValue[];
  readonly named: ReadonlyMap<string, PrintedValue>;
  /** In the order they were added, which is that in which a Sequential runs them. */
  readonly children: ReadonlyMap<string, PrintedModule>;
}

/** Finds modules in what is printed of a model, by their paths below the module that is lowered. */
export class PrintedModel {
  private readonly root: PrintedModule | undefined;
  private readonly above: readonly string[];

  /** @param place path in the document of the module that is lowered. */
  constructor(printed: string | undefined, place: string) {
    this.root = printed === undefined ? undefined : parsePrinted(printed);
    this.above = place === '' ? [] : place.split('.');
  }

  /** Keys of a file may have a prefix that the model has not (`module.`): names are dropped from the front until it is found. */
  find(path: string): PrintedModule | undefined {
    if (!this.root) return undefined;
    const below = path === '' ? [] : path.split('.');
    for (let from = 0; from <= this.above.length; from++) {
      const found = descend(this.root, [...this.above.slice(from), ...below]);
      if (found) return found;
    }
    return undefined;
  }
}

const descend = (from: PrintedModule, parts: readonly string[]): PrintedModule | undefined =>
  parts.reduce<PrintedModule | undefined>((at, part) => at?.children.get(part), from);

/** Undefined for a text that is no printed module. */
export function parsePrinted(text: string): PrintedModule | undefined {
  const reader = new PrintedReader(text);
  return reader.module(0);
}

const NAME = /\s*([A-Za-z_][\w.]*)\s*/y;
const CHILD = /\s*\(([^()\s]+)\):\s*/y;
const REPEATED = /\s*(\d+) x\s+/y;
/** Up to the next comma or bracket at this depth; a text may hold any. */
const KEYWORD = /\s*(\w+)\s*=\s*/y;
const TUPLE = /\s*[([]([^()[\]]*)[)\]]\s*/y;
const TEXT = /\s*'([^']*)'\s*/y;
const WORD = /\s*([^,()\s][^,()]*)/y;
const BEHIND = /\s*(\)|\([^()\s]+\):)/y;

class PrintedReader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  module(depth: number): PrintedModule | undefined {
    if (depth > LIMITS.textDepth) return undefined;
    const type = this.take(NAME)?.[1];
    if (type === undefined || !this.skip('(')) return undefined;
    const positional: PrintedValue[] = [];
    const named = new Map<string, PrintedValue>();
    const children = new Map<string, PrintedModule>();
    while (!this.skip(')')) {
      if (this.at >= this.text.length) return undefined;
      const child = this.take(CHILD);
      if (child) {
        const repeated = this.take(REPEATED);
        const below = this.module(depth + 1);
        if (!below) return undefined;
        for (const name of namesOf(child[1]!, Number(repeated?.[1] ?? 1))) children.set(name, below);
        continue;
      }
      const keyword = this.take(KEYWORD)?.[1];
      const value = this.value();
      if (value === NOTHING) return undefined;
      if (keyword === undefined) positional.push(value);
      else named.set(keyword, value);
      // Behind the arguments come the children, without a comma.
      if (!this.skip(',') && !this.sees(BEHIND)) return undefined;
    }
    return { type: type.slice(type.lastIndexOf('.') + 1), positional, named, children };
  }

  private value(): PrintedValue | typeof NOTHING {
    const text = this.take(TEXT);
    if (text) return text[1]!;
    const tuple = this.take(TUPLE);
    if (tuple) {
      const items = tuple[1]!.split(',').flatMap((item) => (item.trim() === '' ? [] : [Number(item)]));
      return items.some(Number.isNaN) ? tuple[1]! : items;
    }
    const word = this.take(WORD)?.[1]?.trimEnd();
    if (word === undefined) return NOTHING;
    if (word === 'True' || word === 'False') return word === 'True';
    if (word === 'None') return undefined;
    return word !== '' && Number.isFinite(Number(word)) ? Number(word) : word;
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return undefined;
    this.at = pattern.lastIndex;
    return found;
  }

  private sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  private skip(character: string): boolean {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }
}

const NOTHING = Symbol();

/** `(0-3): 4 x Block(…)` stands for four. */
function namesOf(label: string, count: number): readonly string[] {
  const range = /^(\d+)-(\d+)$/.exec(label);
  if (!range || Number(range[2]) - Number(range[1]) + 1 !== count) return [label];
  return Array.from({ length: count }, (_, i) => String(Number(range[1]) + i));
}

/** Numbers of an argument, by its name or its place: one for each axis. Undefined where it is not printed. */
export function printedNumbers(module: PrintedModule | undefined, name: string, place = -1): number[] | undefined {
  const value = module && (module.named.has(name) ? module.named.get(name) : module.positional[place]);
  if (typeof value === 'number') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'number') ? [...value] : undefined;
}
