import { type ErrorInfo, throwIfAborted, toErrorInfo } from '../../base/errors.ts';
import type { Assumption, Correction } from '../../graph/assumptions.ts';
import type { Dim, GraphOutput, InputSpec } from '../../graph/graph.ts';
import { type Lowered, lowerModule } from '../../graph/lower-module.ts';
import { openModule } from '../../graph/module-node.ts';
import { pathOfNode } from '../../model/labels.ts';
import type { ModuleTree } from '../../model/module-tree.ts';
import type { Document } from '../document.ts';
import { describeOnnx } from './describe-onnx.ts';
import { type RunFacts, readFacts } from './facts.ts';
import { forecastRun, type RunForecast, requireRoom } from './forecast.ts';
import { listRunnable } from './list-runnable.ts';
import { isOnnx } from './onnx-graph.ts';
import { requireUnpacked } from './require-unpacked.ts';
import { statePacked } from './state-packed.ts';
import { describeTokeniser, type TokeniserFacts } from './tokeniser.ts';

/** A module to run, and how it is taken. */
export interface ModuleChoice {
  /** Tree node; 0 is the whole document. */
  readonly node: number;
  readonly corrections?: readonly Correction[];
  /** Shapes of the sample; those that are offered where none is given. */
  readonly shapes?: Readonly<Record<string, readonly Dim[]>>;
}

/** `cache`: as `LowerOptions` has it. */
export interface LowerChoice extends ModuleChoice {
  readonly cache?: boolean;
}

/** What a module is taken for, what goes in and comes out: by names and shapes alone. */
export interface RunDescription {
  readonly path: string;
  readonly kind: string;
  readonly assumptions: readonly Assumption[];
  readonly inputs: readonly InputSpec[];
  readonly outputs: readonly GraphOutput[];
  /** Paths below the module whose values can be looked at, in the order they are computed. */
  readonly taps: readonly string[];
  readonly forecast: RunForecast;
  /** Names of classes, where the file has them. */
  readonly labels?: readonly string[];
  /** What turns texts into tokens, of a module that takes some. */
  readonly tokeniser?: TokeniserFacts;
  /** Why the one that is there cannot be used. */
  readonly tokeniserError?: ErrorInfo;
}

export interface NotRunnable {
  readonly path: string;
  readonly error: ErrorInfo;
  /** Modules inside that can be run. */
  readonly choices: readonly { readonly node: number; readonly path: string; readonly kind: string }[];
}

/** Most smaller choices that are offered. */
const CHOICES = 8;

/**
 * Whether a module can be run, and how it is taken. Reads the config beside it, and no weight. One with packed weights is not run on their codes:
 * give what `unpackDocument` makes of the document.
 */
export async function describeRun(
  document: Document,
  tree: ModuleTree,
  choice: ModuleChoice,
  signal?: AbortSignal,
): Promise<RunDescription | NotRunnable> {
  const facts = await readFacts(document, signal);
  const path = pathOfNode(tree, choice.node);
  if (isOnnx(document)) {
    const described = await describeOnnx(document, choice, path, facts, signal);
    return 'error' in described
      ? described
      : { ...described, ...(await findTokeniser(document, described, facts, signal)) };
  }
  try {
    const lowered = lowerChoice(document, tree, choice, facts);
    const forecast = forecastRun(lowered.graph);
    requireRoom(forecast, path === '' ? document.name : path);
    return {
      path,
      kind: lowered.kind,
      assumptions: [...lowered.assumptions, ...statePacked(document, moduleOf(document, tree, choice), lowered.graph)],
      inputs: lowered.inputs,
      outputs: lowered.graph.outputs,
      taps: [...new Set(lowered.graph.taps.map((tap) => tap.path))],
      forecast,
      ...(facts.labels && { labels: facts.labels }),
      ...(await findTokeniser(document, lowered, facts, signal)),
    };
  } catch (error) {
    const choices: { node: number; path: string; kind: string }[] = [];
    // The largest that can be run: what lies inside one of them goes without saying.
    let inside = choice.node;
    for (const found of listRunnable(document, tree, facts, choice.node)) {
      if (choices.length === CHOICES) break;
      if (found.node < inside || found.node === choice.node || !('kind' in found)) continue;
      choices.push(found);
      inside = tree.end[found.node]!;
    }
    return { path, error: toErrorInfo(error), choices };
  }
}

const moduleOf = ({ state }: Document, tree: ModuleTree, { node }: ModuleChoice) =>
  openModule(state.entries, tree, node);

/** A large one is only read for a module that takes tokens. One that cannot be used keeps nothing from being run. */
async function findTokeniser(
  document: Document,
  { inputs }: Pick<Lowered, 'inputs'>,
  { vocabulary }: RunFacts,
  signal?: AbortSignal,
): Promise<Pick<RunDescription, 'tokeniser' | 'tokeniserError'>> {
  if (!vocabulary && !inputs.some(({ meaning }) => meaning === 'tokens')) return {};
  try {
    const tokeniser = await describeTokeniser(document, signal);
    return tokeniser ? { tokeniser } : {};
  } catch (error) {
    throwIfAborted(signal);
    return { tokeniserError: toErrorInfo(error) };
  }
}

/** Whether the last axis of an output runs over tokens: their names say what it prefers. */
export function isOverTokens(
  { inputs, tokeniser }: Pick<RunDescription, 'inputs' | 'tokeniser'>,
  shape: readonly number[],
): boolean {
  if (!tokeniser) return false;
  const width = shape.at(-1);
  // Tables of words are often padded: wider than the tokeniser knows.
  return width === tokeniser.size || inputs.some(({ meaning, below }) => meaning === 'tokens' && below === width);
}

/** @throws `not-runnable`, or `bad-input` for a correction that cannot hold. */
export function lowerChoice(
  document: Document,
  tree: ModuleTree,
  { node, corrections, shapes, cache = false }: LowerChoice,
  facts: RunFacts,
): Lowered {
  requireUnpacked(document, tree, node);
  return lowerModule(openModule(document.state.entries, tree, node), {
    facts,
    cache,
    ...(corrections && { corrections }),
    ...(shapes && { shapes }),
  });
}
