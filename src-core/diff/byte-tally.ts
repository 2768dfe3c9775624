import { decodeLabels, grown, LabelTable } from '../model/labels.ts';

const encoder = new TextEncoder();

/** Counts texts that are given as bytes, each with one byte in front of it. */
export class ByteTally {
  readonly #labels = new LabelTable();
  #counts = new Uint32Array(64);

  add(bytes: Uint8Array, from: number, to: number): void {
    this.#count(this.#labels.intern(bytes, from, to));
  }

  /** Counts it if it is watched or was counted before. */
  addKnown(bytes: Uint8Array, from: number, to: number): void {
    const label = this.#labels.find(bytes, from, to);
    if (label !== 0) this.#count(label);
  }

  watch(text: string): void {
    const bytes = encoder.encode(`.${text}`);
    this.#labels.intern(bytes, 0, bytes.length);
  }

  countOf(text: string): number {
    const bytes = encoder.encode(`.${text}`);
    return this.#counts[this.#labels.find(bytes, 0, bytes.length)] ?? 0;
  }

  *entries(): Generator<readonly [text: string, count: number]> {
    const { labelBytes, labelStart } = this.#labels.columns();
    const texts = decodeLabels(labelBytes, labelStart);
    for (let label = 1; label < texts.length; label++) yield [texts[label]!, this.#counts[label] ?? 0];
  }

  #count(label: number): void {
    if (label >= this.#counts.length) this.#counts = grown(this.#counts, label * 2);
    this.#counts[label]!++;
  }
}
