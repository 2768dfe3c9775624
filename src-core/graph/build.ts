import { StateglassError } from '../base/errors.ts';
import type { Assumptions } from './assumptions.ts';
import type {
  Attribute,
  Dim,
  ElementType,
  Graph,
  GraphConstant,
  GraphInput,
  GraphNode,
  GraphOutput,
  GraphTap,
  GraphValue,
  GraphWeight,
  InputSpec,
} from './graph.ts';
import type { Lowering, Ports } from './lowering.ts';
import type { ModuleNode, ModuleTensor } from './module-node.ts';

/** A value while a graph is built. */
export type Value = GraphValue;

/** Chooses the lowering of a module: the registry's, given to the builder so that lowerings never see each other. */
export type Choose = (module: ModuleNode, assume: Assumptions) => Lowering;

const DEFAULT: Assumed = { dtype: 'f32' };
interface Assumed {
  readonly dtype: ElementType;
}

/** Collects nodes. Names are made of the module's path, so that a node tells where it comes from. */
export class GraphBuilder {
  private readonly choose: Choose;
  private readonly assume: Assumptions;
  private readonly inputs: GraphInput[] = [];
  private readonly outputs: GraphOutput[] = [];
  private readonly weights = new Map<string, GraphWeight>();
  private readonly constants = new Map<string, GraphConstant>();
  private readonly nodes: GraphNode[] = [];
  private readonly taps: GraphTap[] = [];
  private readonly values = new Map<string, GraphValue>();
  private readonly used = new Map<string, number>();
  private path = '';

  constructor(choose: Choose, assume: Assumptions) {
    this.choose = choose;
    this.assume = assume;
  }

  /** An input, with its sizes as they are offered or as the sample has them. */
  input(spec: InputSpec, shape: readonly Dim[] = spec.dims.map((dim) => dim.size)): Value {
    const value = this.keep({ name: this.unused(spec.name), dtype: spec.dtype, shape });
    this.inputs.push({ ...value, meaning: spec.meaning, ...(spec.below !== undefined && { below: spec.below }) });
    return value;
  }

  output(label: string, value: Value, updates?: string): void {
    const name = this.unused(label);
    const renamed = this.keep({ ...value, name });
    this.nodes.push({ op: 'Identity', inputs: [value.name], outputs: [name], attributes: {}, path: this.path });
    this.outputs.push({ ...renamed, label, ...(updates !== undefined && { updates }) });
  }

  /** A tensor of the file as f32. Asked for twice, it is one. */
  weight(tensor: ModuleTensor): Value {
    const known = this.weights.get(tensor.path);
    if (known) return known;
    const value = this.keep({ name: this.unused(tensor.path), dtype: DEFAULT.dtype, shape: tensor.shape });
    const weight: GraphWeight = { ...value, shape: tensor.shape, path: tensor.path };
    this.weights.set(tensor.path, weight);
    return weight;
  }

  constant(dtype: ElementType, shape: readonly number[], values: readonly number[]): Value {
    const key = `${dtype}[${shape.join()}]${values.join()}`;
    const known = this.constants.get(key);
    if (known) return known;
    const value: GraphConstant = { ...this.keep({ name: this.unused('constant'), dtype, shape }), shape, values };
    this.constants.set(key, value);
    return value;
  }

  /** Adds a node with one output of that shape. */
  emit(
    op: string,
    inputs: readonly (Value | undefined)[],
    shape: readonly Dim[],
    attributes: Readonly<Record<string, Attribute>> = {},
    dtype: ElementType = inputs[0]?.dtype ?? DEFAULT.dtype,
  ): Value {
    return this.emitMany(op, inputs, [shape], attributes, dtype)[0]!;
  }

  emitMany(
    op: string,
    inputs: readonly (Value | undefined)[],
    shapes: readonly (readonly Dim[])[],
    attributes: Readonly<Record<string, Attribute>> = {},
    dtype: ElementType = inputs[0]?.dtype ?? DEFAULT.dtype,
  ): Value[] {
    const base = this.path === '' ? op : `${this.path}/${op}`;
    const outputs = shapes.map((shape) => this.keep({ name: this.unused(base), dtype, shape }));
    this.nodes.push({
      op,
      inputs: inputs.map((value) => value?.name ?? ''),
      outputs: outputs.map((value) => value.name),
      attributes,
      path: this.path,
    });
    return outputs;
  }

  /** Computes a child, and keeps what it gave as a value that can be looked at. */
  lower(module: ModuleNode, inputs: Ports): Ports {
    const outer = this.path;
    this.path = module.path;
    try {
      const ports = this.choose(module, this.assume).lower(module, inputs, this.assume, this);
      const main = ports.output ?? Object.values(ports)[0];
      if (main) this.tap(module.path, main);
      return ports;
    } finally {
      this.path = outer;
    }
  }

  /** Lowers a child with one input and one output. */
  apply(module: ModuleNode, input: Value): Value {
    const { output } = this.lower(module, { input });
    if (!output) throw notRunnable(module, 'it has no single output', 'Run it by itself');
    return output;
  }

  /** Marks a value as what stands at `path`: a layer without weights is named as its index (`features.2`). */
  tap(path: string, value: Value): void {
    this.taps.push({ path, value: value.name });
  }

  finish(): Graph {
    return {
      inputs: this.inputs,
      outputs: this.outputs,
      weights: [...this.weights.values()],
      constants: [...this.constants.values()],
      nodes: this.nodes,
      taps: this.taps,
      values: this.values,
    };
  }

  private keep(value: GraphValue): GraphValue {
    this.values.set(value.name, value);
    return value;
  }

  private unused(base: string): string {
    const count = this.used.get(base) ?? 0;
    this.used.set(base, count + 1);
    return count === 0 ? base : `${base}:${count}`;
  }
}

/** An error for a module that cannot be run: what stops it, and what would make it run. */
export const notRunnable = (module: Pick<ModuleNode, 'path'>, why: string, advice: string): StateglassError =>
  new StateglassError({ kind: 'not-runnable', path: module.path, why, advice });
