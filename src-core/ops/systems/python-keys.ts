import { type Datum, type Dict, isList, type Pair } from './data.ts';
import type { SystemName } from './operation.ts';
import { showType } from './python-repr.ts';
import { raised } from './raise.ts';

/**
 * A text that is the same for two keys exactly when Python holds them for one: 1, 1.0 and True are, "1" is not, and
 * inox's `StateKey('x')` is the tuple `('x',)`. Undefined for what cannot be a key.
 */
export function identityOf(key: Datum): string | undefined {
  if (key === null) return 'none';
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'boolean') return key ? 'n1' : 'n0';
  if (typeof key === 'bigint') return `n${key}`;
  if (typeof key === 'number') return Number.isInteger(key) ? `n${BigInt(key)}` : `n${key}`;
  if (isList(key)) return undefined;
  if (key.kind === 'tuple') return tupleIdentity(key.items);
  if (key.kind === 'key') return tupleIdentity([key.key]);
  if (key.kind === 'entry') return tupleIdentity([key.value]);
  return undefined;
}

function tupleIdentity(items: readonly Datum[]): string | undefined {
  const parts = items.map(identityOf);
  return parts.includes(undefined) ? undefined : `t${JSON.stringify(parts)}`;
}

/** A Python dict being made: a key set again keeps its place and its first spelling. */
export class DictBuilder {
  readonly #items = new Map<string, [key: Datum, value: Datum]>();
  readonly #system: SystemName;
  constructor(system: SystemName, from?: Dict) {
    this.#system = system;
    for (const [key, value] of from?.items ?? []) this.set(key, value);
  }

  get size(): number {
    return this.#items.size;
  }

  get(key: Datum): Datum | undefined {
    return this.#items.get(this.#identify(key))?.[1];
  }

  has(key: Datum): boolean {
    return this.#items.has(this.#identify(key));
  }

  set(key: Datum, value: Datum): void {
    const id = this.#identify(key);
    const held = this.#items.get(id);
    if (held) held[1] = value;
    else this.#items.set(id, [key, value]);
  }

  finish(): Dict {
    return { kind: 'dict', items: [...this.#items.values()].map(([key, value]): Pair => [key, value]) };
  }

  #identify(key: Datum): string {
    const id = identityOf(key);
    if (id === undefined) throw raised(this.#system, 'TypeError', `unhashable type: '${showType(key)}'`);
    return id;
  }
}

/** A copy without keys that Python holds for one; the value of the last stays. */
export const uniqueKeys = (items: readonly Pair[], system: SystemName = 'any'): Dict =>
  new DictBuilder(system, { kind: 'dict', items }).finish();
