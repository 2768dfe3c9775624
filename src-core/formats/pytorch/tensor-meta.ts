import { type PickleNode, textOf } from '../../bytes/pickle/nodes.ts';
import { showNode } from '../../bytes/pickle/show.ts';
import type { JsonNode, MetaItem, TensorValue } from '../../model/state-dict.ts';
import { bitsOf, countElements } from '../../tensor/dtype.ts';
import { contiguousStrides } from '../../tensor/layout.ts';

/** Bytes of the elements, densely packed. */
export const packedLength = (value: TensorValue): number =>
  Math.ceil((countElements(value.shape) * (bitsOf(value.dtype) ?? 8)) / 8);

/** Dtype, shape and place of a part of a tensor. */
export function describeTensor(value: TensorValue): JsonNode {
  const numbers = (list: readonly number[]): JsonNode => ({
    kind: 'array',
    items: list.map((n) => ({ kind: 'number', lexeme: String(n) })),
  });
  return {
    kind: 'object',
    members: [
      ['dtype', { kind: 'string', value: value.dtype }],
      ['shape', numbers(value.shape)],
      ['strides', numbers(value.strides ?? contiguousStrides(value.shape))],
      ['offset', { kind: 'number', lexeme: String(value.offset) }],
      ['storage', value.storage === undefined ? { kind: 'null' } : { kind: 'number', lexeme: String(value.storage) }],
    ],
  };
}

/** Attributes set on a tensor or parameter itself. */
export function stateMeta(state: PickleNode | undefined): MetaItem[] {
  // (__dict__, slots) where there are slots.
  const dict = state?.kind === 'tuple' ? state.items[0] : state;
  if (dict?.kind !== 'dict') return [];
  return dict.keys.slice(0, 64).flatMap((key, i): MetaItem[] => {
    const name = textOf(key);
    return name === undefined
      ? []
      : [{ section: 'attributes', key: name, value: { kind: 'string', value: showNode(dict.values[i]!) } }];
  });
}
