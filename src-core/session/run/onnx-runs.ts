/** ONNX files that were started: with the same edits and the same values asked for, a file is only fed anew. */
import { throwIfAborted } from '../../base/errors.ts';
import type { StateDict } from '../../model/state-dict.ts';
import type { Document } from '../document.ts';
import type { Backend, NodeTime, Runner, RunTensor, StartedModel } from '../ports.ts';
import { readOnnxBytes } from './onnx-bytes.ts';
import { prepareOnnx } from './onnx-prepare.ts';

/** Started files kept: as it is and as it was, for both to be fed again. */
const KEPT = 2;

interface Started {
  readonly state: StateDict;
  readonly key: string;
  readonly model: StartedModel;
  readonly feeds: ReadonlyMap<string, string>;
}

export interface OnnxRun {
  readonly inputs: Readonly<Record<string, RunTensor>>;
  readonly outputs: readonly string[];
  /** Values inside. */
  readonly taps: readonly string[];
  readonly backend: Backend;
  readonly profile: boolean;
}

export interface OnnxAnswer {
  readonly values: Readonly<Record<string, RunTensor>>;
  /** Milliseconds. */
  readonly start: number;
  readonly weights: number;
  readonly run: number;
  readonly nodes?: readonly NodeTime[];
}

export class OnnxRuns {
  private readonly runner: Runner;
  private kept: Started[] = [];

  constructor(runner: Runner) {
    this.runner = runner;
  }

  async run(document: Document, asked: OnnxRun, signal?: AbortSignal): Promise<OnnxAnswer> {
    const begun = performance.now();
    const { started, read } = await this.start(document, asked, signal);
    const ready = performance.now();
    throwIfAborted(signal);
    const inputs = Object.fromEntries(
      Object.entries(asked.inputs).map(([name, tensor]) => [started.feeds.get(name) ?? name, tensor]),
    );
    const values = await started.model.run(inputs, [...asked.outputs, ...asked.taps]);
    const run = performance.now() - ready;
    const times = { start: ready - begun - read, weights: read, run };
    if (!asked.profile) return { values, ...times };
    this.kept = this.kept.filter((one) => one !== started);
    const nodes = await started.model.times();
    await started.model.release();
    return { values, ...times, nodes };
  }

  private async start(document: Document, { taps, backend, profile }: OnnxRun, signal?: AbortSignal) {
    const key = JSON.stringify([backend, profile, taps]);
    const known = this.kept.find((one) => one.state === document.state && one.key === key);
    if (known) {
      this.kept = [...this.kept.filter((one) => one !== known), known];
      return { started: known, read: 0 };
    }
    while (this.kept.length >= KEPT) await this.kept.shift()?.model.release();
    const begun = performance.now();
    const { bytes, data } = await readOnnxBytes(document, signal);
    const prepared = await prepareOnnx(bytes, taps);
    const read = performance.now() - begun;
    throwIfAborted(signal);
    const model = await this.runner.start(
      { bytes: prepared.bytes, ...(data && { data }) },
      { backend, ...(profile && { profile }) },
    );
    const started: Started = { state: document.state, key, model, feeds: prepared.feeds };
    this.kept.push(started);
    return { started, read };
  }

  /** They are gone with what computed them. */
  forget(): void {
    this.kept = [];
  }
}
