import { StateglassError } from '../base/errors.ts';
import type { FileSet } from '../bytes/source.ts';
import type { Storage, TensorValue } from '../model/state-dict.ts';
import { asBlockBytes, asNumbers } from '../tensor/blocks.ts';
import { whyNotDecodable } from '../tensor/decode.ts';
import type { Channels } from '../tensor/dequantise.ts';
import { bitsOf, dtypeLabel } from '../tensor/dtype.ts';
import type { Numbers } from '../tensor/stats-partial.ts';
import { hasWholeBytes, isAscending, isDense, planWalk, spanOf, type Walk } from '../tensor/walk.ts';
import {
  type Extent,
  isDerived,
  isPackedWhole,
  type Operand,
  type StorageBytes,
  type Task,
  type TaskKind,
} from './task.ts';

/** A cell covers so many bytes: some ten milliseconds of work, and a short wait after a cancel. The grid is part of every result. */
export const GRID_BYTES = 16 * 2 ** 20;
/** A walk that goes back and forth is gathered from memory, up to so many bytes: a transposed matrix of 8192 × 8192 f32. */
export const GATHER_BYTES = 256 * 2 ** 20;

export interface Plan<Kind extends TaskKind = TaskKind> {
  readonly tasks: readonly Task<Kind>[];
  readonly numbers: Numbers;
  readonly walk: Walk;
  /** Of the elements, which is what progress counts; a view with gaps reads more. */
  readonly bytes: number;
}

/**
 * The tasks of one tensor, one for each cell of its grid, in the order in which their results join. `channels` are the scales of one quantised by channel.
 *
 * @throws `unsupported` when the elements are no numbers (not for `digest`), `source` when bytes are not here, `malformed` when the view leaves its storage.
 */
export function planTensor<Kind extends TaskKind>(
  kind: Kind,
  value: TensorValue,
  storage: Storage | undefined,
  files: FileSet,
  channels?: Channels,
): Plan<Kind> {
  const why = kind === 'digest' ? undefined : whyNotDecodable(value.dtype);
  if (why !== undefined) throw refuse(value, why);
  const order = kind === 'stats' && !channels ? 'storage' : 'logical';
  // Blocks are hashed as they are: they are a tenth of their numbers.
  const seen = (kind === 'digest' && asBlockBytes(value)) || value;
  const { bits, isWhole, ...operand } = locateOperand(seen, storage, files, order, channels);
  const { walk, numbers } = operand;
  const rowLength = kind === 'rows' ? value.shape.slice(1).reduce((n, dim) => n * dim, 1) : undefined;
  const step = isWhole ? Math.max(walk.count, 1) : (bandOf(operand) ?? gridOf(bits, rowLength));
  const tasks: Task<Kind>[] = [];
  for (let from = 0; from < walk.count; from += step) {
    const to = Math.min(walk.count, from + step);
    const more = { ...(kind === 'stats' && { cell: step }), ...(rowLength !== undefined && { rowLength }) };
    tasks.push({ kind, ...operand, from, to, ...more });
  }
  return { tasks, numbers, walk, bytes: Math.ceil((walk.count * bits) / 8) };
}

export interface LocatedOperand extends Operand {
  readonly bits: number;
  /** Deflated bytes, walks to and fro, and parts of bytes are read whole, so they are one task. */
  readonly isWhole: boolean;
}

/**
 * A tensor as tasks take it.
 *
 * @throws `unsupported` when the size of its elements is not known, `source` when bytes are not here, `malformed` when the view leaves its storage.
 */
export function locateOperand(
  of: TensorValue,
  kept: Storage | undefined,
  files: FileSet,
  order: 'storage' | 'logical',
  channels: Channels | undefined,
): LocatedOperand {
  const { value, storage: stored } = asNumbers(of, kept);
  const bits = bitsOf(value.dtype);
  if (bits === undefined) throw refuse(value, 'its size is not known');
  const walk = planWalk(value, order);
  checkWalk(value, walk, bits, stored);
  const storage = stored && walk.count > 0 ? locateStorage(stored, files) : { endian: 'little' as const, extents: [] };
  const isWhole = isPackedWhole(storage) || !hasWholeBytes(walk, bits) || (!isDense(walk) && !isAscending(walk));
  return { numbers: numbersOf(value, channels), storage, walk, bits, isWhole };
}

/**
 * The same work in fewer tasks, of up to `cells` cells each: opening a stream in a browser costs as much as reading two
 * megabytes. What the cells give stays the same.
 */
export function joinTasks<Kind extends 'stats' | 'compare' | 'same'>(
  tasks: readonly Task<Kind>[],
  cells: number,
): Task<Kind>[] {
  const joined: Task<Kind>[] = [];
  for (let i = 0; i < tasks.length; i += cells) {
    const last = tasks[Math.min(i + cells, tasks.length) - 1] as Task<Kind>;
    joined.push({ ...(tasks[i] as Task<Kind>), to: last.to });
  }
  return joined;
}

