import type { KeyPath, PathPart } from '../model/keys/key.ts';
import { KEY_SYNTAXES } from '../model/keys/recognise.ts';

/**
 * The parts of a path as a loader would nest it. Flat text does not say whether 0 is a position or a name: positions are what
 * models have, so digits are taken for one. What is known to be a text stays one.
 */
export const partsOfPath = ({ parts, kinds }: KeyPath): readonly PathPart[] =>
  parts.map((part, i) => (kinds[i] === 'unknown' && isPosition(part) ? Number(part) : part));

export const splitKey = (key: string): readonly PathPart[] => partsOfPath(KEY_SYNTAXES.dotted.parse(key));

const isPosition = (part: PathPart): boolean => /^(0|[1-9]\d{0,14})$/.test(String(part));
