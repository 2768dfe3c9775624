import {
  type Document,
  dtypeLabel,
  type Entry,
  type EntryValues,
  readValues,
  type Slice,
  StateglassError,
  sliceShape,
  type TensorValue,
} from '../src-core/index.ts';
import { EDGE, printArray } from './print-array.ts';

/** More values than this are cut short to the edges of every axis, and only those are read. */
const THRESHOLD = 1000;
/** Most values printed: every axis that is cut leaves six, and a text of many axes helps nobody. */
const MOST_PRINTED = 50_000;
/** A heading, with `note` in it, and the values of a slice, without a line break at the end. */
export async function tensorText(
  document: Document,
  entry: Entry,
  slice: Slice,
  raw: boolean,
  note?: string,
): Promise<string> {
  const shape = sliceShape(slice);
  const count = shape.reduce((n, dim) => n * dim, 1);
  const cut = shape.map((dim) => count > THRESHOLD && dim > 2 * EDGE);
  const found = cut.includes(true)
    ? await readEdges(document, entry, slice, cut, raw)
    : await readValues(document, entry.id, slice, undefined, raw);
  const { dtype, shape: whole } = entry.value as TensorValue;
  const sliced = slice.some((item, axis) => item.kind === 'index' || item.count !== whole[axis] || item.step !== 1);
  const heading = [`${entry.key}  ${dtypeLabel(dtype)} [${whole.join('×')}]`];
  if (sliced) heading.push(`slice [${shape.join('×')}]`);
  if (found.raw) heading.push('stored integers');
  if (note !== undefined) heading.push(note);
  const printed = printArray({
    dtype: found.raw ? 'i32' : dtype,
    shape: found.shape,
    values: found.values,
    complex: found.complex,
    cut,
  });
  return `${heading.join('  ')}\n${printed}`;
}

type Found = Pick<EntryValues, 'shape' | 'values' | 'complex' | 'raw'>;

/** The first and last values of every axis that is cut, and all of the others: each corner is read by itself. */
async function readEdges(
  document: Document,
  entry: Entry,
  slice: Slice,
  cut: readonly boolean[],
  raw: boolean,
): Promise<Found> {
  const shape = sliceShape(slice);
  const kept = shape.map((dim, axis) => (cut[axis] ? 2 * EDGE : dim));
  const total = kept.reduce((n, dim) => n * dim, 1);
  if (total > MOST_PRINTED) {
    const detail = `${entry.key} has too many dimensions to print: name a part with --slice`;
    throw new StateglassError({ kind: 'bad-input', detail });
  }
  const values = new Array<number | bigint>(total);
  let last: EntryValues | undefined;
  for (const corner of cornersOf(kept, cut)) {
    const part = narrow(slice, corner, shape);
    last = await readValues(document, entry.id, part, undefined, raw);
    const width = last.complex ? 2 : 1;
    let at = 0;
    for (const place of placesOf(corner, kept))
      for (let i = 0; i < width; i++) values[place * width + i] = last.values[at++] as number;
  }
  return {
    shape: kept,
    values: values as never,
    ...(last?.complex && { complex: true }),
    ...(last?.raw && { raw: true }),
  };
}

/** A range of the kept positions on every axis. */
type Corner = readonly { readonly from: number; readonly count: number }[];

function cornersOf(kept: readonly number[], cut: readonly boolean[]): Corner[] {
  let corners: Corner[] = [[]];
  kept.forEach((count, axis) => {
    const ranges = cut[axis] ? [0, EDGE].map((from) => ({ from, count: EDGE })) : [{ from: 0, count }];
    corners = corners.flatMap((corner) => ranges.map((range) => [...corner, range]));
  });
  return corners;
}

/** The part of a slice that a corner stands for. */
function narrow(slice: Slice, corner: Corner, shape: readonly number[]): Slice {
  let axis = 0;
  return slice.map((item) => {
    if (item.kind === 'index') return item;
    const { from, count } = corner[axis] as Corner[number];
    const skipped = from === 0 ? 0 : (shape[axis] as number) - EDGE;
    axis++;
    return { ...item, start: item.start + skipped * item.step, count };
  });
}

function placesOf(corner: Corner, kept: readonly number[]): number[] {
  let places = [0];
  corner.forEach(({ from, count }, axis) => {
    places = places.flatMap((place) =>
      Array.from({ length: count }, (_, i) => place * (kept[axis] as number) + from + i),
    );
  });
  return places;
}