/**
 * Elements of a cell of a tensor in chunks, whose elements are visited in C order: whole rows of chunks, so that no two cells unpack
 * the same one. Undefined for other tensors.
 */
export function bandOf({ storage, walk }: Operand): number | undefined {
  const [extent] = storage.extents;
  if (!extent || !isDerived(extent) || extent.expr.kind !== 'chunks' || walk.start !== 0 || !isDense(walk))
    return undefined;
  const { shape, chunk } = extent.expr;
  const band = shape.slice(1).reduce((n, dim) => n * dim, chunk[0] ?? 1);
  const count = Math.max(1, walk.count);
  const bytes = (extent.length / count) * band;
  return Math.min(count, band * Math.max(1, Math.floor(GRID_BYTES / bytes)));
}

/** Elements of a cell: whole rows where there are rows, and always a multiple of eight, which is whole bytes of any type. */
export function gridOf(bits: number, rowLength?: number): number {
  const elements = Math.floor(GRID_BYTES / bits) * 8;
  if (rowLength === undefined) return elements;
  const rows = Math.max(1, Math.floor(elements / rowLength));
  return (bits >= 8 ? rows : Math.ceil(rows / 8) * 8) * rowLength;
}

/** Quantised values are what they stand for; without the scales of their channels, the stored integers. */
function numbersOf({ dtype, quant, negative, conjugate }: TensorValue, channels: Channels | undefined): Numbers {
  const affine = quant?.scheme === 'per-tensor-affine' ? { scale: quant.scale, zeroPoint: quant.zeroPoint } : undefined;
  const signs = { ...(negative && { negative }), ...(conjugate && { conjugate }) };
  return { dtype, ...(affine && { affine }), ...(channels && { channels }), ...signs };
}

function checkWalk(value: TensorValue, walk: Walk, bits: number, storage: Storage | undefined): void {
  if (walk.count === 0) return;
  if (!storage) throw new StateglassError({ kind: 'source', file: 'tensor', detail: 'it is declared without data' });
  const [low, high] = spanOf(walk);
  const size = storage.data.kind === 'inline' && !storage.data.codec ? storage.data.bytes.length : storage.byteLength;
  if (low < 0 || Math.ceil((high * bits) / 8) > size) {
    const detail = `elements ${low} to ${high} of ${dtypeLabel(value.dtype)} do not lie in a storage of ${size} bytes`;
    throw new StateglassError({ kind: 'malformed', file: 'tensor', format: 'state dict', detail });
  }
  if (isFarApart(walk, bits)) {
    throw refuse(value, 'the view goes to and fro over more bytes than are held in memory at once');
  }
}

/** Whether a walk goes to and fro over more than is gathered from memory. */
export function isFarApart(walk: Walk, bits: number): boolean {
  const [low, high] = spanOf(walk);
  const isGathered = !hasWholeBytes(walk, bits) || (!isDense(walk) && !isAscending(walk));
  return isGathered && ((high - low) * bits) / 8 > GATHER_BYTES;
}

/** Where the bytes of a storage are, in a form that other threads can open. */
export function locateStorage(storage: Storage, files: FileSet): StorageBytes {
  const { data, endian } = storage;
  if (data.kind === 'absent') throw new StateglassError({ kind: 'source', file: 'tensor', detail: data.why });
  if (data.kind === 'inline') {
    const source = { kind: 'buffer' as const, bytes: data.bytes, name: 'tensor' };
    const { codec } = data;
    const length = data.bytes.length;
    return { endian, extents: [{ source, offset: 0, length, ...(codec && { inflated: storage.byteLength, codec }) }] };
  }
  if (data.kind === 'derived') {
    const inputs = data.inputs.map((input) => {
      const { value, storage: made } = asNumbers(input.value, input.storage);
      const { dtype, shape, strides, offset } = value;
      return { layout: { dtype, shape, offset, ...(strides && { strides }) }, storage: locateStorage(made, files) };
    });
    return { endian, extents: [{ expr: data.expr, inputs, length: storage.byteLength }] };
  }
  const extents = data.slices.map(({ file, offset, length, codec, inflated }): Extent => {
    const source = files.get(file)?.handle;
    if (!source) throw new StateglassError({ kind: 'source', file, detail: 'the file is not open' });
    return { source, offset, length, ...(codec && { inflated: inflated ?? 0, codec }) };
  });
  return { endian, extents };
}

export const refuse = ({ dtype }: TensorValue, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file: dtypeLabel(dtype), format: 'element type', detail });
