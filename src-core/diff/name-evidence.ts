import { similarity } from '../model/keys/similar.ts';
import type { OpenPairing } from './pair.ts';
import { PAIR_FLAG } from './pairing.ts';

/**
 * What pairs that are sure teach of the others: that `h.0.ln_1.bias` is `blocks.0.norm1.bias` says which module is which, and
 * that `h.#.ln_1` is called `blocks.#.norm1`.
 */
export class NameEvidence {
  readonly #modules = new Tally();
  readonly #patterns = new Tally();
  readonly #patternOfModule = new Map<string, string>();

  constructor({ a, b, matches }: OpenPairing) {
    for (const { rowA, rowB, flags = 0 } of matches) {
      if (flags & (PAIR_FLAG.ambiguous | PAIR_FLAG.uncertain)) continue;
      const [keyA, keyB] = [a.keys[rowA] as string, b.keys[rowB] as string];
      if (keyA === keyB) {
        this.#learnSame(keyA);
        continue;
      }
      // Of names at the root there is no module to learn.
      if (keyA.includes('.') && keyB.includes('.')) {
        this.#modules.add(moduleOf(keyA), moduleOf(keyB));
        this.#patterns.add(patternOf(moduleOf(keyA)), patternOf(moduleOf(keyB)));
      }
      this.#patterns.add(patternOf(keyA), patternOf(keyB));
    }
  }

  /** Most pairs of most files have one name: they are counted by their modules. */
  #learnSame(key: string): void {
    const dot = key.lastIndexOf('.');
    const module = key.slice(0, Math.max(0, dot));
    const pattern = this.#patternOfModule.get(module) ?? patternOf(module);
    this.#patternOfModule.set(module, pattern);
    if (dot >= 0) {
      this.#modules.addSame(module);
      this.#patterns.addSame(pattern);
    }
    this.#patterns.addSame(pattern + patternOf(key.slice(Math.max(0, dot))));
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
      [2, likeness(patternOf(keyA), patternOf(keyB))],
    ];
    const known = parts.filter((part): part is readonly [number, number] => part[1] !== undefined);
    return (
      known.reduce((sum, [weight, value]) => sum + weight * value, 0) / known.reduce((sum, [weight]) => sum + weight, 0)
    );
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
  /** Against itself. */
  readonly #same = new Map<string, number>();

  add(a: string, b: string): void {
    countOne(this.#ofA, a, b);
    countOne(this.#ofB, b, a);
  }

  addSame(text: string): void {
    this.#same.set(text, (this.#same.get(text) ?? 0) + 1);
  }

  /** How much the two went together, 0 to 1; undefined when neither was seen. */
  share(a: string, b: string): number | undefined {
    const [sameA, sameB] = [this.#same.get(a) ?? 0, this.#same.get(b) ?? 0];
    const total = sumOf(this.#ofA.get(a)) + sameA + sumOf(this.#ofB.get(b)) + sameB;
    if (total === 0) return undefined;
    return (2 * ((this.#ofA.get(a)?.get(b) ?? 0) + (a === b ? sameA : 0))) / total;
  }

  bestB: Best = (a) => this.#best(a, this.#ofA.get(a));
  bestA: Best = (b) => this.#best(b, this.#ofB.get(b));

  #best(text: string, others: ReadonlyMap<string, number> | undefined): string | undefined {
    const same = this.#same.get(text) ?? 0;
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
