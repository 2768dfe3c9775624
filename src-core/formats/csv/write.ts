/**
 * The numbers of a vector or a matrix as text, a row a line, without a heading. Every number has the digits that make a reader
 * of doubles get exactly its value (as many as JavaScript prints, which is the fewest); what is not finite is
 * written as NumPy and pandas read it: `nan`, `inf`, `-inf`. Booleans are 0 and 1, complex numbers `1+2j`.
 */
import type { TensorValue } from '../../model/state-dict.ts';
import { componentsOf, decodeElements, decodeIntegers, isWideInteger, whyNotDecodable } from '../../tensor/decode.ts';
import type { Spell, Write } from '../format.ts';
import { type TensorHold, takeOneTensor } from '../take-tensors.ts';

const CSV: TensorHold = {
  format: 'CSV',
  refuse: ({ dtype, shape }) => {
    const first = `${'0,'.repeat(Math.max(0, shape.length - 2))}:,:`;
    if (shape.length > 2)
      return `a table has two dimensions, and it has ${shape.length}: take a slice such as "${first}"`;
    return whyNotDecodable(dtype);
  },
};

export const write: Write = (state) => {
  const { tensor, losses } = takeOneTensor(state, CSV);
  const { value } = tensor;
  return {
    parts: () => (tensor.bytes === 0 ? [] : [{ kind: 'text', value, spell: () => spellRows(value) }]),
    losses,
  };
};

/** Turns elements, as they come, into lines. */
function spellRows({ dtype, shape }: TensorValue): Spell {
  const columns = shape.length === 2 ? (shape[1] as number) : 1;
  const encoder = new TextEncoder();
  let column = 0;
  return (bytes, count) => {
    let text = '';
    const spellAt = spellElements(dtype, bytes, count);
    for (let i = 0; i < count; i++) {
      column++;
      text += spellAt(i) + (column === columns ? '\n' : ',');
      if (column === columns) column = 0;
    }
    return encoder.encode(text);
  };
}

function spellElements(dtype: TensorValue['dtype'], bytes: Uint8Array<ArrayBuffer>, count: number) {
  if (isWideInteger(dtype)) {
    const integers = decodeIntegers(dtype, bytes, 'little', count);
    return (i: number) => String(integers[i]);
  }
  const components = componentsOf(dtype);
  const numbers = new Float64Array(count * components);
  decodeElements(dtype, bytes, 'little', count, numbers);
  if (components === 1) return (i: number) => spellNumber(numbers[i] as number);
  return (i: number) => {
    const imaginary = spellNumber(numbers[2 * i + 1] as number);
    return `${spellNumber(numbers[2 * i] as number)}${imaginary.startsWith('-') ? '' : '+'}${imaginary}j`;
  };
}

function spellNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}
