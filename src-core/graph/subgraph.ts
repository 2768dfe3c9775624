import type { GraphCache, GraphNode, GraphTap, GraphValue, GraphWeight } from './graph.ts';
import type { Ports } from './lowering.ts';
import { type ModuleNode, tensorsBelow } from './module-node.ts';

/** What computes a module, apart: called once for each module that is made alike, with a prefix of its weights. */
export interface Subgraph {
  readonly module: ModuleNode;
  /** Names that its inputs have inside, by port. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Ports;
  readonly weights: readonly GraphWeight[];
  readonly nodes: readonly GraphNode[];
  readonly taps: readonly GraphTap[];
  readonly caches: readonly GraphCache[];
  readonly values: ReadonlyMap<string, GraphValue>;
}

/** The same for modules that hold weights of the same names and shapes, and take inputs of the same shapes. */
export function describeMake(module: ModuleNode, ports: Ports): string {
  const inputs = Object.entries(ports).map(([port, { shape }]) => `${port} ${shape.join()}`);
  const weights = [...tensorsBelow(module).values()].map(
    ({ path, shape }) => `${path.slice(module.path.length)} ${shape.join()}`,
  );
  return [...inputs, ...weights].join('\n');
}

/** `h.0.attn/MatMul` moved from `h.0` to `h.1`. What is not of that module stays. */
export function movePath(name: string, from: string, to: string): string {
  const next = name[from.length];
  const isOf = name.startsWith(from) && (next === undefined || next === '.' || next === '/');
  return isOf ? to + name.slice(from.length) : name;
}
