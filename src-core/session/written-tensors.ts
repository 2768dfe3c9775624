/** What is written of each tensor that was chosen: a dense one of a type of its own, and how it comes about. */
import { StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { isFarApart, planTensor } from '../compute/plan.ts';
import type { Piece } from '../compute/read-elements.ts';
import type { Task } from '../compute/task.ts';
import type { Entry, Quant, TensorValue } from '../model/state-dict.ts';
import { asBlockBytes, asNumbers, hasWholeBlocks } from '../tensor/blocks.ts';
import {
  bitsOf,
  countElements,
  type DType,
  type DTypeFamily,
  dtypeLabel,
  familyOf,
  isBlockDType,
  packedBytes,
} from '../tensor/dtype.ts';
import type { Slice } from '../tensor/slice.ts';
import { readSlice } from '../tensor/view.ts';
import { planWalk } from '../tensor/walk.ts';
import type { ReadPart } from './dequantise.ts';
import type { Document } from './document.ts';
import { readBands } from './read-bands.ts';
import { sliceTensor } from './slice-tensor.ts';
import { dequantisePieces, signPieces, type TurnPieces, widenPieces } from './turn-pieces.ts';
import { storageOf, tensorOf } from './values.ts';

/** How tensors are written whose own type is not wanted. */
export interface WrittenAs {
  /** Floats of less than 32 bits, and the values of quantised tensors, as f32, which holds each of them exactly. Others stay. */
  readonly as?: 'f32' | undefined;
  /** Quantised tensors as their stored integers. */
  readonly raw?: boolean | undefined;
}

export interface Written {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly origin: Origin;
  /** Set when it is not of the type or the values of the document. */
  readonly change?: 'widened' | 'dequantised' | 'stored integers';
}

/** Where the elements of a written tensor come from. */
export interface Origin {
  readonly key: string;
  /** The part of the document's tensor that is written. */
  readonly value: TensorValue;
  /** Of its elements as they are read. */
  readonly bytes: number;
  /** The numbers that blocks stand for are written, not the blocks. */
  readonly isOfBlocks?: boolean;
  /** Makes them what is written; absent when they are written as they are. */
  readonly turn?: () => Promise<TurnPieces>;
}

/** How the elements of an origin are read: by a task, or in bands where a task would hold too much at once. Neither: there are none. */
export interface Reading {
  readonly task?: Task;
  readonly bands?: (signal: AbortSignal | undefined) => AsyncIterable<Piece>;
}

/** Families whose numbers all have a negative. */
const SIGNED: ReadonlySet<DTypeFamily> = new Set(['int', 'uint', 'half', 'float', 'complex']);

const RAW_TYPES: Partial<Record<DType, DType>> = {
  qint8: 'i8',
  quint8: 'u8',
  qint32: 'i32',
  quint4x2: 'u4',
  quint2x4: 'u2',
};

/**
 * Plans to write a tensor, or a slice of it; reads nothing.
 *
 * @throws `not-found` when its bytes are not here, `unsupported` for what cannot be read as it is, `malformed` for a view that
 * leaves its storage, `limit` for a small tensor that is expanded to a giant.
 */
export function planWritten(document: Document, entry: Entry, slice: Slice | undefined, options: WrittenAs): Written {
  const whole = tensorOf(entry);
  if (whole.wrapper?.startsWith('sparse')) {
    const detail = 'sparse tensors are not written out in full';
    throw new StateglassError({ kind: 'unsupported', file: entry.key, format: whole.wrapper, detail });
  }
  const value = slice ? sliceTensor(whole, slice) : whole;
  const { dtype, shape, change, turn } = planTurn(document, entry.key, value, options);
  const storage = storageOf(document, value);
  requireData(entry.key, value, storage?.data.kind === 'absent' ? storage.data.why : undefined);
  checkExpansion(entry.key, value, storage?.byteLength ?? 0);
  const isOfBlocks = isBlockDType(value.dtype) && dtype === 'f32';
  const bytes = packedBytes(isOfBlocks ? dtype : value.dtype, countElements(value.shape)) ?? 0;
  const origin: Origin = { key: entry.key, value, bytes, ...(turn && { turn }), ...(isOfBlocks && { isOfBlocks }) };
  planReading(document, origin);
  return { dtype, shape, origin, ...(change && { change }) };
}

/** @throws what `planTensor` throws, with the tensor's name. */
export function planReading(document: Pick<Document, 'state' | 'files'>, origin: Origin): Reading {
  const { key } = origin;
  const kept = storageOf(document, origin.value);
  const { value, storage } = origin.isOfBlocks
    ? asNumbers(origin.value, kept)
    : { value: asBlockBytes(origin.value) ?? origin.value, storage: kept };
  const bits = bitsOf(value.dtype) ?? 8;
  const walk = planWalk(value, 'logical');
  if (bits % 8 === 0 && isFarApart(walk, bits)) {
    const options = { name: key, format: document.state.format };
    return { bands: (signal) => readBands(value, storage, document.files, { ...options, signal }) };
  }
  const { tasks } = nameErrors(key, () => planTensor('digest', value, storage, document.files));
  return tasks[0] ? { task: { ...tasks[0], to: walk.count } } : {};
}

function planTurn(
  document: Document,
  key: string,
  value: TensorValue,
  { as, raw }: WrittenAs,
): Pick<Written, 'dtype' | 'shape' | 'change'> & { turn?: () => Promise<TurnPieces> } {
  const { dtype, shape, quant } = value;
  const signs = value.negative || value.conjugate ? signPieces(value) : undefined;
  if (familyOf(dtype) === 'quant' || quant) {
    const stored = RAW_TYPES[dtype];
    if (raw && stored) return { dtype: stored, shape, change: 'stored integers' };
    const why = 'it is quantised: write the values it stands for as f32, or its stored integers (raw)';
    if (as !== 'f32') throw refuse(key, why);
    if (!quant || (quant.scheme === 'per-channel-affine' && !(quant.scales && quant.zeroPoints)))
      throw refuse(key, 'it is quantised, and its scales are not known: only its stored integers (raw) can be written');
    return { dtype: 'f32', shape, change: 'dequantised', turn: () => openQuantised(document, key, value, quant) };
  }
  if (isBlockDType(dtype)) {
    if (as === 'f32') return { dtype: 'f32', shape, change: 'dequantised' };
    if (hasWholeBlocks(value)) return { dtype, shape };
    throw refuse(key, `it is no whole blocks of ${dtypeLabel(dtype)}: write the values it stands for as f32`);
  }
  if (signs && !SIGNED.has(familyOf(dtype)))
    throw refuse(key, `its sign is set apart, which ${dtypeLabel(dtype)} has no place for`);
  if (as === 'f32' && isNarrowFloat(dtype)) {
    const widen = widenPieces(dtype);
    const turn: TurnPieces = signs ? (bytes, count) => widen(signs(bytes, count), count) : widen;
    return { dtype: 'f32', shape, change: 'widened', turn: async () => turn };
  }
  return { dtype, shape, ...(signs && { turn: async () => signs }) };
}

/** Six-bit floats have no agreed packing. */
const isNarrowFloat = (dtype: DType): boolean =>
  (familyOf(dtype) === 'half' || familyOf(dtype) === 'float8') && bitsOf(dtype) !== 6;

async function openQuantised(document: Document, key: string, value: TensorValue, quant: Quant): Promise<TurnPieces> {
  const read: ReadPart = (of, slice) =>
    readSlice(of, storageOf(document, of), document.files, slice, { name: key, format: document.state.format });
  const turn = await dequantisePieces(value, quant, read);
  if (!turn) throw refuse(key, 'its scales cannot be read');
  return turn;
}

function requireData(key: string, value: TensorValue, why: string | undefined): void {
  if (why === undefined && value.storage !== undefined && !value.undeclared) return;
  throw new StateglassError({ kind: 'not-found', what: key, detail: why ?? 'it is declared without data' });
}

function checkExpansion(key: string, { dtype, shape }: TensorValue, stored: number): void {
  const bytes = packedBytes(dtype, countElements(shape)) ?? 0;
  if (bytes <= Math.max(stored, LIMITS.expandedBytes)) return;
  throw new StateglassError({
    kind: 'limit',
    file: key,
    limit: 'expandedBytes',
    value: bytes,
    max: LIMITS.expandedBytes,
    detail: `${stored} stored bytes are shown again and again`,
  });
}

/** Errors of a plan know the tensor, not its name. */
function nameErrors<T>(key: string, plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof StateglassError) || !('file' in error.info)) throw error;
    throw new StateglassError({ ...error.info, file: key }, { cause: error });
  }
}

const refuse = (key: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file: key, format: 'export', detail });
