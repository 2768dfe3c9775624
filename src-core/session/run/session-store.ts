import { LIMITS } from '../../base/limits.ts';
import type { Graph } from '../../graph/graph.ts';
import { externalName, toOnnx } from '../../graph/to-onnx.ts';
import type { NodeTime, Runner, StartedModel, StartOptions } from '../ports.ts';
import type { BoundWeight } from './weight-store.ts';

/** Models kept started. Each holds its graph and the room of its last run. */
const KEPT = 4;

/** What is computed: a graph, and what it gives out beside its outputs. */
export interface ModelChoice {
  readonly graph: Graph;
  readonly also: readonly string[];
  readonly options: StartOptions;
}

/** A model that was started; it stays until as many users as took it have given it back. */
export interface KeptModel {
  /** As it is where all weights are inputs: says which model it is. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly options: StartOptions;
  /** Keys of the weights that are constants, by name. */
  readonly constants: ReadonlyMap<string, string>;
  readonly constantBytes: number;
  readonly started: StartedModel;
  users: number;
}

/**
 * Models that were started, by their bytes, so that layers made alike share one, and by the weights that are constants in them: the
 * one longest unused makes room.
 */
export class SessionStore {
  private readonly runner: Runner;
  private kept: KeptModel[] = [];
  /** Bytes by what is given out beside the outputs. */
  private readonly written = new WeakMap<Graph, Map<string, Uint8Array<ArrayBuffer>>>();

  constructor(runner: Runner) {
    this.runner = runner;
  }

  /** Bytes of all constants. */
  get constantBytes(): number {
    return this.kept.reduce((sum, one) => sum + one.constantBytes, 0);
  }

  /** A model whose weights are all inputs. */
  async start(choice: ModelChoice): Promise<KeptModel> {
    return this.take(choice, [], (bytes) => ({ bytes }));
  }

  /** A model in which these weights are constants: they are held. The others are inputs. */
  async startBound(choice: ModelChoice, constants: readonly BoundWeight[]): Promise<KeptModel> {
    const { graph, also } = choice;
    const names = new Set(constants.map(({ name }) => name));
    const fed = new Set(graph.weights.flatMap(({ name }) => (names.has(name) ? [] : [name])));
    return this.take(choice, constants, () => ({
      bytes: toOnnx(graph, { weights: 'constants', fed, also }),
      data: constants.map(({ name, key }) => ({ name: externalName({ name }), held: key })),
    }));
  }

  /** The one used last of those that have constants, all of which are these weights. */
  findBound(choice: ModelChoice, weights: readonly BoundWeight[], least = 1): KeptModel | undefined {
    return this.kept.findLast((one) => one.constants.size >= least && this.fits(one, choice, weights));
  }

  /** Whether it is that model, and its constants are these weights. */
  fits(one: KeptModel, { graph, also, options }: ModelChoice, weights: readonly BoundWeight[]): boolean {
    return this.kept.includes(one) && isSame(one, this.write(graph, also), options) && hasConstants(one, weights);
  }

  /** Takes one that is there. */
  reuse(model: KeptModel): KeptModel {
    this.kept = [...this.kept.filter((one) => one !== model), model];
    model.users++;
    return model;
  }

  giveBack(model: KeptModel): KeptModel {
    model.users--;
    return model;
  }

  /** What a measured model took; it is measured once, and given up. */
  async takeTimes({ started }: KeptModel): Promise<readonly NodeTime[]> {
    this.kept = this.kept.filter((one) => one.started !== started);
    const times = await started.times();
    await started.release();
    return times;
  }

  /** They are gone with what computed them. */
  forget(): void {
    this.kept = [];
  }

  private async take(
    { graph, also, options }: ModelChoice,
    weights: readonly BoundWeight[],
    model: (bytes: Uint8Array<ArrayBuffer>) => Parameters<Runner['start']>[0],
  ): Promise<KeptModel> {
    const bytes = this.write(graph, also);
    const constants = new Map(weights.map(({ name, key }) => [name, key]));
    const known = this.kept.find(
      (one) => isSame(one, bytes, options) && one.constants.size === constants.size && hasConstants(one, weights),
    );
    if (known) return this.reuse(known);
    const constantBytes = weights.reduce((sum, weight) => sum + weight.bytes, 0);
    await this.makeRoom(constantBytes);
    const started = await this.runner.start(model(bytes), options);
    const one = { bytes, options, constants, constantBytes, started, users: 1 };
    this.kept.push(one);
    return one;
  }

  /** Ends those that have constants and are not in use. */
  async dropBound(): Promise<void> {
    for (const one of [...this.kept]) if (one.constantBytes > 0) await this.drop(one);
  }

  private async makeRoom(bytes: number): Promise<void> {
    const isFull = () => this.kept.length >= KEPT || this.constantBytes + bytes > LIMITS.runWeightBytes;
    for (const one of [...this.kept]) {
      if (!isFull()) return;
      // One without constants gives no room for some.
      if (this.kept.length >= KEPT || one.constantBytes > 0) await this.drop(one);
    }
  }

  private async drop(one: KeptModel): Promise<void> {
    if (one.users > 0) return;
    this.kept = this.kept.filter((other) => other !== one);
    await one.started.release();
  }

  private write(graph: Graph, also: readonly string[]): Uint8Array<ArrayBuffer> {
    const known = this.written.get(graph) ?? new Map<string, Uint8Array<ArrayBuffer>>();
    this.written.set(graph, known);
    const key = also.join('\n');
    const bytes = known.get(key) ?? toOnnx(graph, { weights: 'inputs', also });
    known.set(key, bytes);
    return bytes;
  }
}

const isSame = (one: KeptModel, bytes: Uint8Array, { backend, profile }: StartOptions): boolean =>
  one.options.backend === backend && !one.options.profile === !profile && isSameModel(one.bytes, bytes);

export const isSameModel = (a: Uint8Array, b: Uint8Array): boolean =>
  a === b || (a.length === b.length && a.every((byte, i) => byte === b[i]));

const hasConstants = ({ constants }: KeptModel, weights: readonly BoundWeight[]): boolean => {
  let same = 0;
  for (const { name, key } of weights) if (constants.get(name) === key) same++;
  return same === constants.size;
};
