import { LIMITS } from '../../base/limits.ts';
import type { KeyPath, KeySyntax, PartKind } from './key.ts';
import { wholeText } from './whole-text.ts';

/**
 * `layers.0.weight`: PyTorch, msgflux, MAX, Caten. There is no escaping, and a list position is text: `0` may be a position
 * or a name, so every part is `unknown`.
 */
export const dotted: KeySyntax = {
  id: 'dotted',
  parse(raw): KeyPath {
    const parts = raw.split('.', LIMITS.keyParts + 1);
    if (parts.length > LIMITS.keyParts) return wholeText(raw);
    return { parts, kinds: parts.map((): PartKind => 'unknown'), raw };
  },
  format: (path) => path.raw ?? path.parts.join('.'),
  recognises: (sample) => sample.length > 0 && sample.every((key) => !/[[\]()]/.test(key)),
};
