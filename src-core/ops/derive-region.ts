/** A tensor with a part of it replaced: by values (a patch), or by another derived tensor. */
import { StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { DerivedInput } from '../model/state-dict.ts';
import { hexOfBytes, type PatchRun } from '../tensor/derivation.ts';
import { bitsOf, countElements } from '../tensor/dtype.ts';
import { sliceLayout } from '../tensor/layout.ts';
import { type Slice, type SliceItem, sliceShape } from '../tensor/slice.ts';
import { eachRun, planWalk } from '../tensor/walk.ts';
import { asInput, type Derived, type FoundTensor, requireInput } from './edit-tensor.ts';

/** The elements of a slice become those of `part`, which is of its shape. In what order does not matter to `part`. */
export function placePart(found: FoundTensor, slice: Slice, part: Derived): Derived {
  const { dtype, shape } = found.value;
  if (countElements(sliceShape(slice)) === countElements(shape)) return { ...part, shape };
  const inputs = [requireInput(found), asInput(part)];
  return { dtype, shape, expr: { kind: 'place', slice: slice.map(forwards) }, inputs };
}

function forwards(item: SliceItem): SliceItem {
  if (item.kind === 'index' || item.step > 0) return item;
  return { ...item, start: item.start + (item.count - 1) * item.step, step: -item.step };
}

/**
 * The elements of a slice become those of `bytes`, in C order. Another patch of the same tensor is extended, so that many edits are one.
 *
 * @throws `limit` when so many values were typed into one tensor that no task can carry them.
 */
export function patchTensor(found: FoundTensor, slice: Slice, bytes: Uint8Array): Derived {
  const { dtype, shape } = found.value;
  const width = (bitsOf(dtype) ?? 8) / 8;
  const walk = planWalk(sliceLayout({ dtype, shape, offset: 0 }, slice), 'logical');
  const runs: PatchRun[] = [];
  let done = 0;
  for (const { at, length } of eachRun(walk, 0, walk.count)) {
    runs.push({ at, hex: hexOfBytes(bytes.subarray(done, done + length * width)) });
    done += length * width;
  }
  const before = patchOf(found);
  const merged = mergeRuns(before?.runs ?? [], runs, 2 * width);
  const size = merged.reduce((sum, { hex }) => sum + hex.length / 2, 0);
  if (size > LIMITS.patchBytes)
    throw new StateglassError({
      kind: 'limit',
      file: found.entry.key,
      limit: 'patchBytes',
      value: size,
      max: LIMITS.patchBytes,
      detail: 'too many values are set one by one: fill the slice, or replace the tensor',
    });
  return { dtype, shape, expr: { kind: 'patch', runs: merged }, inputs: [before?.input ?? requireInput(found)] };
}

/** The patch that a tensor is, whole and as it was made. */
function patchOf({ value, storage }: FoundTensor): { runs: readonly PatchRun[]; input: DerivedInput } | undefined {
  if (storage?.data.kind !== 'derived' || storage.data.expr.kind !== 'patch') return undefined;
  const { expr, inputs } = storage.data;
  const [input] = inputs;
  const isWhole = input?.value.dtype === value.dtype && !value.strides && value.offset === 0;
  return input && isWhole && countElements(input.value.shape) === countElements(value.shape)
    ? { runs: expr.runs, input }
    : undefined;
}

/** Runs of both, ascending; where they overlap, those of `later`. `digits` are of one element. */
export function mergeRuns(earlier: readonly PatchRun[], later: readonly PatchRun[], digits: number): PatchRun[] {
  const ascending = later.toSorted((a, b) => a.at - b.at);
  const endOf = ({ at, hex }: PatchRun) => at + hex.length / digits;
  const left: PatchRun[] = [];
  let first = 0;
  for (const run of earlier) {
    while (first < ascending.length && endOf(ascending[first]!) <= run.at) first++;
    let at = run.at;
    const keep = (to: number) => {
      if (to > at) left.push({ at, hex: run.hex.slice((at - run.at) * digits, (to - run.at) * digits) });
    };
    for (let i = first; i < ascending.length && ascending[i]!.at < endOf(run); i++) {
      keep(ascending[i]!.at);
      at = endOf(ascending[i]!);
    }
    keep(endOf(run));
  }
  return [...left, ...ascending].sort((a, b) => a.at - b.at);
}
