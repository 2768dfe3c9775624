import { StateglassError, throwIfAborted, toErrorInfo } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Lowered } from '../../graph/lower-module.ts';
import { openModule, tensorsBelow } from '../../graph/module-node.ts';
import { toOnnx } from '../../graph/to-onnx.ts';
import { pathOfNode } from '../../model/labels.ts';
import type { ModuleTree } from '../../model/module-tree.ts';
import type { Document } from '../document.ts';
import type { Backend, Runner, StartedModel } from '../ports.ts';
import { checkSamples } from './check-samples.ts';
import { type ChosenBackend, chooseBackend } from './choose-backend.ts';
import { describeOnnx } from './describe-onnx.ts';
import type { LowerChoice } from './describe-run.ts';
import { readFacts } from './facts.ts';
import { forecastRun, type RunForecast, requireRoom } from './forecast.ts';
import { GpuFailures } from './gpu-failures.ts';
import { LateBinding } from './late-binding.ts';
import { LoweredStore } from './lowered-store.ts';
import { NOTHING } from './nothing.ts';
import { wordRuntimeError } from './onnx-errors.ts';
import { isOnnx } from './onnx-graph.ts';
import { OnnxRuns } from './onnx-runs.ts';
import type { RunAnswer, RunRequest } from './run-request.ts';
import { type KeptModel, SessionStore } from './session-store.ts';
import { statePacked } from './state-packed.ts';
import { type BoundWeight, WeightStore } from './weight-store.ts';

/** A graph that was lowered from a module. */
export interface ConstantChoice {
  readonly node: number;
  readonly graph: Graph;
  readonly backend: Backend;
}

/**
 * Runs modules of documents. A module that was run before is started: with other weights (an edit, another layer, another document
 * with the same shapes) it is only fed anew.
 */
export class ModuleRuns {
  /** What it runs on. */
  readonly runner: Runner;
  private readonly lowered = new LoweredStore();
  private readonly sessions: SessionStore;
  private readonly weights: WeightStore;
  private readonly onnx: OnnxRuns;
  private readonly binding: LateBinding;
  private readonly failures = new GpuFailures();
  private isWarm = false;
  /** Runs follow one another: a runtime computes one at a time. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(runner: Runner) {
    this.runner = runner;
    this.sessions = new SessionStore(runner);
    this.binding = new LateBinding(this.sessions);
    this.weights = new WeightStore(runner);
    this.onnx = new OnnxRuns(runner);
  }

  /** Makes the runtime ready that a run will most likely need: the first takes a second, and may be begun before it is asked for. */
  warm(forecast: RunForecast): void {
    if (this.isWarm) return;
    this.isWarm = true;
    const begin = async () => {
      const { backend } = chooseBackend('auto', await this.runner.facts(), forecast);
      const started = await this.runner.start({ bytes: toOnnx(NOTHING, { weights: 'inputs' }) }, { backend });
      await started.release();
    };
    // What fails is told by the run that needs it.
    this.inTurn(begin).catch(() => undefined);
  }

  /**
   * @throws `not-runnable`; `limit` when it is too large; `bad-input` for a sample that does not fit; what reading the weights throws.
   */
  run(document: Document, tree: ModuleTree, request: RunRequest, signal?: AbortSignal): Promise<RunAnswer> {
    return this.inTurn(async () => {
      throwIfAborted(signal);
      const stop = () => void this.restart();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        return await this.runNow(document, tree, request, signal);
      } catch (error) {
        throwIfAborted(signal);
        throw error;
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    });
  }

  /** A module as a graph; it is lowered once for all edits of its values. @throws as `lowerChoice`. */
  async lower(document: Document, tree: ModuleTree, choice: LowerChoice, signal?: AbortSignal): Promise<Lowered> {
    return this.lowered.lower(document, tree, choice, await readFacts(document, signal));
  }

