import { LIMITS } from '../../base/limits.ts';
import type { KeyPath, KeySyntax, PartKind } from './key.ts';
import { wholeText } from './whole-text.ts';

/**
 * `target/decoder/layers_0/mlp/wi/kernel`: Flax and t5x trees that were flattened with `sep='/'`, Keras, TensorFlow. Parts are keys of
 * dictionaries, and a dot is a part of them.
 */
export const slashSeparated: KeySyntax = {
  id: 'slash-separated',
  parse(raw): KeyPath {
    const parts = raw.split('/', LIMITS.keyParts + 1);
    if (parts.length > LIMITS.keyParts) return wholeText(raw);
    return { parts, kinds: parts.map((): PartKind => 'key'), raw };
  },
  format: (path) => path.raw ?? path.parts.join('/'),
  recognises: (sample) => sample.some((key) => key.includes('/')) && sample.every((key) => !key.includes('.')),
};
