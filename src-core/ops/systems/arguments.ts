import { type Datum, type Dict, isDict, isList, type List } from './data.ts';
import { showType } from './python-repr.ts';
import { badInput } from './raise.ts';

/** The arguments of one call, by name. Getters say in one sentence what is wrong with them. */
export class Arguments {
  readonly #items: ReadonlyMap<string, Datum>;
  constructor(items: ReadonlyMap<string, Datum>) {
    this.#items = items;
  }

  /** Other arguments, for another operation. */
  derive(items: Iterable<readonly [name: string, value: Datum]>): Arguments {
    return new Arguments(new Map(items));
  }

  get(name: string): Datum {
    const value = this.#items.get(name);
    if (value === undefined) throw badInput(`the argument "${name}" is missing`);
    return value;
  }

  /** Undefined for an argument that is not there or null. */
  optional(name: string): Datum | undefined {
    return this.#items.get(name) ?? undefined;
  }

  dict(name: string): Dict {
    const value = this.get(name);
    if (!isDict(value)) throw this.#wrong(name, 'an object', value);
    return value;
  }

  list(name: string): List {
    const value = this.get(name);
    if (!isList(value)) throw this.#wrong(name, 'an array', value);
    return value;
  }

  text(name: string): string {
    const value = this.get(name);
    if (typeof value !== 'string') throw this.#wrong(name, 'a text', value);
    return value;
  }

  textOr(name: string, otherwise: string): string {
    return this.optional(name) === undefined ? otherwise : this.text(name);
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.optional(name) ?? otherwise;
    if (typeof value !== 'boolean') throw this.#wrong(name, 'true or false', value);
    return value;
  }

  /** A whole number that counts something. */
  count(name: string): number {
    const value = this.get(name);
    if (typeof value !== 'bigint' || value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
      throw this.#wrong(name, 'a whole number', value);
    return Number(value);
  }

  #wrong(name: string, wanted: string, found: Datum): Error {
    return badInput(`the argument "${name}" has to be ${wanted}, not ${showType(found)}`);
  }
}
