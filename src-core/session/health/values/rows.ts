import { LIMITS } from '../../../base/limits.ts';
import type { Problem } from '../../../model/state-dict.ts';
import type { EntryRows } from '../../scan-rows.ts';
import type { HealthFacts } from '../facts.ts';
import type { CheckedTensor } from './checked-tensor.ts';

const SHOWN = 6;
/** A row of one or two numbers may well be zero, or like another. */
const LENGTH_MIN = 4;

/** Whether rows are worth a second look: there are zeros enough for a dead one, or the tensor is so small that it costs nothing. */
export function mayHaveOddRows({ isWeight, shape, stats, rowLength, bytes }: CheckedTensor): boolean {
  const isMatrix = isWeight && shape.length > 1 && (shape[0] as number) > 1 && rowLength >= LENGTH_MIN;
  if (!isMatrix || stats.min === stats.max) return false;
  return stats.zeros >= rowLength || bytes <= LIMITS.rowCheckBytes;
}

/** Rows of zeros and rows that occur twice. Tables of embeddings have both: padding, and tokens that never occurred. */
export function* judgeRows(facts: HealthFacts, tensor: CheckedTensor, rows: EntryRows): Iterable<Problem> {
  const { tree } = facts;
  const { key, shape, row } = tensor;
  const count = shape[0] as number;
  if (tree.kinds[tree.kind[tree.parent[tensor.node]!]!] === 'Embedding' || /embed|wte|wpe|shared|token/i.test(key))
    return;
  const { dead } = rows;
  const tail = countTail(dead, count);
  if (tail === dead.length && tail >= 2 && tail * 8 >= count) {
    yield {
      code: 'zero-tail',
      severity: 'warning',
      message: `${key} is zero from row ${count - tail} of ${count} to its end.`,
      advice:
        'A download or copy that stopped leaves such zeros in a file of full length. Compare its hash with the original.',
      entry: row,
    };
  } else if (dead.length > 0) {
    yield {
      code: 'dead-rows',
      severity: 'note',
      message: `${dead.length} of ${count} rows of ${key} hold nothing but zeros: ${list(dead)}.`,
      advice:
        'These outputs are dead. Pruning leaves them on purpose; otherwise they are capacity that is paid for and not used.',
      entry: row,
    };
  }
  const [group] = rows.duplicates;
  if (!group) return;
  const more = rows.duplicates.length > 1 ? `, and ${rows.duplicates.length - 1} more groups` : '';
  yield {
    code: 'duplicate-rows',
    severity: 'note',
    message: `Rows ${list(group)} of ${key} are equal${more}.`,
    advice:
      'Equal rows compute the same. That is meant where heads were repeated; otherwise they were initialised alike and stay so.',
    entry: row,
  };
}

/** Dead rows in one run at the end. */
function countTail(dead: readonly number[], count: number): number {
  let tail = 0;
  while (tail < dead.length && dead[dead.length - 1 - tail] === count - 1 - tail) tail++;
  return tail;
}

const list = (rows: readonly number[]): string =>
  rows.slice(0, SHOWN).join(', ') + (rows.length > SHOWN ? ` and ${rows.length - SHOWN} more` : '');
