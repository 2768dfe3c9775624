import { StateglassError } from '../base/errors.ts';
import { keyOfValue } from '../diff/value.ts';
import { writeJson } from '../model/json-write.ts';
import type { Entry, TensorValue, Value } from '../model/state-dict.ts';
import { hasNumbers } from '../ops/edit-tensor.ts';
import { type CompareValuesOptions, comparePairs, type RowPair } from './compare-values.ts';
import type { Document } from './document.ts';
import { sha256 } from './hash.ts';
import type { Pool } from './ports.ts';
import { readValues } from './values.ts';

/** What `set-value` and `add-entry` take for a value. @throws `unsupported` for what is neither text nor JSON. */
export function argsOfValue({ key, value }: Entry): { readonly text: string } | { readonly json: string } {
  switch (value.type) {
    case 'text':
      return { text: value.text };
    case 'int':
      return { json: value.digits };
    case 'float':
      if (Number.isFinite(value.value)) return { json: value.lexeme ?? wordFloat(value.value) };
      break;
    case 'bool':
      return { json: String(value.value) };
    case 'null':
      return { json: 'null' };
    case 'json':
      return { json: writeJson(value.json) };
    case 'empty':
      if (value.of === 'list' || value.of === 'dict') return { json: value.of === 'list' ? '[]' : '{}' };
      break;
  }
  throw new StateglassError({
    kind: 'unsupported',
    file: key,
    format: 'patch',
    detail: `a patch carries tensors, texts and JSON, and this is ${value.type}`,
  });
}

/** A float stays one: 1.0, not 1. */
function wordFloat(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** SHA-256 of a value that is no tensor, hexadecimal; undefined for bytes, which are in the file. */
export async function digestValue(value: Value): Promise<string | undefined> {
  if (value.type === 'tensor' || value.type === 'bytes') return undefined;
  return sha256(new TextEncoder().encode(keyOfValue(value)));
}

/** A cell of a tensor and what it becomes, as `set-elements` takes it. */
export interface NewCell {
  readonly slice: string;
  readonly values: number | string;
}

/** So many times as many elements as changed cells make it worth naming these. */
const FEW = 16;

/** Of pairs whose tensors are alike and differ in few cells: what these are in B. */
export async function listNewCells(
  a: Document,
  b: Document,
  pairs: readonly RowPair[],
  pool: Pool,
  options: CompareValuesOptions,
): Promise<ReadonlyMap<RowPair, readonly NewCell[]>> {
  const alike = pairs.filter((pair) => isAlike(a.state.entries.at(pair.a).value, b.state.entries.at(pair.b).value));
  const places = new Map<RowPair, readonly (readonly number[])[]>();
  const take: Parameters<typeof comparePairs>[4] = ({ pair, comparison, indices }) => {
    if (!comparison || comparison.top.length !== comparison.changed || comparison.changed * FEW > comparison.count)
      return;
    places.set(alike[pair] as RowPair, indices?.top ?? []);
  };
  await comparePairs(a, b, alike, pool, take, options);
  const cells = new Map<RowPair, readonly NewCell[]>();
  for (const [pair, list] of places) {
    const read = list.map(async (indices): Promise<NewCell> => {
      const slice = indices.join(', ');
      const { values } = await readValues(b, pair.b, slice, options.signal);
      return { slice, values: wordNumber(values[0] as number | bigint) };
    });
    cells.set(pair, await Promise.all(read));
  }
  return cells;
}

const isAlike = (a: Value, b: Value): boolean =>
  a.type === 'tensor' && b.type === 'tensor' && sameForm(a, b) && hasNumbers(a) && hasNumbers(b);

const sameForm = (a: TensorValue, b: TensorValue): boolean =>
  a.dtype === b.dtype && a.shape.join() === b.shape.join() && !a.undeclared && !b.undeclared;

/** A text for what JSON has no number for. */
const wordNumber = (value: number | bigint): number | string =>
  typeof value === 'bigint' || !Number.isFinite(value) ? String(value) : Object.is(value, -0) ? '-0.0' : value;
