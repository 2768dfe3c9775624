import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Graph } from '../../graph/graph.ts';
import type { ModuleTensor } from '../../graph/module-node.ts';
import type { StorageData } from '../../model/state-dict.ts';
import { findEntry } from '../describe.ts';
import type { Document } from '../document.ts';
import type { Backend, Feed, Runner } from '../ports.ts';
import { storageOf, tensorOf } from '../values.ts';
import { viewKey } from '../view-key.ts';
import { readWeight } from './read-weight.ts';

/**
 * Weights that the runner holds, by what they are made of: an edit of one leaves the others where they are, and the same tensor
 * of a document is read once for all its modules.
 */
export class WeightStore {
  private readonly runner: Runner;
  private readonly numbers = new WeakMap<object, number>();
  /** Bytes by key, the longest unused first. */
  private readonly held = new Map<string, number>();
  private nextNumber = 0;

  constructor(runner: Runner) {
    this.runner = runner;
  }

  /**
   * A feed for each weight of a graph.
   *
   * @throws `not-found` for a weight that the module has not: it is not like the one that was lowered.
   */
  async bind(
    document: Document,
    graph: Graph,
    tensors: ReadonlyMap<string, ModuleTensor>,
    backend: Backend,
    signal?: AbortSignal,
  ): Promise<Record<string, Feed>> {
    const feeds: Record<string, Feed> = {};
    const needed = new Set<string>();
    for (const { name, path, shape } of graph.weights) {
      const tensor = tensors.get(path);
      if (!tensor)
        throw new StateglassError({ kind: 'not-found', what: path, detail: 'the module has no such weight' });
      const key = `${backend} ${this.keyOf(document, tensor.row)}`;
      needed.add(key);
      const bytes = this.held.get(key);
      if (bytes === undefined) {
        const data = await readWeight(document, tensor.row, signal);
        await this.runner.hold(key, { dtype: 'f32', shape, data }, backend);
        this.held.set(key, 4 * data.length);
      } else {
        this.held.delete(key);
        this.held.set(key, bytes);
      }
      feeds[name] = { held: key };
    }
    await this.dropUnused(needed);
    return feeds;
  }

  /** Everything that was held is gone. */
  forget(): void {
    this.held.clear();
  }

  private async dropUnused(needed: ReadonlySet<string>): Promise<void> {
    let total = 0;
    for (const bytes of this.held.values()) total += bytes;
    for (const [key, bytes] of this.held) {
      if (total <= LIMITS.runWeightBytes) return;
      if (needed.has(key)) continue;
      await this.runner.release(key);
      this.held.delete(key);
      total -= bytes;
    }
  }

  /** The same for the same elements of the same storage; a storage that an edit made is another. */
  private keyOf(document: Document, row: number): string {
    const tensor = tensorOf(findEntry(document, row));
    const storage = storageOf(document, tensor);
    return `${storage ? this.storageKey(document, storage.data) : `nothing ${row}`} ${viewKey({ ...tensor, storage: 0 })}`;
  }

  /** Ranges of files are known by their files; what an edit made, by the object that says how. */
  private storageKey({ files }: Document, data: StorageData): string {
    if (data.kind !== 'slices') return String(this.numberOf(data));
    const ranges = data.slices.map((slice) => ({ ...slice, file: this.numberOf(files.get(slice.file) ?? data) }));
    return JSON.stringify(ranges);
  }

  private numberOf(object: object): number {
    let number = this.numbers.get(object);
    if (number === undefined) {
      number = this.nextNumber++;
      this.numbers.set(object, number);
    }
    return number;
  }
}
