import { StateglassError } from '../base/errors.ts';
import type { Assumptions } from './assumptions.ts';
import type {
  Attribute,
  CachePart,
  Dim,
  ElementType,
  Graph,
  GraphCache,
  GraphConstant,
  GraphInput,
  GraphNode,
  GraphOutput,
  GraphTap,
  GraphValue,
  GraphWeight,
  InputSpec,
} from './graph.ts';
import { describeType } from './layer-types.ts';
import type { Lowering, Ports } from './lowering.ts';
import { type ModuleNode, type ModuleTensor, tensorsBelow } from './module-node.ts';
import { describeMake, movePath, type Subgraph } from './subgraph.ts';

/** A value while a graph is built. */
export type Value = GraphValue;

/** Chooses the lowering of a module: the registry's, given to the builder so that lowerings never see each other. */
export type Choose = (module: ModuleNode, assume: Assumptions) => Lowering;

const DEFAULT: Assumed = { dtype: 'f32' };
interface Assumed {
  readonly dtype: ElementType;
}

/** The axis of a cache that grows. */
const PAST = 'past';

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
  private readonly updates: { readonly path: string; readonly value: Value }[] = [];
  private readonly caches: GraphCache[] = [];
  private readonly sharedValues = new Map<string, Value>();
  /** The builder whose module this one's is lowered for, to be called there. */
  private readonly outer: GraphBuilder | undefined;
  /** Whether attentions take the keys and values of what came before, and give out theirs. */
  readonly keepsCache: boolean;
  private path = '';

  constructor(choose: Choose, assume: Assumptions, keepsCache = false, outer?: GraphBuilder) {
    this.choose = choose;
    this.assume = assume;
    this.keepsCache = keepsCache;
    this.outer = outer;
  }

  /** An input, with its sizes as they are offered or as the sample has them. */
  input(spec: InputSpec, shape: readonly Dim[] = spec.dims.map((dim) => dim.size)): Value {
    const value = this.keep({ name: this.unused(spec.name), dtype: spec.dtype, shape });
    this.inputs.push({ ...value, meaning: spec.meaning, ...(spec.below !== undefined && { below: spec.below }) });
    return value;
  }

  output(label: string, value: Value, updates?: string): Value {
    const name = this.unused(label);
    const renamed = this.keep({ ...value, name });
    this.nodes.push({ op: 'Identity', inputs: [value.name], outputs: [name], attributes: {}, path: this.path });
    this.outputs.push({ ...renamed, label, ...(updates !== undefined && { updates }) });
    return renamed;
  }

  /** A new value for an entry: it is given out too. */
  update(tensor: ModuleTensor, value: Value): void {
    this.updates.push({ path: tensor.path, value });
  }

  /** Gives out what `update` was told of. */
  outputUpdates(): void {
    for (const { path, value } of this.updates) this.output(path, value, path);
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
    if (this.outer) return this.outer.constant(dtype, shape, values);
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
      inputs: withoutTrailing(inputs.map((value) => value?.name ?? '')),
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
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw notRunnable(
        module,
        `what is computed in it does not fit together: ${error.message}`,
        'Correct what is assumed of it',
      );
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

  /** A value that several modules use, made once: the key says all that it depends on. */
  shared(key: string, make: (g: GraphBuilder) => Value): Value {
    if (this.outer) return this.outer.shared(key, make);
    const known = this.sharedValues.get(key);
    if (known) return known;
    const inside = this.path;
    this.path = '';
    try {
      const value = make(this);
      this.sharedValues.set(key, value);
      return value;
    } finally {
      this.path = inside;
    }
  }

  /**
   * Keys or values of an attention with those of what came before in front of them, along the axis before the last; the same
   * ones where no cache is kept.
   */
  remember(path: string, part: CachePart, now: Value): Value {
    if (!this.keepsCache) return now;
    const at = now.shape.length - 2;
    const shape = now.shape.map((dim, i) => (i === at ? PAST : dim));
    const past = this.keep({ name: this.unused(`past.${path}.${part}`), dtype: now.dtype, shape });
    this.inputs.push({ ...past, meaning: 'past' });
    const both = now.shape.map((dim, i) => (i === at ? `${PAST}+${dim}` : dim));
    const whole = this.emit('Concat', [past, now], both, { axis: { int: at } });
    const present = this.output(`present.${path}.${part}`, whole);
    this.caches.push({ path, part, past: past.name, present: present.name, shape });
    return whole;
  }

  /**
   * Computes layers one after the other. Layers that are made alike are lowered once, and called with the weights of each.
   * `more` is given to every layer.
   */
  chain(layers: readonly ModuleNode[], input: Value, more: Ports = {}): Value {
    const made = new Map<string, Subgraph>();
    let x = input;
    for (const layer of layers) {
      const ports = { ...more, input: x };
      const make = `${describeMake(layer, ports)}\n${describeType(layer, this.assume)}`;
      let subgraph = made.get(make);
      // A correction of one layer makes it another.
      if (!subgraph || !this.assume.repeat(subgraph.module.path, layer.path)) {
        subgraph = this.subgraph(layer, ports);
        if (!made.has(make)) made.set(make, subgraph);
      }
      const { output } = this.call(subgraph, layer, ports);
      if (!output) throw notRunnable(layer, 'it has no single output', 'Run it by itself');
      x = output;
    }
    return x;
  }

  /** Lowers a module by itself, to be called with its own weights or with those of modules made alike. */
  subgraph(module: ModuleNode, ports: Ports): Subgraph {
    const inner = new GraphBuilder(this.choose, this.assume, this.keepsCache, this);
    const inside = Object.entries(ports).map(
      ([port, value]) => [port, inner.keep({ ...value, name: inner.unused(`${module.path}/${port}`) })] as const,
    );
    const outputs = inner.lower(module, Object.fromEntries(inside));
    const { weights, nodes, taps, caches, values } = inner.finish();
    const inputs = Object.fromEntries(inside.map(([port, { name }]) => [port, name]));
    return { module, inputs, outputs, weights, nodes, taps, caches, values };
  }

  /**
   * Computes a module as another one that is made alike, with its own weights.
   *
   * @throws `not-runnable` when it has not a weight that the other has, or has been called already.
   */
  call(subgraph: Subgraph, module: ModuleNode, ports: Ports): Ports {
    const [from, to] = [subgraph.module.path, module.path];
    const names = new Map<string, string>();
    for (const [port, inside] of Object.entries(subgraph.inputs)) names.set(inside, ports[port]!.name);
    const tensors = tensorsBelow(module);
    for (const { name, path, shape } of subgraph.weights) {
      const moved = movePath(path, from, to);
      const tensor = tensors.get(moved);
      if (tensor?.shape.join() !== shape.join()) {
        const has = tensor ? `its ${moved} is ${tensor.shape.join('×')}, not ${shape.join('×')}` : `it has no ${moved}`;
        throw notRunnable(module, `${has}, as ${from} has`, 'Run it by itself');
      }
      names.set(name, this.weight(tensor).name);
    }
    for (const { path, part, past, present, shape } of subgraph.caches) {
      const moved = movePath(path, from, to);
      const input = this.keep({ name: this.unused(`past.${moved}.${part}`), dtype: DEFAULT.dtype, shape });
      this.inputs.push({ ...input, meaning: 'past' });
      const output = this.keep({ ...subgraph.values.get(present)!, name: this.unused(`present.${moved}.${part}`) });
      this.outputs.push({ ...output, label: output.name });
      this.caches.push({ path: moved, part, past: input.name, present: output.name, shape });
      names.set(past, input.name).set(present, output.name);
    }
    for (const node of subgraph.nodes) {
      for (const name of node.outputs) {
        if (names.has(name)) continue;
        names.set(name, this.keep({ ...subgraph.values.get(name)!, name: movePath(name, from, to) }, module).name);
      }
      const rename = (name: string): string => names.get(name) ?? name;
      this.nodes.push({
        ...node,
        inputs: node.inputs.map(rename),
        outputs: node.outputs.map(rename),
        path: movePath(node.path, from, to),
      });
    }
    for (const { path, value } of subgraph.taps)
      this.taps.push({ path: movePath(path, from, to), value: names.get(value) ?? value });
    return Object.fromEntries(
      Object.entries(subgraph.outputs).map(([port, value]) => {
        const name = names.get(value.name) ?? value.name;
        return [port, this.values.get(name) ?? { ...value, name }];
      }),
    );
  }

  /** Another builder, to try something out in. */
  apart(): GraphBuilder {
    return new GraphBuilder(this.choose, this.assume);
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
      caches: this.caches,
      values: this.values,
    };
  }

  private keep(value: GraphValue, of: Pick<ModuleNode, 'path'> = { path: this.path }): GraphValue {
    if (this.values.has(value.name))
      throw notRunnable(of, `two values in it would be called ${value.name}`, 'Give its layers names that differ');
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

/** Optional inputs at the end are left out: onnxruntime on WebGPU takes an empty name for an empty tensor. */
function withoutTrailing(names: readonly string[]): readonly string[] {
  const last = names.findLastIndex((name) => name !== '');
  return names.slice(0, last + 1);
}
