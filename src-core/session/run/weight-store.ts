import { StateglassError } from '../../base/errors.ts';
import type { Graph } from '../../graph/graph.ts';
import type { ModuleTensor } from '../../graph/module-node.ts';
import type { EntryId, Storage, TensorValue } from '../../model/state-dict.ts';
import { countElements } from '../../tensor/dtype.ts';
import { findEntry } from '../describe.ts';
import type { Document } from '../document.ts';
import type { EditedDocument } from '../edits.ts';
import type { Backend, Feed, Runner } from '../ports.ts';
import { storageOf, tensorOf } from '../values.ts';
import { covers, splitChange } from './number-change.ts';
import { readWeight } from './read-weight.ts';
import { WeightKeys } from './weight-keys.ts';

/** A weight of a graph as a document has it. */
export interface BoundWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** Equal for equal weights. */
  readonly key: string;
  /** As f32. */
  readonly bytes: number;
  /** An edit made it. */
  readonly isEdited: boolean;
  readonly row: EntryId;
  readonly value: TensorValue;
  readonly storage: Storage | undefined;
}

interface Held {
  readonly bytes: number;
  /** What it is a change of, and where. */
  readonly change?: { readonly root: string; readonly places: Uint32Array };
}

/**
 * Weights that the runner holds, by what they are made of: an edit of one leaves the others where they are, and the same tensor
 * of a document is read once for all its modules. Numbers that an edit changes are changed where they are held.
 */
export class WeightStore {
  private readonly runner: Runner;
  private readonly keys = new WeightKeys();
  /** By key, the longest unused first. */
  private readonly held = new Map<string, Held>();

  constructor(runner: Runner) {
    this.runner = runner;
  }

  /**
   * The weights of a graph in the order it has them. Nothing is read.
   *
   * @throws `not-found` for a weight that the module has not: it is not like the one that was lowered.
   */
  bind(
    document: Document,
    graph: Graph,
    tensors: ReadonlyMap<string, ModuleTensor>,
    backend: Backend,
  ): readonly BoundWeight[] {
    return graph.weights.map(({ name, path, shape }) => {
      const tensor = tensors.get(path);
      if (!tensor)
        throw new StateglassError({ kind: 'not-found', what: path, detail: 'the module has no such weight' });
      const { row } = tensor;
      const value = tensorOf(findEntry(document, row));
      const storage = storageOf(document, value);
      const isEdited = isMade(document, value);
      const key = this.keyOf(document, value, storage, backend);
      return { name, shape, key, bytes: 4 * countElements(shape), isEdited, row, value, storage };
    });
  }

  /** A feed for each weight, by name: those that are not held yet are read. */
  async hold(
    document: Document,
    weights: readonly BoundWeight[],
    backend: Backend,
    signal?: AbortSignal,
  ): Promise<Record<string, Feed>> {
    const needed = new Set(weights.map(({ key }) => key));
    const feeds: Record<string, Feed> = {};
    for (const weight of weights) {
      const { key, name } = weight;
      const held = this.held.get(key) ?? (await this.begin(document, weight, needed, backend, signal));
      this.held.delete(key);
      this.held.set(key, held);
      feeds[name] = { held: key };
    }
    return feeds;
  }

  /** Gives up what was longest unused until the rest has room. */
  async shrink(room: number, needed: ReadonlySet<string>): Promise<void> {
    let total = 0;
    for (const { bytes } of this.held.values()) total += bytes;
    for (const [key, { bytes }] of this.held) {
      if (total <= room) return;
      if (needed.has(key)) continue;
      await this.drop(key);
      total -= bytes;
    }
  }

  /** Everything that was held is gone. */
  forget(): void {
    this.held.clear();
  }

  private async begin(
    document: Document,
    weight: BoundWeight,
    needed: ReadonlySet<string>,
    backend: Backend,
    signal: AbortSignal | undefined,
  ): Promise<Held> {
    const { key, value, storage, bytes } = weight;
    const split = storage && splitChange(value, storage);
    if (!split) {
      await this.read(document, weight, backend, signal);
      return { bytes };
    }
    const root = this.keyOf(document, split.root.value, split.root.storage, backend);
    const { change } = split;
    // What earlier edits made of the same weight is of no more use, unless it takes this change too.
    let from: string | undefined;
    for (const [other, held] of this.held) {
      if (held.change?.root !== root || needed.has(other)) continue;
      if (from === undefined && covers(change.places, held.change.places)) from = other;
      else await this.drop(other);
    }
    if (from !== undefined) {
      this.held.delete(from);
      await this.runner.change(key, from, change, true);
    } else if (this.held.has(root)) await this.runner.change(key, root, change, false);
    else await this.read(document, weight, backend, signal);
    return { bytes, change: { root, places: change.places } };
  }

  private async read(
    document: Document,
    { key, row, shape }: BoundWeight,
    backend: Backend,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const data = await readWeight(document, row, signal);
    await this.runner.hold(key, { dtype: 'f32', shape, data }, backend);
  }

  private async drop(key: string): Promise<void> {
    await this.runner.release(key);
    this.held.delete(key);
  }

  private keyOf({ files }: Document, value: TensorValue, storage: Storage | undefined, backend: Backend): string {
    return `${backend} ${this.keys.of(files, value, storage)}`;
  }
}

/** Whether an edit made it: storages of edits are numbered behind those of the file. */
const isMade = ({ base }: Document & Partial<EditedDocument>, { storage }: TensorValue): boolean =>
  base !== undefined && storage !== undefined && storage >= base.storages.size;
