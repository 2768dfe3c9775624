import { StateglassError } from '../base/errors.ts';
import { type FileSet, isSameSource } from '../bytes/source.ts';
import type { Storage, TensorValue } from '../model/state-dict.ts';
import { areAlike } from '../tensor/compare-pairs.ts';
import { whyNotDecodable } from '../tensor/decode.ts';
import type { Channels } from '../tensor/dequantise.ts';
import type { Numbers } from '../tensor/stats-partial.ts';
import { bandOf, gridOf, type LocatedOperand, locateOperand, refuse } from './plan.ts';
import { type DerivedExtent, type Extent, isDerived, type Operand, type Task } from './task.ts';

/** One side of a comparison. `channels` are the scales of a tensor that is quantised by channel. */
export interface Side {
  readonly value: TensorValue;
  readonly storage: Storage | undefined;
  readonly files: FileSet;
  readonly channels?: Channels | undefined;
}

export interface ComparePlan<Kind extends 'compare' | 'same'> {
  readonly tasks: readonly Task<Kind>[];
  readonly numbers: readonly [Numbers, Numbers];
  /** Pairs. */
  readonly count: number;
  /** Of the elements of both sides. */
  readonly bytes: number;
  /** Both sides are the same elements of the same bytes: there is nothing to do. */
  readonly isSame: boolean;
}

/**
 * The tasks that compare two tensors in C order, one for each cell of the grid.
 *
 * @throws `bad-input` when their shapes differ, and what `planTensor` throws.
 */
export function planCompare<Kind extends 'compare' | 'same'>(kind: Kind, a: Side, b: Side): ComparePlan<Kind> {
  const [left, right] = [a.value.shape, b.value.shape];
  if (left.length !== right.length || left.some((size, axis) => size !== right[axis])) {
    const detail = `shapes differ: [${left.join(', ')}] and [${right.join(', ')}]`;
    throw new StateglassError({ kind: 'bad-input', detail });
  }
  const [operand, other] = [locate(a), locate(b)];
  const { count } = operand.walk;
  const plan = {
    numbers: [operand.numbers, other.numbers] as const,
    count,
    bytes: Math.ceil((count * operand.bits) / 8) + Math.ceil((count * other.bits) / 8),
  };
  if (count > 0 && areSameElements(operand, other)) return { ...plan, tasks: [], bytes: 0, isSame: true };
  const isWhole = operand.isWhole || other.isWhole;
  const bands = [operand, other].flatMap((side) => bandOf(side) ?? []);
  // Of two tensors in chunks one is unpacked again and again, unless they are cut alike.
  const cell = isWhole ? Math.max(count, 1) : Math.max(gridOf(Math.max(operand.bits, other.bits)), ...bands);
  const task = { kind, cell, ...operandOf(operand), other: operandOf(other) };
  const tasks: Task<Kind>[] = [];
  for (let from = 0; from < count; from += cell) tasks.push({ ...task, from, to: Math.min(count, from + cell) });
  return { ...plan, tasks, isSame: false };
}

function locate({ value, storage, files, channels }: Side): LocatedOperand {
  const why = whyNotDecodable(value.dtype);
  if (why !== undefined) throw refuse(value, why);
  return locateOperand(value, storage, files, 'logical', channels);
}

const operandOf = ({ numbers, storage, walk }: LocatedOperand): Operand => ({ numbers, storage, walk });

/** Whether both are known, unread, to be the same. */
function areSameElements(a: Operand, b: Operand): boolean {
  const isSameWay =
    JSON.stringify([a.walk, a.numbers.dtype, a.storage.endian]) ===
    JSON.stringify([b.walk, b.numbers.dtype, b.storage.endian]);
  return isSameWay && areAlike(a.numbers, b.numbers) && areSameExtents(a.storage.extents, b.storage.extents);
}

function areSameExtents(a: readonly Extent[], b: readonly Extent[]): boolean {
  return a.length === b.length && a.every((extent, i) => isSameExtent(extent, b[i] as Extent));
}

/** Numbers of the same blocks. */
function isSameView(a: DerivedExtent, b: DerivedExtent): boolean {
  const [inputA, inputB] = [a.inputs[0], b.inputs[0]];
  if (a.expr.kind !== 'dequantise' || !inputA || !inputB) return false;
  const isSameWay = JSON.stringify([a.expr, inputA.layout]) === JSON.stringify([b.expr, inputB.layout]);
  return isSameWay && areSameExtents(inputA.storage.extents, inputB.storage.extents);
}

function isSameExtent(a: Extent, b: Extent): boolean {
  if (isDerived(a) && isDerived(b)) return a === b || isSameView(a, b);
  if (isDerived(a) || isDerived(b)) return false;
  const isSamePlace = a.offset === b.offset && a.length === b.length && a.inflated === b.inflated;
  return isSamePlace && isSameSource(a.source, b.source);
}
