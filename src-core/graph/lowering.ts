import type { Assumptions } from './assumptions.ts';
import type { GraphBuilder, Value } from './build.ts';
import type { InputSpec } from './graph.ts';
import type { ModuleNode } from './module-node.ts';

/** Values that go into a module or come out of it, by name; the main one is `input` and `output`. */
export type Ports = Readonly<Record<string, Value>>;

/** What helps to find what a module is fed with. */
export interface Offer {
  /** What a module inside is fed with when it stands alone. @throws `not-runnable` */
  inputsOf(child: ModuleNode): readonly InputSpec[];
  /** A graph to try something out in. */
  build(): GraphBuilder;
}

/**
 * How one kind of module is computed. A lowering reads names and shapes only. It lowers its children by `g.lower`, and asks
 * `assume` for everything that the weights do not tell.
 */
export interface Lowering {
  /** What the module is then called (`Linear`, `GPT-2`). */
  readonly kind: string;
  /** Whether it can be that. */
  takes(module: ModuleNode, assume: Assumptions): boolean;
  /** What it is fed with when it stands alone. */
  inputs(module: ModuleNode, assume: Assumptions, offer: Offer): readonly InputSpec[];
  /** @throws `not-runnable` where something is missing or does not fit. */
  lower(module: ModuleNode, inputs: Ports, assume: Assumptions, g: GraphBuilder): Ports;
}
