import type { Graph } from '../../graph/graph.ts';
import { toOnnx } from '../../graph/to-onnx.ts';
import type { NodeTime, Runner, StartedModel, StartOptions } from '../ports.ts';

/** Models kept started. Each holds its graph and the room of its last run. */
const KEPT = 4;

interface Kept {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly options: StartOptions;
  readonly started: StartedModel;
}

/** Models that were started, by their bytes, so that layers made alike share one: the one longest unused makes room. */
export class SessionStore {
  private readonly runner: Runner;
  private kept: Kept[] = [];
  /** Bytes by what is given out beside the outputs. */
  private readonly written = new WeakMap<Graph, Map<string, Uint8Array<ArrayBuffer>>>();

  constructor(runner: Runner) {
    this.runner = runner;
  }

  /** A graph whose weights are inputs, and which gives out further values. */
  async start(graph: Graph, also: readonly string[], options: StartOptions): Promise<StartedModel> {
    const bytes = this.write(graph, also);
    const at = this.kept.findIndex((one) => isSame(one, bytes, options));
    const known = at < 0 ? undefined : this.kept.splice(at, 1)[0];
    const one = known ?? { bytes, options, started: await this.runner.start({ bytes }, options) };
    this.kept.push(one);
    if (this.kept.length > KEPT) await this.kept.shift()?.started.release();
    return one.started;
  }

  /** What a measured model took; it is measured once, and given back. */
  async takeTimes(started: StartedModel): Promise<readonly NodeTime[]> {
    this.kept = this.kept.filter((one) => one.started !== started);
    const times = await started.times();
    await started.release();
    return times;
  }

  private write(graph: Graph, also: readonly string[]): Uint8Array<ArrayBuffer> {
    const known = this.written.get(graph) ?? new Map<string, Uint8Array<ArrayBuffer>>();
    this.written.set(graph, known);
    const key = also.join('\n');
    const bytes = known.get(key) ?? toOnnx(graph, { weights: 'inputs', also });
    known.set(key, bytes);
    return bytes;
  }

  /** They are gone with what computed them. */
  forget(): void {
    this.kept = [];
  }
}

const isSame = (one: Kept, bytes: Uint8Array, { backend, profile }: StartOptions): boolean =>
  one.options.backend === backend &&
  !one.options.profile === !profile &&
  (one.bytes === bytes || (one.bytes.length === bytes.length && one.bytes.every((byte, i) => byte === bytes[i])));
