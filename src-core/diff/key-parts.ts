import type { KeyPath } from '../model/keys/key.ts';
import type { Side } from './side.ts';

/** Whether two rows have the same parts to the letter: 0 is not "0". */
export function hasSamePath({ columns: a }: Side, rowA: number, { columns: b }: Side, rowB: number): boolean {
  const [startA, startB] = [a.pathStart[rowA]!, b.pathStart[rowB]!];
  const length = a.pathStart[rowA + 1]! - startA;
  if (b.pathStart[rowB + 1]! - startB !== length) return false;
  for (let i = 0; i < length; i++) if (a.paths[startA + i] !== b.paths[startB + i]) return false;
  return true;
}

/**
 * Whether parts that read the same as text are known to differ. Dotted keys do not tell a position from a name, nor a dot
 * inside a part from one between two, so beside one of them nothing differs.
 */
export function haveOtherParts(a: KeyPath, b: KeyPath): boolean {
  return !(isVague(a) || isVague(b));
}

const isVague = ({ kinds }: KeyPath): boolean => kinds.includes('unknown');
