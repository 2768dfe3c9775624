import { LIMITS } from '../../base/limits.ts';
import type { FileId } from '../../bytes/source.ts';
import { decodeText } from '../../bytes/wtf8.ts';
import { NUMBER_BYTES } from '../../model/meta-list.ts';
import type { JsonNode, MetaItem, MetaList } from '../../model/state-dict.ts';
import { type HeaderCursor, lengthText } from './header-cursor.ts';
import { countBytes, VALUE_TYPES, type ValueType } from './value-types.ts';

export type TypedValue = Pick<MetaItem, 'value' | 'type' | 'list'>;

/** Lists up to so many items are values like others: numbers for each layer, tags. */
const SHORT_LIST = 256;

/** The value of one item of metadata. Long lists are only walked over. */
export async function readValue(cursor: HeaderCursor, file: FileId, key: string): Promise<TypedValue> {
  const what = `the value of ${JSON.stringify(key)}`;
  const type = await readType(cursor, what);
  if (type === 'str') return { type, value: await readTextNode(cursor, what) };
  if (type === 'arr') return readList(cursor, file, what, { nodes: 0 }, 1);
  await cursor.fill(NUMBER_BYTES[type], what);
  return { type, value: cursor.number(type) };
}

/** A text, its length in front. */
export async function readText(
  cursor: HeaderCursor,
  what: string,
  most: number = LIMITS.ggufTextBytes,
): Promise<string> {
  await cursor.fill(countBytes(cursor.encoding), what);
  const start = cursor.place;
  const length = cursor.count();
  if (length > most && most < LIMITS.ggufTextBytes)
    throw cursor.fail(`${what} is ${lengthText(length)} bytes long, and ${most} are allowed`, start);
  await cursor.fill(cursor.checkText(length, what), what);
  return decodeText(cursor.take(length));
}

async function readTextNode(cursor: HeaderCursor, what: string): Promise<JsonNode> {
  return { kind: 'string', value: await readText(cursor, what) };
}

async function readType(cursor: HeaderCursor, what: string): Promise<ValueType> {
  await cursor.fill(4, what);
  const start = cursor.place;
  const id = cursor.u32();
  const type = VALUE_TYPES[id];
  if (!type) throw cursor.fail(`${what} has a type that does not exist, ${id}`, start);
  return type;
}

/** Items of lists within lists, all together. */
interface Budget {
  nodes: number;
}

async function readList(
  cursor: HeaderCursor,
  file: FileId,
  what: string,
  budget: Budget,
  depth: number,
): Promise<TypedValue> {
  if (depth > LIMITS.ggufNesting) throw cursor.exceed('ggufNesting', depth, `${what} has lists within lists`);
  const of = await readType(cursor, what);
  await cursor.fill(countBytes(cursor.encoding), what);
  const start = cursor.place;
  const count = cursor.count();
  // The shortest text or list is its length.
  const width =
    of === 'str' ? countBytes(cursor.encoding) : of === 'arr' ? 4 + countBytes(cursor.encoding) : NUMBER_BYTES[of];
  if (!(count * width <= cursor.left))
    throw cursor.fail(`${what} should have ${lengthText(count)} items, past the end of the file`, start);
  const type = `[${of}]`;
  if (of === 'arr') return { type, value: await readLists(cursor, file, what, count, budget, depth) };
  if (depth > 1) {
    budget.nodes += count;
    checkBudget(cursor, what, budget);
  }
  if (depth === 1 && count > SHORT_LIST) return { type, ...(await passList(cursor, file, what, of, count)) };
  const items: JsonNode[] = [];
  for (let i = 0; i < count; i++) {
    if (of !== 'str') await cursor.fill(width, what);
    items.push(of === 'str' ? await readTextNode(cursor, what) : cursor.number(of));
    if (cursor.place - start > LIMITS.ggufTextBytes)
      throw cursor.exceed('ggufTextBytes', cursor.place - start, `${what} has longer texts than any real one`);
  }
  return { type, value: { kind: 'array', items } };
}

async function readLists(
  cursor: HeaderCursor,
  file: FileId,
  what: string,
  count: number,
  budget: Budget,
  depth: number,
): Promise<JsonNode> {
  budget.nodes += count;
  checkBudget(cursor, what, budget);
  const items: JsonNode[] = [];
  for (let i = 0; i < count; i++) items.push((await readList(cursor, file, what, budget, depth + 1)).value);
  return { kind: 'array', items };
}

function checkBudget(cursor: HeaderCursor, what: string, { nodes }: Budget): void {
  if (nodes > LIMITS.ggufNestedItems)
    throw cursor.exceed('ggufNestedItems', nodes, `${what} has too many items in lists within lists`);
}

/** Only walks over the items. The check sum is part of what stands for them, so that lists that differ do not look alike. */
async function passList(
  cursor: HeaderCursor,
  file: FileId,
  what: string,
  of: Exclude<ValueType, 'arr'>,
  count: number,
): Promise<Pick<TypedValue, 'value' | 'list'>> {
  const { endian } = cursor.encoding;
  const offset = cursor.place;
  const placed = (): Pick<MetaList, 'count' | 'bytes' | 'endian'> => ({
    count,
    bytes: { file, offset, length: cursor.place - offset },
    endian,
  });
  if (of !== 'str') {
    const sum = await cursor.passNumbers(count, NUMBER_BYTES[of], what);
    return { value: told(`${count} numbers`, sum), list: { of, ...placed() } };
  }
  const { sum, marks } = await cursor.passTexts(count, what);
  const lengthBytes = countBytes(cursor.encoding);
  return { value: told(`${count} texts`, sum), list: { of: 'text', ...placed(), lengthBytes, marks } };
}

const told = (what: string, sum: number): JsonNode => ({
  kind: 'literal',
  lexeme: `${what}, CRC-32 ${sum.toString(16).padStart(8, '0')}`,
  what: 'list',
});
