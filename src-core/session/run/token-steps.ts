import { StateglassError } from '../../base/errors.ts';
import type { Correction } from '../../graph/assumptions.ts';
import type { Graph, GraphInput } from '../../graph/graph.ts';
import { pathOfNode } from '../../model/labels.ts';
import type { ModuleTree } from '../../model/module-tree.ts';
import { countElements } from '../../tensor/dtype.ts';
import type { Document } from '../document.ts';
import type { Backend, Feed, Runner, RunTensor, StartedModel } from '../ports.ts';
import { forecastRun, requireRoom } from './forecast.ts';
import type { ModuleRuns } from './module-runs.ts';

export interface TokenStepsOptions {
  /** Tree node of the model; 0 is the whole document. */
  readonly node: number;
  readonly corrections?: readonly Correction[];
  /** `wasm` when absent. */
  readonly backend?: Backend;
}

/** What a text holds is told from what others hold by its number. */
let nextText = 0;

/**
 * A language model that takes a text in steps: its weights are constants, and keys and values of the tokens before are kept, so
 * that a step costs what its own tokens cost.
 */
export class TokenSteps {
  private readonly graph: Graph;
  private readonly started: StartedModel;
  private readonly tokens: GraphInput;
  private readonly answer: string;
  private readonly runner: Runner;
  /** Keys and values so far stay where they are computed, held under these keys by the names of the inputs that take them. */
  private readonly held: Readonly<Record<string, string>>;
  private count = 0;

  private constructor(graph: Graph, started: StartedModel, tokens: GraphInput, answer: string, runner: Runner) {
    this.graph = graph;
    this.started = started;
    this.tokens = tokens;
    this.answer = answer;
    this.runner = runner;
    const text = nextText++;
    this.held = Object.fromEntries(graph.caches.map(({ past }) => [past, `text ${text} ${past}`]));
  }

  /**
   * @throws `not-runnable` for what is no language model; `limit` when it is too large; what reading the weights throws.
   */
  static async start(
    document: Document,
    tree: ModuleTree,
    { node, corrections, backend = 'wasm' }: TokenStepsOptions,
    runs: ModuleRuns,
    signal?: AbortSignal,
  ): Promise<TokenSteps> {
    const choice = { node, cache: true, ...(corrections && { corrections }) };
    const { graph, kind } = await runs.lower(document, tree, choice, signal);
    const path = pathOfNode(tree, node);
    const tokens = graph.inputs.find(({ meaning }) => meaning === 'tokens');
    const answer = graph.outputs.find(({ label }) => label === 'logits');
    if (!tokens || !answer || graph.caches.length === 0)
      throw new StateglassError({
        kind: 'not-runnable',
        path,
        why: `a ${kind} does not tell which token comes next`,
        advice: 'Choose a whole language model: its table of tokens, its blocks and its head',
      });
    requireRoom(forecastRun(graph), path === '' ? document.name : path);
    const started = await runs.startConstant(document, tree, { node, graph, backend }, signal);
    return new TokenSteps(graph, started, tokens, answer.name, runs.runner);
  }

  /** Tokens taken so far. */
  get length(): number {
    return this.count;
  }

  /** Tokens it takes at most, where positions are a table. */
  get most(): number {
    return this.graph.inputs.find(({ meaning }) => meaning === 'positions')?.below ?? Number.POSITIVE_INFINITY;
  }

  /** Forgets the text. */
  clear(): void {
    this.count = 0;
  }

  /**
   * Takes further tokens. Logits of what comes after the last of them, one for each token of the vocabulary.
   *
   * @throws `bad-input` for no token, one that is not in the vocabulary, or a text that becomes too long.
   */
  async take(ids: readonly number[]): Promise<Float32Array> {
    this.check(ids);
    const numbers = (values: readonly number[], shape: readonly number[]): RunTensor => ({
      dtype: 'i64',
      shape,
      data: BigInt64Array.from(values, BigInt),
    });
    const places = ids.map((_, i) => this.count + i);
    const inputs: Record<string, Feed> = { [this.tokens.name]: numbers(ids, [1, ids.length]) };
    for (const { past, shape } of this.graph.caches)
      inputs[past] = this.count === 0 ? emptyTensor(shape) : { held: this.held[past]! };
    const positions = this.graph.inputs.find(({ meaning }) => meaning === 'positions');
    if (positions) inputs[positions.name] = numbers(places, [ids.length]);
    const keep = Object.fromEntries(this.graph.caches.map(({ past, present }) => [this.held[past]!, present]));
    const found = await this.started.run(inputs, [this.answer], keep);
    this.count += ids.length;
    const logits = found[this.answer]!.data as Float32Array;
    return logits.slice(-logits.length / ids.length);
  }

  /** Gives the model back, which stays started for a while. */
  async release(): Promise<void> {
    await Promise.all(Object.values(this.held).map((key) => this.runner.release(key)));
    await this.started.release();
  }

  private check(ids: readonly number[]): void {
    const refuse = (detail: string) => new StateglassError({ kind: 'bad-input', detail });
    const { below = Number.POSITIVE_INFINITY } = this.tokens;
    if (ids.length === 0) throw refuse('there is no token to begin with');
    const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= below);
    if (wrong !== undefined) throw refuse(`token ${wrong} is not below ${below}, the size of the vocabulary`);
    if (this.count + ids.length > this.most)
      throw refuse(`the model knows ${this.most} positions, and the text would have ${this.count + ids.length} tokens`);
  }
}

/** Nothing came before: the axis that grows has no element. */
function emptyTensor(shape: readonly (number | string)[]): RunTensor {
  const sizes = shape.map((dim) => (typeof dim === 'number' ? dim : 0));
  return { dtype: 'f32', shape: sizes, data: new Float32Array(countElements(sizes)) };
}
