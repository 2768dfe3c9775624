import type { Edit } from '../model/edit.ts';
import { type DType, dtypeLabel } from '../tensor/dtype.ts';
import type { OutlineDim, OutlineEntry, OutlineTensor } from './outline.ts';
import type { Mismatch } from './report.ts';
import { showShape, typeOf } from './words.ts';

const NONE: readonly Mismatch[] = [];

/** What does not agree between a place and what comes to it. What nobody declares agrees with everything. */
export function compareValues(target: OutlineEntry, source: OutlineEntry): readonly Mismatch[] {
  const [place, value] = [target.value, source.value];
  if (place.kind !== value.kind)
    return [{ key: target.key, what: 'kind', expected: typeOf(place), actual: typeOf(value) }];
  if (place.kind !== 'tensor' || value.kind !== 'tensor') return NONE;
  const [shapes, dtypes] = [compareShapes(target, source, place, value), compareDTypes(target, source, place, value)];
  return shapes.length + dtypes.length === 0 ? NONE : [...shapes, ...dtypes];
}

export function compareShapes(
  target: OutlineEntry,
  source: OutlineEntry,
  { shape: expected }: OutlineTensor,
  { shape: actual }: OutlineTensor,
): readonly Mismatch[] {
  if (!expected || !actual || fitsShape(expected, actual)) return NONE;
  const remedy = reshapeTo(source.key, expected, actual);
  const found = { key: target.key, expected: showShape(expected), actual: showShape(actual) };
  return [{ ...found, what: 'shape', ...(remedy && { remedy }) }];
}

export function compareDTypes(
  target: OutlineEntry,
  source: OutlineEntry,
  { dtype: expected }: OutlineTensor,
  { dtype: actual }: OutlineTensor,
): readonly Mismatch[] {
  if (!expected || !actual || expected === actual) return NONE;
  const remedy = castTo(source.key, expected);
  return [{ key: target.key, what: 'dtype', expected: dtypeLabel(expected), actual: dtypeLabel(actual), remedy }];
}

export const fitsShape = (expected: readonly OutlineDim[], actual: readonly OutlineDim[]): boolean =>
  expected.length === actual.length &&
  expected.every((dim, i) => typeof dim === 'string' || typeof actual[i] === 'string' || dim === actual[i]);

const castTo = (key: string, dtype: DType): Edit => ({ op: 'cast', args: { keys: [key], dtype } });

/** Where nothing but dimensions of one come or go, the elements can only be meant in the same order: [1] for []. */
function reshapeTo(key: string, expected: readonly OutlineDim[], actual: readonly OutlineDim[]): Edit | undefined {
  const strip = (shape: readonly OutlineDim[]) => shape.filter((dim) => dim !== 1);
  const isKnown = [...expected, ...actual].every((dim) => typeof dim === 'number');
  if (!isKnown || strip(expected).join() !== strip(actual).join()) return undefined;
  return { op: 'reshape', args: { key, shape: [...expected] } };
}