  /**
   * A module as a model to be run many times: its weights are constants. It is started already where the same was asked for before.
   * `release` gives it back.
   */
  startConstant(
    document: Document,
    tree: ModuleTree,
    { node, graph, backend }: ConstantChoice,
    signal?: AbortSignal,
  ): Promise<StartedModel> {
    return this.inTurn(async () => {
      const tensors = tensorsBelow(openModule(document.state.entries, tree, node));
      // Constants are copied from the memory of this machine, wherever they go.
      const weights = this.weights.bind(document, graph, tensors, 'wasm');
      const choice = { graph, also: [], options: { backend } };
      const known = this.sessions.findBound(choice, weights, weights.length);
      if (known) return this.lend(this.sessions.reuse(known));
      await this.weights.hold(document, weights, 'wasm', signal);
      const kept = await this.sessions.startBound(choice, weights);
      await this.shrink([]);
      return this.lend(kept);
    });
  }

  /** Gives up the weights that are held, and models that have some in them and are not in use: of a document that is closed. */
  empty(): Promise<void> {
    return this.inTurn(async () => {
      this.binding.forget();
      await this.sessions.dropBound();
      await this.weights.shrink(0, new Set());
    });
  }

  private lend(kept: KeptModel): StartedModel {
    return { ...kept.started, release: async () => void this.sessions.giveBack(kept) };
  }

