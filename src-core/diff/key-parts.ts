import type { KeyPath } from '../model/keys/key.ts';

/**
 * Whether parts that read the same as text are known to differ. Dotted keys do not tell a position from a name, nor a dot
 * inside a part from one between two, so beside one of them nothing differs.
 */
export function haveOtherParts(a: KeyPath, b: KeyPath): boolean {
  return !(isVague(a) || isVague(b));
}

const isVague = ({ kinds }: KeyPath): boolean => kinds.includes('unknown');
