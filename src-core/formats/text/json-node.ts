import type { JsonNode, MetaItem, Value } from '../../model/state-dict.ts';
import { valueOfNumber } from '../../model/value-of-json.ts';

/** A value as a node to be written; undefined for what no text holds (tensors, bytes, objects of a pickle). */
export function nodeOf(value: Value): JsonNode | undefined {
  switch (value.type) {
    case 'text':
      return { kind: 'string', value: value.text };
    case 'int':
      return { kind: 'number', lexeme: lexemeOfInt(value.digits, value.lexeme) };
    case 'float':
      return { kind: 'number', lexeme: lexemeOfFloat(value.value, value.lexeme) };
    case 'bool':
      return { kind: 'bool', value: value.value };
    case 'null':
      return { kind: 'null' };
    case 'json':
      return value.json;
    case 'empty':
      if (value.of === 'dict') return { kind: 'object', members: [] };
      return value.of === 'list' ? { kind: 'array', items: [] } : undefined;
    default:
      return undefined;
  }
}

/** The text of a number counts only while it still says the number: an edit may have left it behind. */
function lexemeOfInt(digits: string, lexeme: string | undefined): string {
  const read = lexeme === undefined ? undefined : valueOfNumber(lexeme);
  return lexeme !== undefined && read?.type === 'int' && read.digits === digits ? lexeme : digits;
}

function lexemeOfFloat(value: number, lexeme: string | undefined): string {
  const read = lexeme === undefined ? undefined : valueOfNumber(lexeme);
  if (lexeme !== undefined && read?.type === 'float' && Object.is(read.value, value)) return lexeme;
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  // Without point and exponent it would be an integer.
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** How far two nodes have to agree. */
export interface Likeness {
  /** Numbers by their text, or by what they say: `1_000` is `1000`, `NaN` is `nan`. */
  readonly numbers: 'text' | 'value';
  /** Whether the order of members counts. */
  readonly ordered: boolean;
}

export function isSameNode(a: JsonNode, b: JsonNode, likeness: Likeness): boolean {
  if (a === b) return true;
  if (a.kind === 'number' && b.kind === 'number')
    return a.lexeme === b.lexeme || (likeness.numbers === 'value' && isSameNumber(a.lexeme, b.lexeme));
  if ((a.kind === 'bool' && b.kind === 'bool') || (a.kind === 'string' && b.kind === 'string'))
    return a.value === b.value;
  if (a.kind === 'literal' && b.kind === 'literal') return a.lexeme === b.lexeme;
  if (a.kind === 'array' && b.kind === 'array')
    return a.items.length === b.items.length && a.items.every((item, i) => isSameNode(item, b.items[i]!, likeness));
  if (a.kind === 'object' && b.kind === 'object') return haveSameMembers(a, b, likeness);
  return a.kind === 'null' && b.kind === 'null';
}

export const isSameItem = (a: MetaItem, b: MetaItem, likeness: Likeness = TO_THE_LETTER): boolean =>
  a === b || (a.section === b.section && a.key === b.key && isSameNode(a.value, b.value, likeness));

const TO_THE_LETTER: Likeness = { numbers: 'text', ordered: true };

type ObjectJson = Extract<JsonNode, { kind: 'object' }>;

function haveSameMembers(a: ObjectJson, b: ObjectJson, likeness: Likeness): boolean {
  if (a.members.length !== b.members.length) return false;
  if (likeness.ordered)
    return a.members.every(([key, value], i) => {
      const other = b.members[i]!;
      return key === other[0] && isSameNode(value, other[1], likeness);
    });
  const others = new Map(b.members);
  return a.members.every(([key, value]) => {
    const other = others.get(key);
    return other !== undefined && isSameNode(value, other, likeness);
  });
}

function isSameNumber(a: string, b: string): boolean {
  const [x, y] = [valueOfNumber(a), valueOfNumber(b)];
  if (x.type === 'int' && y.type === 'int') return BigInt(x.digits) === BigInt(y.digits);
  return x.type === 'float' && y.type === 'float' && Object.is(x.value, y.value);
}