  /** What is to be constant becomes so when the answer is given, and before the next run. */
  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const answer = this.last.then(act);
    const settle = async () => {
      if (await this.binding.settle()) await this.shrink([]);
    };
    this.last = answer.then(settle).catch(() => undefined);
    return answer;
  }

  private async runNow(
    document: Document,
    tree: ModuleTree,
    request: RunRequest,
    signal?: AbortSignal,
  ): Promise<RunAnswer> {
    if (isOnnx(document)) return this.runOnnx(document, tree, request, signal);
    const shapes = Object.fromEntries(Object.entries(request.inputs).map(([name, { shape }]) => [name, shape]));
    const { node, corrections } = request;
    const choice = { node, shapes, ...(corrections && { corrections }) };
    const lowered = await this.lower(document, tree, choice, signal);
    const forecast = forecastRun(lowered.graph);
    const path = pathOfNode(tree, request.node);
    requireRoom(forecast, path === '' ? document.name : path);
    checkSamples(lowered.graph.inputs, request.inputs);
    const chosen = chooseBackend(request.backend ?? 'auto', await this.runner.facts(), forecast);
    const compute = (backend: Backend) => this.compute(document, tree, lowered, request, backend, signal);
    return { path, ...(await this.computeOn(chosen, lowered.graph, request, compute, signal)) };
  }

  /** An ONNX file as it is, its edits spliced into it. */
  private async runOnnx(
    document: Document,
    tree: ModuleTree,
    request: RunRequest,
    signal?: AbortSignal,
  ): Promise<RunAnswer> {
    const shapes = Object.fromEntries(Object.entries(request.inputs).map(([name, { shape }]) => [name, shape]));
    const choice = { node: request.node, shapes };
    const described = await describeOnnx(document, choice, pathOfNode(tree, request.node), {}, signal);
    if ('error' in described) throw new StateglassError(described.error);
    const { inputs, outputs, forecast, taps: inner } = described;
    // Its weights have been looked at: they are taken as they are stored.
    requireRoom({ ...forecast, weights: 0 }, document.name);
    checkSamples(inputs, request.inputs);
    const taps = (request.taps ?? []).filter((name) => inner.includes(name));
    const chosen = chooseBackend(request.backend ?? 'auto', await this.runner.facts(), forecast);
    const names = outputs.map(({ name }) => name);
    const compute = async (backend: Backend) => {
      const asked = { inputs: request.inputs, outputs: names, taps, backend, profile: request.profile === true };
      const { values, nodes, ...times } = await this.onnx.run(document, asked, signal);
      return {
        kind: described.kind,
        assumptions: [],
        outputs: names.map((label) => ({ label, tensor: values[label]! })),
        taps: Object.fromEntries(taps.map((name) => [name, values[name]!])),
        times,
        ...(nodes && { nodes }),
      };
    };
    try {
      return { path: '', ...(await this.computeOn(chosen, document.files, request, compute, signal)) };
    } catch (error) {
      throwIfAborted(signal);
      throw wordRuntimeError(error);
    }
  }

  /** On the GPU where it serves. `what` stands for the model: it is known when WebGPU failed for it before. */
  private async computeOn<T>(
    chosen: ChosenBackend,
    what: object,
    request: RunRequest,
    compute: (backend: Backend) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T & Pick<RunAnswer, 'backend' | 'why' | 'gpuFailed'>> {
    const onWasm = async (why: string) => ({
      backend: 'wasm' as const,
      why,
      gpuFailed: true as const,
      ...(await compute('wasm')),
    });
    if (chosen.backend === 'wasm') return { ...chosen, ...(await compute('wasm')) };
    const failed = this.failures.find(what, request);
    if (failed !== undefined) return onWasm(`WebGPU failed before: ${failed}`);
    // A runtime that failed once may never start again.
    if (this.failures.forget(what)) await this.restart();
    try {
      return { backend: 'webgpu', ...(await this.computeOnGpu(compute, signal)) };
    } catch (error) {
      throwIfAborted(signal);
      const info = toErrorInfo(error);
      if (info.kind !== 'internal' && info.kind !== 'unsupported') throw error;
      this.failures.keep(what, request, info.detail);
      return onWasm(`WebGPU failed: ${info.detail}`);
    }
  }

  /** A device that was lost is asked for once more: drivers restart, tabs are put to sleep. */
  private async computeOnGpu<T>(compute: (backend: Backend) => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await compute('webgpu');
    } catch (error) {
      throwIfAborted(signal);
      if (!/lost|destroyed/i.test(String(error))) throw error;
      await this.restart();
      return compute('webgpu');
    }
  }

  private async compute(
    document: Document,
    tree: ModuleTree,
    { graph, kind, assumptions }: Lowered,
    request: RunRequest,
    backend: Backend,
    signal?: AbortSignal,
  ): Promise<Omit<RunAnswer, 'path' | 'backend' | 'why' | 'gpuFailed'>> {
    const tapped = graph.taps.filter(({ path }) => request.taps?.includes(path));
    const also = [...new Set(tapped.map(({ value }) => value))];
    const options = { backend, ...(request.profile && { profile: true }) };
    const choice = { graph, also, options };
    const begun = performance.now();
    const module = openModule(document.state.entries, tree, request.node);
    const weights = this.weights.bind(document, graph, tensorsBelow(module), backend);
    const kept = await this.binding.choose(choice, weights, request.beside);
    const { started, constants } = kept;
    try {
      const ready = performance.now();
      const fed = weights.filter(({ name }) => !constants.has(name));
      const feeds = await this.weights.hold(document, fed, backend, signal);
      await this.shrink(fed);
      const bound = performance.now();
      throwIfAborted(signal);
      const found = await started.run({ ...request.inputs, ...feeds }, [
        ...graph.outputs.map(({ name }) => name),
        ...tapped.map(({ value }) => value),
      ]);
      const done = performance.now();
      this.binding.note(choice, kept, weights, request.beside);
      return {
        kind,
        assumptions: [...assumptions, ...statePacked(document, module, graph)],
        outputs: graph.outputs.map(({ label, name, updates }) => ({
          label,
          tensor: found[name]!,
          ...(updates !== undefined && { updates }),
        })),
        taps: Object.fromEntries(tapped.map(({ path, value }) => [path, found[value]!])),
        times: { start: ready - begun, weights: bound - ready, run: done - bound },
        ...(request.profile && { nodes: await this.sessions.takeTimes(kept) }),
      };
    } finally {
      this.sessions.giveBack(kept);
    }
  }

  /** What is held and what is constant have their room together. */
  private async shrink(needed: readonly BoundWeight[]): Promise<void> {
    const room = LIMITS.runWeightBytes - this.sessions.constantBytes;
    await this.weights.shrink(room, new Set(needed.map(({ key }) => key)));
  }

  /** Gives up what is computed, and all that was held. */
  private async restart(): Promise<void> {
    this.binding.forget();
    this.sessions.forget();
    this.weights.forget();
    this.onnx.forget();
    await this.runner.restart();
  }
}
