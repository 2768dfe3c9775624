/** An array that is written anew: its header and its elements. */
import { StateglassError } from '../../base/errors.ts';
import type { Problem, TensorValue, Value } from '../../model/state-dict.ts';
import { countElements, packedBytes } from '../../tensor/dtype.ts';
import type { Part } from '../format.ts';
import { isProbablyBf16 } from './descr.ts';
import { encodeHeader, encodeTextHeader, NUMPY } from './npy.ts';
import type { NpyHeader } from './npy-header.ts';

export interface NewArray {
  /** Bytes. */
  readonly length: number;
  readonly header: Uint8Array<ArrayBuffer>;
  /** What follows it; none for an array without elements. */
  readonly rest: Part | undefined;
  readonly losses: readonly Problem[];
}

export const refuse = (key: string, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file: key, format: 'NumPy', detail });

/**
 * `was` is the header of the array whose place it takes.
 *
 * @throws `unsupported` for what NumPy does not have, and for values that only their file has: fields, texts in arrays, objects.
 */
export function planArray(key: string, value: Value, was?: NpyHeader): NewArray {
  if (value.type === 'text') return planText(value.text);
  if (value.type !== 'tensor') throw refuse(key, `an array of it cannot be written here (it is ${value.type})`);
  if (value.storage === undefined || value.undeclared) throw refuse(key, 'it is declared without data');
  const isRaw = value.dtype === 'bf16' && was !== undefined && isProbablyBf16(was.type);
  const why = isRaw ? undefined : NUMPY.refuse(value, key);
  const bytes = packedBytes(value.dtype, countElements(value.shape));
  if (why !== undefined || bytes === undefined) throw refuse(key, why ?? 'its elements do not fill whole bytes');
  const header = encodeHeader({ ...value, ...(isRaw && { descr: '<V2' }) });
  return {
    length: header.length + bytes,
    header,
    rest: bytes > 0 ? { kind: 'elements', value, length: bytes } : undefined,
    losses: was ? tellLayout(key, value, was) : [],
  };
}

/** One text, of characters of four bytes each. */
function planText(text: string): NewArray {
  const points = Array.from(text, (character) => character.codePointAt(0) as number);
  const bytes = new Uint8Array(4 * Math.max(1, points.length));
  const view = new DataView(bytes.buffer);
  points.forEach((point, i) => {
    view.setUint32(4 * i, point, true);
  });
  const header = encodeTextHeader(Math.max(1, points.length));
  return { length: header.length + bytes.length, header, rest: { kind: 'bytes', bytes }, losses: [] };
}

function tellLayout(key: string, value: TensorValue, { fortranOrder, type }: NpyHeader): readonly Problem[] {
  const isBig = (type.is.kind === 'numbers' || type.is.kind === 'void') && type.is.endian === 'big';
  const isTurned = fortranOrder && value.shape.length > 1;
  if (!isBig && !isTurned) return [];
  const before = [...(isTurned ? ['in Fortran order'] : []), ...(isBig ? ['big-endian'] : [])].join(' and ');
  const message = `${key} was ${before} and is written in C order, little-endian: its values are the same.`;
  return [{ code: 'layout-changed', severity: 'note', message }];
}
