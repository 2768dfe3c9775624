import type { NodeTime, Runner, StartedModel, StartOptions } from '../ports.ts';

/** Models kept started. Each holds its graph and the room of its last run. */
const KEPT = 4;

interface Kept {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly options: StartOptions;
  readonly started: StartedModel;
}

/** Models that were started, by their bytes: the one longest unused makes room. */
export class SessionStore {
  private readonly runner: Runner;
  private kept: Kept[] = [];

  constructor(runner: Runner) {
    this.runner = runner;
  }

  async start(bytes: Uint8Array<ArrayBuffer>, options: StartOptions): Promise<StartedModel> {
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

  /** They are gone with what computed them. */
  forget(): void {
    this.kept = [];
  }
}

const isSame = (one: Kept, bytes: Uint8Array, { backend, profile }: StartOptions): boolean =>
  one.options.backend === backend &&
  !one.options.profile === !profile &&
  one.bytes.length === bytes.length &&
  one.bytes.every((byte, i) => byte === bytes[i]);
