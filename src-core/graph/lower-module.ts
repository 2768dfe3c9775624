import type { Assumption, Correction, Facts } from './assumptions.ts';
import { Assumptions } from './assumptions.ts';
import { GraphBuilder } from './build.ts';
import type { Dim, Graph, InputSpec } from './graph.ts';
import type { Offer } from './lowering.ts';
import type { ModuleNode } from './module-node.ts';
import { chooseLowering } from './registry.ts';

export interface Lowered {
  /** What the module is taken for. */
  readonly kind: string;
  readonly graph: Graph;
  /** What it can be fed with: sizes as they are offered. */
  readonly inputs: readonly InputSpec[];
  readonly assumptions: readonly Assumption[];
}

export interface LowerOptions {
  readonly corrections?: readonly Correction[];
  readonly facts?: Facts;
  /** Shapes of the sample, by input; those of the offer otherwise. */
  readonly shapes?: Readonly<Record<string, readonly Dim[]>>;
  /**
   * For text made token by token: attentions take keys and values of what came before and give out theirs (`graph.caches`), the
   * length of the sequence is named, and a further input `positions` says where in the text each token stands.
   */
  readonly cache?: boolean;
}

/**
 * A module as a graph, by its names and shapes alone.
 *
 * @throws `not-runnable` when something in it cannot be computed, `bad-input` when a correction cannot hold.
 */
export function lowerModule(
  module: ModuleNode,
  { corrections, facts, shapes = {}, cache = false }: LowerOptions = {},
): Lowered {
  const assume = new Assumptions(corrections, facts, module.place);
  const g = new GraphBuilder(chooseLowering, assume, cache);
  const lowering = chooseLowering(module, assume);
  const offer: Offer = {
    inputsOf: (child) => chooseLowering(child, assume).inputs(child, assume, offer),
    build: () => new GraphBuilder(chooseLowering, assume),
  };
  const inputs = lowering.inputs(module, assume, offer);
  const growing = ({ dims }: InputSpec) => dims.map(({ size, free }) => (free === 'sequence' ? free : size));
  const ports = Object.fromEntries(
    inputs.map((spec) => [spec.name, g.input(spec, shapes[spec.name] ?? (cache ? growing(spec) : undefined))]),
  );
  for (const [label, value] of Object.entries(g.lower(module, ports))) g.output(label, value);
  g.outputUpdates();
  return { kind: lowering.kind, graph: g.finish(), inputs, assumptions: assume.made };
}
