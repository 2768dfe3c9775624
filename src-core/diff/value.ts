import type { Value } from '../model/state-dict.ts';
import { canonical } from './json.ts';

/**
 * Whether two values that are no tensors are the same, however they are spelled: `0x1f` is 31. Undefined where that is not known:
 * bytes have to be read. An opaque value is its text.
 */
export function isSameValue(a: Value, b: Value): boolean | undefined {
  if (a.type === 'bytes' && b.type === 'bytes' && a.length !== b.length) return false;
  if (a.type === 'tensor' || b.type === 'tensor' || a.type === 'bytes' || b.type === 'bytes')
    return a.type === b.type ? undefined : false;
  return keyOfValue(a) === keyOfValue(b);
}

/** One text for values that are the same. */
export function keyOfValue(value: Exclude<Value, { type: 'tensor' | 'bytes' }>): string {
  switch (value.type) {
    case 'text':
      return `text ${value.text}`;
    case 'int':
      return `int ${/^[+-]?\d+$/.test(value.digits) ? BigInt(value.digits) : value.digits}`;
    case 'float':
      return `float ${Object.is(value.value, -0) ? '-0' : value.value}`;
    case 'bool':
      return `bool ${value.value}`;
    case 'complex':
      return `complex ${value.re} ${value.im}`;
    case 'json':
      return `json ${canonical(value.json)}`;
    case 'empty':
      return `empty ${value.of}`;
    case 'opaque':
      return `opaque ${value.typeName} ${value.text}`;
    case 'null':
      return 'null';
  }
}
