/** ONNX operators with the shapes they give. One axis of a value may be named, not numbered. */
import type { GraphBuilder, Value } from './build.ts';
import type { Dim } from './graph.ts';

export const add = (g: GraphBuilder, a: Value, b: Value): Value => g.emit('Add', [a, b], broadcast(a.shape, b.shape));
export const subtract = (g: GraphBuilder, a: Value, b: Value): Value =>
  g.emit('Sub', [a, b], broadcast(a.shape, b.shape));
export const multiply = (g: GraphBuilder, a: Value, b: Value): Value =>
  g.emit('Mul', [a, b], broadcast(a.shape, b.shape));
export const divide = (g: GraphBuilder, a: Value, b: Value): Value =>
  g.emit('Div', [a, b], broadcast(a.shape, b.shape));
/** An operator on each element by itself. */
export const unary = (g: GraphBuilder, op: string, a: Value): Value => g.emit(op, [a], a.shape);
export const scalar = (g: GraphBuilder, value: number): Value => g.constant('f32', [], [value]);

/** Batched matrix product over the last two axes. */
export function matmul(g: GraphBuilder, a: Value, b: Value): Value {
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return g.emit('MatMul', [a, b], [...batch, a.shape.at(-2)!, b.shape.at(-1)!]);
}

/**
 * A linear layer on the last axis. The rows before it are one axis meanwhile, so that the weight is used as it is stored:
 * `transposed` is [in, out], else [out, in].
 */
export function linear(g: GraphBuilder, x: Value, weight: Value, bias?: Value, transposed = false): Value {
  const out = weight.shape[transposed ? 1 : 0]!;
  const lead = x.shape.slice(0, -1);
  const rows = x.shape.length === 2 ? x : reshape(g, x, [product(lead), x.shape.at(-1)!]);
  const y = g.emit('Gemm', [rows, weight, bias], [rows.shape[0]!, out], { transB: { int: transposed ? 0 : 1 } });
  return x.shape.length === 2 ? y : reshape(g, y, [...lead, out]);
}

/** Only one axis may be named: it is worked out from the others. */
export function reshape(g: GraphBuilder, x: Value, shape: readonly Dim[]): Value {
  const sizes = shape.map((dim) => (typeof dim === 'number' ? dim : -1));
  return g.emit('Reshape', [x, g.constant('i64', [sizes.length], sizes)], shape);
}

export function transpose(g: GraphBuilder, x: Value, order: readonly number[]): Value {
  const shape = order.map((axis) => x.shape[axis]!);
  return g.emit('Transpose', [x], shape, { perm: { ints: order } });
}

export const softmax = (g: GraphBuilder, x: Value, axis = -1): Value =>
  g.emit('Softmax', [x], x.shape, { axis: { int: axis } });

/** Rows of a table by their numbers. */
export const gather = (g: GraphBuilder, table: Value, ids: Value): Value =>
  g.emit('Gather', [table, ids], [...ids.shape, ...table.shape.slice(1)]);

/** Equal pieces along an axis. */
export function split(g: GraphBuilder, x: Value, axis: number, sizes: readonly number[]): Value[] {
  const at = axis < 0 ? x.shape.length + axis : axis;
  const shapes = sizes.map((size) => x.shape.map((dim, i) => (i === at ? size : dim)));
  return g.emitMany('Split', [x, g.constant('i64', [sizes.length], sizes)], shapes, { axis: { int: at } });
}

export function concat(g: GraphBuilder, parts: readonly Value[], axis: number): Value {
  const first = parts[0]!.shape;
  const at = axis < 0 ? first.length + axis : axis;
  const shape = first.map((dim, i) =>
    i === at
      ? product(
          parts.map((part) => part.shape[at]!),
          'sum',
        )
      : dim,
  );
  return g.emit('Concat', parts, shape, { axis: { int: at } });
}

/** [start, end) along an axis. */
export function slice(g: GraphBuilder, x: Value, axis: number, start: number, end: number): Value {
  const at = axis < 0 ? x.shape.length + axis : axis;
  const list = (value: number) => g.constant('i64', [1], [value]);
  const shape = x.shape.map((dim, i) => (i === at ? end - start : dim));
  return g.emit('Slice', [x, list(start), list(end), list(at)], shape);
}

/** The mean along an axis, which stays as one element. */
export function mean(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const at = axes.map((axis) => (axis < 0 ? x.shape.length + axis : axis));
  const shape = x.shape.map((dim, i) => (at.includes(i) ? 1 : dim));
  return g.emit('ReduceMean', [x, g.constant('i64', [at.length], at)], shape, { keepdims: { int: 1 } });
}

/** The broadcast of two shapes; a named axis meets itself or 1. */
export function broadcast(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new RangeError(`shapes ${a.join('×')} and ${b.join('×')} do not broadcast`);
  });
}

/** Elements along several axes together; a name where one is named. */
export function product(dims: readonly Dim[], of: 'product' | 'sum' = 'product'): Dim {
  const start: Dim = of === 'sum' ? 0 : 1;
  return dims.reduce<Dim>((all, dim) => {
    if (typeof all === 'number' && typeof dim === 'number') return of === 'sum' ? all + dim : all * dim;
    if (all === start) return dim;
    if (dim === start) return all;
    return `${all}${of === 'sum' ? '+' : '*'}${dim}`;
  }, start);
}
