/** Types of metadata, where a file has more of them than JSON: numbers of a size, texts (`str`), and lists of one of these (`[f32]`). */
import { NUMBER_BYTES } from './meta-list.ts';
import type { JsonNode, MetaNumber } from './state-dict.ts';

/** Largest values of f32 and f64 round to infinity past these. */
const F32_MAX = 3.4028235677973366e38;
const NOT_FINITE = /^(?:NaN|-?Infinity)$/;

export const isMetaNumber = (type: string): type is MetaNumber => Object.hasOwn(NUMBER_BYTES, type);

/** The type of the items of a list type. */
export const itemType = (type: string): string | undefined => /^\[(.+)\]$/.exec(type)?.[1];

/** Why a value cannot be of a type, as the end of "it cannot be set: …"; undefined when it can. */
export function whyNotOfType(value: JsonNode, type: string): string | undefined {
  const items = itemType(type);
  if (items !== undefined) {
    if (value.kind !== 'array') return `it is a list of ${items}`;
    if (items !== 'str' && !isMetaNumber(items)) return 'lists within lists are kept as they are';
    return value.items.map((item) => whyNotOfType(item, items)).find((why) => why !== undefined);
  }
  if (type === 'str') {
    if (value.kind !== 'string') return 'it is a text';
    return value.value.isWellFormed() ? undefined : 'the text is no valid Unicode';
  }
  if (!isMetaNumber(type)) return `there is no type ${type}`;
  if (type === 'bool') return value.kind === 'bool' ? undefined : 'it is true or false';
  const text = value.kind === 'number' || value.kind === 'literal' ? value.lexeme : undefined;
  if (text === undefined) return `it is a number, ${type}`;
  return type === 'f32' || type === 'f64' ? whyNoFloat(text, type) : whyNoInteger(text, type);
}

function whyNoFloat(text: string, type: 'f32' | 'f64'): string | undefined {
  if (NOT_FINITE.test(text)) return undefined;
  const value = Number(text);
  if (Number.isNaN(value)) return `it is a number, ${type}`;
  return Math.abs(value) >= (type === 'f32' ? F32_MAX : Number.POSITIVE_INFINITY)
    ? `${text} is too large for ${type}`
    : undefined;
}

function whyNoInteger(text: string, type: Exclude<MetaNumber, 'f32' | 'f64' | 'bool'>): string | undefined {
  if (!/^-?\d{1,20}$/.test(text)) return `it is a whole number, ${type}`;
  const bits = BigInt(NUMBER_BYTES[type] * 8);
  const [least, most] = type.startsWith('u') ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
  const value = BigInt(text);
  return value < least || value > most ? `${text} is outside ${type}, which goes from ${least} to ${most}` : undefined;
}

/** The type that a new value most likely has: as the tools of the field choose it. Undefined for what has none. */
export function guessMetaType(value: JsonNode): string | undefined {
  switch (value.kind) {
    case 'string':
      return 'str';
    case 'bool':
      return 'bool';
    case 'number':
      return (isWhole(value.lexeme) ? WHOLE : ['f32']).find((type) => whyNotOfType(value, type) === undefined);
    case 'array': {
      const first = value.items[0];
      if (!first) return undefined;
      const candidates = first.kind === 'number' ? LIST_NUMBERS : [guessMetaType(first)];
      return candidates
        .flatMap((type) => (type && itemType(type) === undefined ? [`[${type}]`] : []))
        .find((type) => whyNotOfType(value, type) === undefined);
    }
    default:
      return undefined;
  }
}

const isWhole = (lexeme: string): boolean => /^-?\d+$/.test(lexeme);
const WHOLE = ['u32', 'i32', 'u64', 'i64'];
const LIST_NUMBERS = ['i32', 'u32', 'i64', 'u64', 'f32'];
