import { describe, expect, it } from 'vitest';
import { findRow } from '../model/find-row.ts';
import { countPacked, findPacked } from '../model/packed/find-packed.ts';
import type { TensorValue } from '../model/state-dict.ts';
import { applyEdit } from './edits.ts';
import { openPacked, PACKED_NAMES, packedGolden, unsign } from './packed.fixture.ts';
import { packedConfigOf, planUnpack } from './unpack.ts';
import { readValues } from './values.ts';

describe.each(PACKED_NAMES)('%s', (name) => {
  const { weights, config, entries } = packedGolden(name);

  it('is recognised by names, types and shapes', async () => {
    const { state } = await openPacked(`${name}.safetensors`, config);
    const found = findPacked(state, packedConfigOf(config));
    expect(found.map(({ key, scheme, bits, group }) => [key, scheme, bits, group])).toEqual(
      Object.entries(weights).map(([key, { scheme, bits, group }]) => [key, scheme, bits, group]),
    );
    const elements = Object.values(weights).map(({ shape }) => shape.reduce((n, dim) => n * dim, 1));
    expect(found.map((weight) => weight.elements)).toEqual(elements);
  });

  it('unpacks to what the library makes of it, to the last bit', async () => {
    const document = await openPacked(`${name}.safetensors`, config);
    const args = await planUnpack(document);
    const unpacked = applyEdit(document, { op: 'unpack', args });
    const decoded = await openPacked(`decoded/${name}.safetensors`);
    for (const [key, { dtype, shape }] of Object.entries(weights)) {
      const [row, wanted] = [findRow(unpacked.state, key)!, findRow(decoded.state, key)!];
      const value = unpacked.state.entries.at(row).value as TensorValue;
      expect([key, value.dtype, value.shape]).toEqual([key, dtype, shape]);
      const [made, right] = [await readValues(unpacked, row), await readValues(decoded, wanted)];
      expect(unsign(made.values), key).toEqual(unsign(right.values));
      // Any part without the rest.
      const part = shape.map((dim, axis) => (axis === 0 ? `${dim - 1}` : `${Math.floor(dim / 3)}:${dim}`)).join(', ');
      const [cut, rightCut] = [await readValues(unpacked, row, part), await readValues(decoded, wanted, part)];
      expect(unsign(cut.values)).toEqual(unsign(rightCut.values));
    }
    const parts = findPacked(document.state).flatMap((weight) => weight.parts);
    expect(unpacked.state.entries.length).toBe(entries.length - parts.length);
  });

  it('counts what is packed, not what it is packed in', async () => {
    const { state } = await openPacked(`${name}.safetensors`, config);
    const { params } = countPacked(state, state.entries.columns());
    const packed = findPacked(state);
    const inside = new Set(packed.flatMap(({ row, parts }) => [row, ...parts]));
    const sum = params.reduce((n, count, row) => (inside.has(row) ? n + count : n), 0);
    expect(sum).toBe(packed.reduce((n, { elements }) => n + elements, 0));
  });
});
