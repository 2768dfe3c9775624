import { similarity } from '../model/keys/similar.ts';
import type { OpenPairing } from './pair.ts';
import { PAIR_FLAG } from './pairing.ts';
import { SameNames } from './same-names.ts';

/**
 * What pairs that are sure teach of the others: that `h.0.ln_1.bias` is `blocks.0.norm1.bias` says which module is which, and
 * that `h.#.ln_1` is called `blocks.#.norm1`.
 */
export class NameEvidence {
  readonly #modules: Tally;
  readonly #patterns: Tally;
  readonly #likeness = new Map<string, number>();

  constructor(open: OpenPairing) {
    const { a, b, matches } = open;
    const same = new SameNames(open);
    this.#modules = new Tally(same.countModule);
    this.#patterns = new Tally(same.countPattern);
    for (const { rowA, rowB, flags = 0 } of matches) {
      if (flags & (PAIR_FLAG.ambiguous | PAIR_FLAG.uncertain)) continue;
      const [keyA, keyB] = [a.keyOf(rowA), b.keyOf(rowB)];
      const add = (tally: Tally, inA: string, inB: string) =>
        keyA === keyB ? tally.addSame(inA) : tally.add(inA, inB);
      // Of names at the root there is no module to learn.
      if (keyA.includes('.') && keyB.includes('.')) {
        add(this.#modules, moduleOf(keyA), moduleOf(keyB));
        add(this.#patterns, patternOf(moduleOf(keyA)), patternOf(moduleOf(keyB)));
      }
      add(this.#patterns, patternOf(keyA), patternOf(keyB));
    }
  }

  /** 0 to 1: how well two names go together, by what is known and by how alike they are. */
  score(keyA: string, keyB: string): number {
    const [moduleA, moduleB] = [moduleOf(keyA), moduleOf(keyB)];
    const byModule = this.#modules.share(moduleA, moduleB);
    const byPattern =
      this.#patterns.share(patternOf(keyA), patternOf(keyB)) ??
      this.#patterns.share(patternOf(moduleA), patternOf(moduleB));
    const byNumbers = shareNumbers(keyA, keyB);
    const parts: (readonly [weight: number, value: number | undefined])[] = [
      [4, byModule],
      [2, byPattern],
      [2, byNumbers],
      [1, ownName(keyA) === ownName(keyB) ? 1 : 0],
      [2, this.#likenessOf(patternOf(keyA), patternOf(keyB))],
    ];
    const known = parts.filter((part): part is readonly [number, number] => part[1] !== undefined);
    return (
      known.reduce((sum, [weight, value]) => sum + weight * value, 0) / known.reduce((sum, [weight]) => sum + weight, 0)
    );
  }

  /** Names are many, their patterns few. */
  #likenessOf(a: string, b: string): number {
    const pair = `${a}\0${b}`;
    const known = this.#likeness.get(pair) ?? likeness(a, b);
    this.#likeness.set(pair, known);
    return known;
  }

  /** Names that an entry of A should have in B, the surest first: in the same module, then by the pattern with its own numbers. */
  predictB = (keyA: string): readonly string[] => predict(keyA, this.#modules.bestB, this.#patterns.bestB);
  predictA = (keyB: string): readonly string[] => predict(keyB, this.#modules.bestA, this.#patterns.bestA);
}

function predict(key: string, modules: Best, patterns: Best): readonly string[] {
  const name = ownName(key);
  const predicted: string[] = [];
  const module = modules(moduleOf(key));
  if (module !== undefined) predicted.push(`${module}.${name}`);
  const numbers = numbersOf(key);
  for (const [pattern, end] of [
    [patterns(patternOf(key)), ''],
    [patterns(patternOf(moduleOf(key))), `.${name}`],
  ] as const) {
    if (pattern === undefined || pattern.split('#').length - 1 !== numbers.length) continue;
    let at = 0;
    predicted.push(pattern.replace(/#/g, () => numbers[at++] ?? '#') + end);
  }
  return predicted;
}

/** What a text stood against most often. */
type Best = (text: string) => string | undefined;

/** How often one text stood against another. */
class Tally {
  readonly #ofA = new Map<string, Map<string, number>>();
  readonly #ofB = new Map<string, Map<string, number>>();
  /** Against itself, in pairs of one name: here, and apart from those that were added. */
  readonly #same = new Map<string, number>();
  readonly #countApart: (text: string) => number;
  constructor(countApart: (text: string) => number) {
    this.#countApart = countApart;
  }

  add(a: string, b: string): void {
    countOne(this.#ofA, a, b);
    countOne(this.#ofB, b, a);
  }

  addSame(text: string): void {
    this.#same.set(text, (this.#same.get(text) ?? 0) + 1);
  }

  /** How much the two went together, 0 to 1; undefined when neither was seen. */
  share(a: string, b: string): number | undefined {
    const [sameA, sameB] = [this.#countSame(a), this.#countSame(b)];
    const total = sumOf(this.#ofA.get(a)) + sameA + sumOf(this.#ofB.get(b)) + sameB;
    if (total === 0) return undefined;
    return (2 * ((this.#ofA.get(a)?.get(b) ?? 0) + (a === b ? sameA : 0))) / total;
  }

  #countSame = (text: string): number => this.#countApart(text) + (this.#same.get(text) ?? 0);

  bestB: Best = (a) => this.#best(a, this.#ofA.get(a));
  bestA: Best = (b) => this.#best(b, this.#ofB.get(b));

  #best(text: string, others: ReadonlyMap<string, number> | undefined): string | undefined {
    const same = this.#countSame(text);
    let [found, most] = [same > 0 ? text : undefined, same];
    for (const [other, count] of others ?? []) if (count > most) [found, most] = [other, count];
    return found;
  }
}

function countOne(counts: Map<string, Map<string, number>>, from: string, to: string): void {
  const row = counts.get(from) ?? new Map<string, number>();
  row.set(to, (row.get(to) ?? 0) + 1);
  counts.set(from, row);
}

function sumOf(counts: ReadonlyMap<string, number> | undefined): number {
  let sum = 0;
  for (const count of counts?.values() ?? []) sum += count;
  return sum;
}

const moduleOf = (key: string): string => key.slice(0, Math.max(0, key.lastIndexOf('.')));
const ownName = (key: string): string => key.slice(key.lastIndexOf('.') + 1);
const patternOf = (key: string): string => key.replace(/\d+/g, '#');
const numbersOf = (key: string): readonly string[] => key.match(/\d+/g) ?? [];

/** The same from either side, which the ratio of difflib is not. */
const likeness = (a: string, b: string): number => (similarity(a, b) + similarity(b, a)) / 2;

/** 1 for the same numbers in the same order, a half where the first, which tends to be the layer, is the same. */
function shareNumbers(keyA: string, keyB: string): number | undefined {
  const [a, b] = [numbersOf(keyA), numbersOf(keyB)];
  if (a.length + b.length === 0) return undefined;
  if (a.join() === b.join()) return 1;
  return a.length > 0 && a[0] === b[0] ? 0.5 : 0;
}
